package worker

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/go-sourcemap/sourcemap"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/internal/lazyregexp"
)

// sources leads from places in the main module to places in the user's files.
type sources struct {
	module string

	mu     sync.Mutex
	lookup *sourcemap.Consumer // nil: there is no map, or none that can be read; guarded by mu, as it reads on when it is asked
}

func sourcesOf(v *version.Version) *sources {
	s := &sources{}
	if v == nil || len(v.Modules) == 0 {
		return s
	}
	s.module = v.Modules[0].Name
	if len(v.SourceMap) > 0 {
		s.guarded(func() { s.lookup, _ = sourcemap.Parse("", v.SourceMap) }) // without one, places stay as they are
	}
	return s
}

// guarded runs f, and does without the map when it is one that the library cannot bear: it was uploaded.
func (s *sources) guarded(f func()) {
	defer func() {
		if recover() != nil {
			s.lookup = nil
		}
	}()
	f()
}

// maps are those of a version that runs.
func (e *Engine) maps(worker, id string) *sources {
	if n := e.state.Load().entries[worker]; n != nil {
		if n.main != nil && n.main.unit.id() == id {
			return n.main.sources()
		}
		if t := n.versions[id]; t != nil {
			return t.sources()
		}
	}
	return &sources{}
}

func (s *sources) place(f Frame) Frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lookup == nil || f.File != s.module {
		return f
	}
	s.guarded(func() {
		// V8 counts columns from one, source maps from zero.
		if file, _, line, column, ok := s.lookup.Source(f.Line, f.Column-1); ok {
			f.File, f.Line, f.Column = file, line, column+1
		}
	})
	return f
}

var frame = lazyregexp.New(`^\s*at (?:(.+?) \()?(.+?):(\d+):(\d+)\)?$`)

// frames reads a stack as V8 writes it.
func (s *sources) frames(stack string) (list []Frame) {
	for line := range strings.Lines(stack) {
		m := frame.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if m == nil {
			continue
		}
		f := Frame{Function: m[1], File: m[2]}
		f.Line, _ = strconv.Atoi(m[3])
		f.Column, _ = strconv.Atoi(m[4])
		list = append(list, s.place(f))
	}
	return list
}

// ofStart is a place in what the runtime says of a refused start: "  at index.js:4:1" and "  at index.js:3:22 in f".
var ofStart = lazyregexp.New(`(?m)^(\s+at )(.+?):(\d+):(\d+)( in .*)?$`)

// mapped leads the places in a refusal to the user's files.
func mapped(v *version.Version, text string) string {
	s := sourcesOf(v)
	return ofStart.ReplaceAllStringFunc(text, func(line string) string {
		m := ofStart.FindStringSubmatch(line)
		f := Frame{File: m[2]}
		f.Line, _ = strconv.Atoi(m[3])
		f.Column, _ = strconv.Atoi(m[4])
		f = s.place(f)
		return fmt.Sprintf("%s%s:%d:%d%s", m[1], f.File, f.Line, f.Column, m[5])
	})
}
