package bundle

import (
	"os"
	"path/filepath"
	"slices"
)

// inputs are the files that were seen, and those beside and above them that have a say in how they
// are read. Above a package's own package.json no other counts.
func (j *job) inputs() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	all := map[string]bool{}
	dirs := map[string]bool{}
	for file := range j.seen {
		all[file] = true
		dirs[filepath.Dir(file)] = true
	}
	if j.config.File != "" {
		dirs[j.dir] = true
	}
	for _, name := range []string{"package.json", "tsconfig.json"} {
		visited := map[string]bool{}
		for dir := range dirs {
			for !visited[dir] {
				visited[dir] = true
				file := filepath.Join(dir, name)
				if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
					all[file] = true
					break
				}
				up := filepath.Dir(dir)
				if up == dir || filepath.Base(dir) == "node_modules" {
					break
				}
				dir = up
			}
		}
	}
	if t := j.config.Bundling.TSConfig; t != "" {
		all[j.absolute(t)] = true
	}
	list := make([]string, 0, len(all))
	for file := range all {
		list = append(list, file)
	}
	slices.Sort(list)
	return list
}
