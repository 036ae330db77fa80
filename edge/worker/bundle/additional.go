package bundle

import (
	"encoding/json"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/internal/lazyregexp"
)

// base is where the modules of find_additional_modules lie, and their names start.
func (j *job) base() string {
	if dir := j.config.Bundling.BaseDir; dir != "" {
		abs := j.absolute(dir)
		if real, err := filepath.EvalSymlinks(abs); err == nil {
			abs = real
		}
		return abs
	}
	return filepath.Dir(j.main)
}

// findAdditional takes every file below the base directory that a rule names.
func (j *job) findAdditional() (problems []Problem) {
	base := j.base()
	j.found = map[string]string{}
	err := filepath.WalkDir(base, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".wrangler" || d.Name() == ".git" {
				return filepath.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(base, file)
		if err != nil || file == j.main || file == filepath.Join(j.dir, j.config.File) {
			return err
		}
		name := filepath.ToSlash(rel)
		for _, r := range j.rules {
			if r.shadowed || !r.files.MatchString(name) {
				continue
			}
			content, err := readFile(file)
			if err != nil {
				problems = append(problems, Problem{File: j.place(file), Path: file, Text: err.Error()})
				return nil
			}
			j.see(file)
			j.found[file] = name
			j.modules[name] = version.Module{Name: name, Kind: r.kind, Content: content}
			return nil
		}
		return nil
	})
	if err != nil {
		problems = append(problems, Problem{File: j.place(base), Path: base, Text: err.Error(), Hint: `"base_dir" of the wrangler file names the folder`})
	}
	return problems
}

// withoutBundling takes the files as they are.
func (j *job) withoutBundling() (*Result, error) {
	problems := j.prepare()
	content, err := readFile(j.main)
	if err != nil {
		problems = append(problems, Problem{File: j.place(j.main), Path: j.main, Text: err.Error()})
	}
	switch filepath.Ext(j.main) {
	case ".ts", ".tsx", ".mts", ".jsx":
		problems = append(problems, Problem{
			File: j.place(j.main), Path: j.main,
			Text: "with no_bundle the main module has to be JavaScript",
			Hint: `take "no_bundle" out, or name what your own build writes as "main"`,
		})
	}
	name, err := filepath.Rel(j.base(), j.main)
	if err != nil || strings.HasPrefix(name, "..") {
		problems = append(problems, Problem{
			File: j.place(j.main), Path: j.main,
			Text: "the main module is not below base_dir, " + j.place(j.base()),
		})
	}
	if problems != nil {
		return &Result{Inputs: j.inputs()}, Errors(problems)
	}
	parsed := api.Build(api.BuildOptions{
		EntryPoints: []string{j.main}, AbsWorkingDir: j.dir, Outfile: filepath.Join(j.dir, j.mainName()), AllowOverwrite: true,
		Format: api.FormatDefault, Target: api.ESNext, Metafile: true, LogLevel: api.LogLevelSilent,
		TsconfigRaw: "{}",
	})
	sourceMap := j.sourceMapOf(content)
	r := &Result{Inputs: j.inputs(), Warnings: j.problems(parsed.Warnings)}
	errs := Errors(j.problems(parsed.Errors))
	var exports []string
	if len(errs) == 0 {
		var meta metafile
		if err := json.Unmarshal([]byte(parsed.Metafile), &meta); err != nil {
			return nil, err
		}
		var format string
		exports, format = meta.entry()
		errs = j.check(exports, format)
	}
	if len(errs) > 0 {
		return r, errs
	}
	v := j.config.Version
	v.Modules = append([]version.Module{{Name: filepath.ToSlash(name), Kind: version.ESModule, Content: content}}, j.extra()...)
	v.Exports, v.SourceMap = exports, sourceMap
	r.Version = &v
	return r, nil
}

var sourceMapComment = lazyregexp.New(`(?m)^//# sourceMappingURL=([^\s:]+)\s*$`)

// sourceMapOf is the file that the last comment of a module names; nil: there is none.
func (j *job) sourceMapOf(code []byte) []byte {
	all := sourceMapComment.FindAllSubmatch(code, -1)
	if len(all) == 0 {
		return nil
	}
	file := filepath.Join(filepath.Dir(j.main), filepath.FromSlash(string(all[len(all)-1][1])))
	content, err := readFile(file)
	if err != nil || !json.Valid(content) {
		return nil
	}
	j.see(file)
	return content
}
