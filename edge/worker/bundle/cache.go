package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// entryForm is what an entry begins with; another form has another name.
const entryForm = "sundog bundle 1\n"

// An input that changed less than trustAfter before it was looked at is compared by content the next time, as file
// systems count time in steps. One that changed after the build had begun, or as much as slack before, may not be
// what was built.
const (
	trustAfter = 2 * time.Second
	slack      = 50 * time.Millisecond
)

// cached is a build as it is kept on disk. The bindings of the Worker are not: the config has them.
type cached struct {
	Key      string
	Modules  []cachedModule
	Map      int // bytes of the source map; -1: there is none
	Exports  []string
	Warnings []Problem
	Inputs   []cachedInput
	Folders  []cachedFolder // those of the user's own inputs, for a file that comes into one
}

type cachedModule struct {
	Name string
	Kind version.Kind
	Size int
}

type cachedInput struct {
	Name string
	Size int64
	Time int64 // modification, Unix nanoseconds; 0: the content says
	Sum  string
}

type cachedFolder struct{ Name, Sum string }

// program tells one build of this code from another.
var program = sync.OnceValue(func() string {
	var b strings.Builder
	if info, ok := debug.ReadBuildInfo(); ok {
		b.WriteString(info.String())
	}
	if path, err := os.Executable(); err == nil {
		if info, err := os.Stat(path); err == nil {
			fmt.Fprintln(&b, path, info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String()
})

// cacheKey is the name of a project's entry: all that a build depends on beside its inputs. Values of bindings have
// no say in it.
func (b *Builder) cacheKey(j *job) string {
	type class struct{ Name, Class, Script, At string }
	var classes []class
	for _, c := range j.config.Version.Bindings {
		if c.Type == "durable_object_namespace" {
			classes = append(classes, class{c.Name, c.ClassName, c.ScriptName, c.At})
		}
	}
	c := j.config
	h := sha256.New()
	err := json.NewEncoder(h).Encode([]any{
		entryForm, program(), b.NodeEnv, b.Conditions, j.dir, j.main, j.entry, c.File, c.Env, c.Name, c.Bundling,
		c.Version.CompatibilityDate, c.Version.CompatibilityFlags, c.Version.Classes, classes,
	})
	if err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

// load is the kept result of a job; nil: there is none that still holds.
func (b *Builder) load(j *job, key string) *Result {
	if key == "" || CheckCache(b.Cache) != nil {
		return nil
	}
	all, err := readEntry(filepath.Join(b.Cache, key))
	if err != nil {
		return nil
	}
	var c cached
	head, blobs, ok := openEntry(all)
	if !ok || json.Unmarshal(head, &c) != nil || c.Key != key {
		return nil
	}
	for _, f := range c.Folders {
		if listing(f.Name) != f.Sum {
			return nil
		}
	}
	r := &Result{Warnings: c.Warnings, Cached: true}
	for _, in := range c.Inputs {
		if !in.holds() {
			return nil
		}
		r.Inputs = append(r.Inputs, in.Name)
	}
	v := j.config.Version
	v.Exports, v.Modules, v.SourceMap = c.Exports, nil, nil
	take := func(n int) (part []byte) {
		if ok = ok && n >= 0 && n <= len(blobs); ok {
			part, blobs = blobs[:n:n], blobs[n:]
		}
		return part
	}
	for _, m := range c.Modules {
		v.Modules = append(v.Modules, version.Module{Name: m.Name, Kind: m.Kind, Content: take(m.Size)})
	}
	if c.Map >= 0 {
		v.SourceMap = take(c.Map)
	}
	if !ok || len(v.Modules) == 0 {
		return nil
	}
	r.Version = &v
	return r
}

// save keeps a result that was built from begun on. What cannot be kept is not.
func (b *Builder) save(key string, r *Result, begun time.Time) {
	if key == "" || CheckCache(b.Cache) != nil {
		return
	}
	v := r.Version
	c := cached{Key: key, Exports: v.Exports, Warnings: r.Warnings, Map: -1}
	var blobs bytes.Buffer
	for _, m := range v.Modules {
		c.Modules = append(c.Modules, cachedModule{m.Name, m.Kind, len(m.Content)})
		blobs.Write(m.Content)
	}
	if v.SourceMap != nil {
		c.Map = len(v.SourceMap)
		blobs.Write(v.SourceMap)
	}
	folders := map[string]bool{}
	for _, name := range r.Inputs {
		in, ok := look(name, begun)
		if !ok {
			return
		}
		c.Inputs = append(c.Inputs, in)
		dir := filepath.Dir(name)
		if folders[dir] || slices.Contains(strings.Split(filepath.ToSlash(dir), "/"), "node_modules") {
			continue
		}
		folders[dir] = true
		c.Folders = append(c.Folders, cachedFolder{dir, listing(dir)})
	}
	head, err := json.Marshal(c)
	if err != nil {
		return
	}
	writeEntry(b.Cache, key, sealEntry(head, blobs.Bytes()))
}

// look says what an input is; false: it is not surely what was built from begun on.
func look(name string, begun time.Time) (in cachedInput, ok bool) {
	content, err := os.ReadFile(name)
	if err != nil {
		return in, false
	}
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() != int64(len(content)) || info.ModTime().After(begun.Add(-slack)) {
		return in, false
	}
	in = cachedInput{Name: name, Size: info.Size(), Sum: sum(content)}
	if info.ModTime().Before(begun.Add(-trustAfter)) {
		in.Time = info.ModTime().UnixNano()
	}
	return in, true
}

// holds says whether an input is as it was.
func (in cachedInput) holds() bool {
	info, err := os.Stat(in.Name)
	if err != nil || !info.Mode().IsRegular() || info.Size() != in.Size {
		return false
	}
	if in.Time != 0 && info.ModTime().UnixNano() == in.Time {
		return true
	}
	content, err := os.ReadFile(in.Name)
	return err == nil && sum(content) == in.Sum
}

func sum(content []byte) string {
	s := sha256.Sum256(content)
	return hex.EncodeToString(s[:])
}

// listing stands for the names in a folder.
func listing(dir string) string {
	f, err := os.Open(dir)
	if err != nil {
		return ""
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return ""
	}
	slices.Sort(names)
	return sum([]byte(strings.Join(names, "\x00")))
}
