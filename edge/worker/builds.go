package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"os"
	"runtime"
	"sync"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
)

// build is what was made of a Worker's project.
type build struct {
	Built
	err error
	key string // digest of the project and of its inputs' content
}

// builds keeps the last one of every project, so that what did not change is not built again. The zero value has none.
type builds struct {
	last map[string]build // by name of the Worker
}

// all builds the projects of a set, several at a time.
func (b *builds) all(ctx context.Context, o *Options, set Set) []build {
	done := make([]build, len(set.Workers))
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for i := range set.Workers {
		w := &set.Workers[i]
		if w.Go != nil || w.URL != "" {
			continue
		}
		if w.Pages == nil && w.Project == nil {
			done[i].Version = w.Version
			if w.Version == nil {
				done[i].err = fmt.Errorf("Worker %s has no code: no project, no version, no dev server", w.Name)
			}
			continue
		}
		last := b.last[w.Name]
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if w.Project != nil && w.Pages == nil && last.key != "" && last.key == keyOf(w.Project, last.Inputs) {
				done[i] = last
				return
			}
			done[i] = one(ctx, o, w)
		})
	}
	all.Wait()
	if b.last == nil {
		b.last = map[string]build{}
	}
	for i, w := range set.Workers {
		if delete(b.last, w.Name); done[i].key != "" {
			b.last[w.Name] = done[i]
		}
	}
	return done
}

// only forgets the projects that a set does not have.
func (b *builds) only(set Set) {
	names := map[string]bool{}
	for i := range set.Workers {
		names[set.Workers[i].Name] = true
	}
	maps.DeleteFunc(b.last, func(name string, _ build) bool { return !names[name] })
}

func one(ctx context.Context, o *Options, w *Worker) (d build) {
	var made *Built
	if w.Pages != nil {
		made, d.err = o.BuildPages(ctx, w.Pages)
	} else {
		made, d.err = o.Build(ctx, w.Project)
	}
	if made != nil {
		d.Built = *made
	}
	if d.err == nil && d.Version == nil {
		d.err = fmt.Errorf("the build of %s gave no version", w.Name)
	}
	if d.err == nil && !d.Cached && w.Project != nil && w.Pages == nil {
		d.key = keyOf(w.Project, d.Inputs)
	}
	return d
}

// keyOf is empty when an input cannot be read, as then nothing can be said.
func keyOf(p *wrangler.Config, inputs []string) string {
	h := sha256.New()
	if json.NewEncoder(h).Encode(p) != nil {
		return ""
	}
	for _, b := range p.Version.Bindings { // the place is not in the JSON
		fmt.Fprintln(h, b.Name, b.At)
	}
	for _, name := range inputs {
		content, err := os.ReadFile(name)
		if err != nil {
			return ""
		}
		part(h, name, content)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func part(h hash.Hash, name string, content []byte) {
	fmt.Fprintf(h, "%d %s %d ", len(name), name, len(content))
	h.Write(content)
}

// digest names a set of files.
func digest(files []version.File) string {
	h := sha256.New()
	for _, f := range files {
		part(h, f.Path, f.Content)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
