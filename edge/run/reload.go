package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/worker"
	"github.com/sundog-edge/sundog/edge/world"
)

// Reloaded is what came of reading the world's files again.
type Reloaded struct {
	edge.Reloaded
	Errors   world.Errors    // not nil: the world from before serves on
	Again    bool            // these errors were told already, and nothing else happened
	Mended   bool            // the files had errors the last time
	Findings []world.Finding // that the last world did not have
	Took     time.Duration
}

// byHand is how files are read again that are not watched.
const byHand = "send SIGHUP, or POST /v1/reload to the admin port"

// Quiet tells whether there is nothing to tell.
func (r Reloaded) Quiet() bool {
	if r.Errors != nil {
		return r.Again
	}
	return !r.Mended && len(r.Changed())+len(r.Fell)+len(r.Aside)+len(r.Exposed)+len(r.Findings) == 0
}

// Changed are the changes without those of documents that merely stand elsewhere now.
func (r Reloaded) Changed() []world.Change {
	return slices.DeleteFunc(slices.Clone(r.Changes), world.Change.Moved)
}

// Stale is "config stale: 2 errors"; empty when the files have none.
func (r Reloaded) Stale() string {
	switch len(r.Errors) {
	case 0:
		return ""
	case 1:
		return "config stale: 1 error"
	}
	return fmt.Sprintf("config stale: %d errors", len(r.Errors))
}

// FellInWords are the edits that hold no more, and why.
func (r Reloaded) FellInWords() (lines []string) {
	for _, c := range r.Fell {
		lines = append(lines, fellInWords(c))
	}
	for _, a := range r.Aside {
		title := "the deletion of " + a.Edit.Delete.String()
		if a.Edit.Put != nil {
			title = "the edit of " + a.Edit.Put.Title()
		}
		lines = append(lines, title+" is set aside, since it does not compile beside the files: "+a.Why.Error())
	}
	return lines
}

func fellInWords(c world.Change) string {
	switch {
	case c.Old == nil && c.New == nil:
		return "the deletion of " + c.Key.String() + " fell: the files have it no more"
	case c.Old == nil:
		return "the deletion of " + c.New.Title() + " fell: the files changed it at " + c.New.Mark.String()
	case c.New == nil:
		return "the edit of " + c.Old.Title() + " fell: the files removed it"
	}
	return "the edit of " + c.Old.Title() + " fell: the files changed it at " + c.New.Mark.String()
}

// Wire is the form of the admin port and of JSON output.
func (r Reloaded) Wire() admin.Reload {
	w := admin.Reload{OK: r.Errors == nil, Error: r.Stale(), Changes: []string{}, Fell: r.FellInWords(), TookMS: float64(r.Took.Microseconds()) / 1000}
	for _, e := range r.Errors {
		w.Errors = append(w.Errors, e.Error())
	}
	for _, c := range r.Changed() {
		w.Changes = append(w.Changes, c.String())
	}
	for _, x := range r.Exposed {
		w.Public = append(w.Public, admin.Public{URL: x.URL, Was: x.Was})
	}
	for _, f := range r.Findings {
		w.Findings = append(w.Findings, f.String())
	}
	return w
}

// Reload reads the world's files again and serves what they say. When they have errors, the
// world from before serves on, and every answer says so until they are mended. A file that is
// gone or empty is taken as meant, as it is not when the watch alone sees it.
func (s *Session) Reload() Reloaded {
	w, err := world.Load(s.Path)
	return s.take(w, err, true)
}

func (s *Session) reloadAsked(context.Context) admin.Reload { return s.Reload().Wire() }

// take makes a world that was loaded the one that is served, if it can be.
func (s *Session) take(w *world.World, err error, meant bool) Reloaded {
	s.reloading.Lock()
	r := s.takeLocked(w, err, meant)
	s.watched.follow(union(s.watching, s.sources))
	s.reloading.Unlock()
	s.Edge.Rebuild()
	if s.told != nil {
		s.told(r)
	}
	return r
}

func (s *Session) takeLocked(w *world.World, err error, meant bool) (r Reloaded) {
	begin := s.now()
	if err == nil && !meant {
		err = s.doubt(w)
	}
	if err == nil {
		r.Reloaded, err = s.Edge.Reload(w)
	}
	if err != nil {
		r.Errors = asErrors(err)
		r.Again = s.last == r.Errors.Error()
		s.last = r.Errors.Error()
		s.Edge.MarkStale(r.Errors)
		// Until they are mended, what the old world was made of counts too.
		s.watching = union(s.watching, w.Watched())
		r.Took = s.now().Sub(begin)
		return r
	}
	r.Mended, s.last = s.last != "", ""
	before := s.current.Findings()
	for _, f := range w.Findings() {
		if !slices.ContainsFunc(before, func(old world.Finding) bool { return old.Text == f.Text }) {
			r.Findings = append(r.Findings, f)
		}
	}
	s.current, s.watching = w, w.Watched()
	s.renew(w)
	r.Took = s.now().Sub(begin)
	return r
}

// renew tells commands that start from now on what the world has.
func (s *Session) renew(w *world.World) {
	s.insideMu.Lock()
	defer s.insideMu.Unlock()
	s.inside.of(w)
	if err := errors.Join(s.inside.credentials(s.Edge), s.inside.write(s.dir)); err != nil {
		s.Edge.Log().Warn("commands do not learn of the new world", "error", err)
	}
}

// doubt is for what nobody asked to be taken: a file that is gone or empty is more often one
// that is being replaced, and to serve without it may open what it closed.
func (s *Session) doubt(w *world.World) error {
	var errs world.Errors
	replaced := false // by a file of another name
	was := s.current.Files()
	for _, path := range w.Files() {
		replaced = replaced || !slices.Contains(was, path)
	}
	doubt := func(path, found, hint string) {
		errs = append(errs, &world.Error{Mark: world.Mark{File: path}, Found: found + "; the world from before serves on", Hint: hint})
	}
	read, wanted := w.Files(), w.Watched()
	for _, path := range was {
		if replaced || slices.Contains(read, path) || !slices.Contains(wanted, path) {
			continue
		}
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			doubt(path, "the file was deleted", "put it back, or, to go on without it, "+byHand)
		} else {
			doubt(path, "the file has nothing of what it had, as one that is being written", "mend it, or, to go on without it, "+byHand)
		}
	}
	blank := s.current.Blank()
	for _, path := range w.Blank() {
		if slices.Contains(was, path) && !slices.Contains(blank, path) {
			doubt(path, "the file is empty, as one that is being written", "write something into it, a comment is enough, or, to take it as it is, "+byHand)
		}
	}
	if errs == nil {
		return nil
	}
	return errs
}

func asErrors(err error) world.Errors {
	var errs world.Errors
	if errors.As(err, &errs) {
		return errs
	}
	return world.Errors{{Found: err.Error()}}
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(slices.Clip(a), s)
		}
	}
	return a
}

// built is told what the code of the world was made of.
func (s *Session) built(r worker.Report) {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	s.sources = nil
	for _, o := range r.Workers {
		s.sources = union(s.sources, o.Inputs)
	}
	s.watched.follow(union(s.watching, s.sources))
}
