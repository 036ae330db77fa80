package bundle

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/sundog-edge/sundog/edge/worker/wrangler"
)

// Exports are the names that each of the files, absolute, exports by itself; what "export * from"
// adds is not among them. Each file is read alone: its imports need not be there. An error is Errors.
func Exports(dir string, files []string) (map[string][]string, error) {
	j := &job{config: &wrangler.Config{}, dir: dir, mu: new(sync.Mutex)}
	entries := make([]api.EntryPoint, len(files))
	for i, f := range files {
		entries[i] = api.EntryPoint{InputPath: f, OutputPath: strconv.Itoa(i)}
	}
	built := api.Build(api.BuildOptions{
		EntryPointsAdvanced: entries, AbsWorkingDir: dir, Outdir: dir,
		Format: api.FormatDefault, Target: api.ES2024, Metafile: true, LogLevel: api.LogLevelSilent,
		Supported: map[string]bool{"import-source": true, "using": true},
		Loader:    map[string]api.Loader{".js": api.LoaderJSX, ".mjs": api.LoaderJSX, ".cjs": api.LoaderJSX},
	})
	if len(built.Errors) > 0 {
		return nil, Errors(j.problems(built.Errors))
	}
	var meta metafile
	if err := json.Unmarshal([]byte(built.Metafile), &meta); err != nil {
		return nil, err
	}
	all := make(map[string][]string, len(files))
	for i, f := range files {
		out := meta.Outputs[strconv.Itoa(i)+".js"]
		slices.Sort(out.Exports)
		all[filepath.Clean(f)] = out.Exports
	}
	return all, nil
}
