package run

import (
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/sundog-edge/sundog/edge/world"
)

const (
	// quietFor is how long files are left alone before they are read again, so that several
	// writes, or the steps of an editor that replaces a file, are one change.
	quietFor = 50 * time.Millisecond
	// restless is how many times as long files that never rest are waited for.
	restless = 10
	// patience is how many times as long the rest of a half-written file is waited for.
	patience = 10
	// granularity is what a file's time of change may be wrong by.
	granularity = 2 * time.Second
)

// watch reads the world's files again when they change. A nil one does nothing.
type watch struct {
	session *Session
	files   *fsnotify.Watcher
	quiet   time.Duration
	warn    func(folder string, err error)

	paths chan []string // the newest files to watch
	stop  chan struct{}
	done  chan struct{}

	// What follows is the loop's.
	folders map[string]bool // watched
	refused map[string]bool // folders that cannot be
	names   map[string]bool // entries of them that matter
}

// watch begins, and ends with the session. begun is when the files were read first. Where files
// cannot be watched it says so, and that is all.
func (s *Session) watch(o Options, begun time.Time) {
	files, err := fsnotify.NewWatcher()
	if err != nil {
		o.Log.Warn("files are not watched", "error", err, "mend", "after an edit, "+byHand)
		return
	}
	w := &watch{
		session: s, files: files, quiet: o.Quiet,
		paths: make(chan []string, 1), stop: make(chan struct{}), done: make(chan struct{}),
		folders: map[string]bool{}, refused: map[string]bool{},
	}
	if w.quiet <= 0 {
		w.quiet = quietFor
	}
	w.warn = func(folder string, err error) {
		o.Log.Warn("the folder "+folder+" is not watched", "error", err, "mend", "after an edit there, "+byHand)
	}
	w.set(s.watching)
	s.watched = w
	s.defers(func() error {
		close(w.stop)
		<-w.done
		return files.Close()
	})
	go w.run(changedSince(s.World, begun.Add(-granularity)))
}

// follow says which files to watch from now on.
func (w *watch) follow(paths []string) {
	if w == nil {
		return
	}
	select {
	case <-w.paths: // nobody took the last ones
	default:
	}
	select {
	case w.paths <- paths:
	default: // somebody else brought newer ones
	}
}

// run waits for changes. At once means that the files may have changed before they were watched.
func (w *watch) run(atOnce bool) {
	defer close(w.done)
	rest, late := stopped(), stopped() // since the last change, and since the first
	defer rest.Stop()
	defer late.Stop()
	waiting, patient := false, false
	changed := func() {
		rest.Reset(w.quiet)
		if !waiting {
			waiting = true
			late.Reset(restless * w.quiet)
		}
	}
	read := func() {
		rest.Stop()
		late.Stop()
		waiting = false
		next, err := world.Load(w.session.Path)
		if !patient && err == nil && w.session.halfWritten(next) {
			patient = true
			rest.Reset(patience * w.quiet)
			return
		}
		patient = false
		w.session.take(next, err, false)
	}
	if atOnce {
		changed()
	}
	for {
		select {
		case <-w.stop:
			return
		case event, ok := <-w.files.Events:
			if ok && w.concerns(event) {
				patient = false
				changed()
			}
		case _, ok := <-w.files.Errors: // of which the usual one is that events were lost
			if ok {
				changed()
			}
		case paths := <-w.paths:
			if w.set(paths) {
				changed() // what happened in a folder before it was watched is not known
			}
		case <-rest.C:
			read()
		case <-late.C:
			read()
		}
	}
}

func stopped() *time.Timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}

// set watches the folders in which the paths, and the links on the way to them, lie. It tells
// whether one is new.
func (w *watch) set(paths []string) (added bool) {
	folders := map[string]bool{}
	w.names = map[string]bool{}
	for _, path := range paths {
		in, names := entries(path)
		for _, folder := range in {
			folders[folder] = true
		}
		for _, name := range names {
			w.names[folded(name)] = true
		}
	}
	for folder := range w.folders {
		if !folders[folder] {
			w.files.Remove(folder) // an error means that it is gone
		}
	}
	for folder := range folders {
		if err := w.files.Add(folder); err != nil {
			delete(folders, folder)
			if !w.refused[folder] {
				w.refused[folder] = true
				w.warn(folder, err)
			}
			continue
		}
		added = added || !w.folders[folder]
	}
	w.folders = folders
	return added
}

// concerns tells whether a change is one of the files, or of what leads to them.
func (w *watch) concerns(e fsnotify.Event) bool {
	if w.folders[e.Name] && (e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename)) {
		delete(w.folders, e.Name) // another folder may come in its place
		w.files.Remove(e.Name)    // the watch of a folder that was renamed goes on; else an error says that it ended
		return true
	}
	if e.Op == fsnotify.Chmod && w.session.Edge.Stale() == nil {
		return false // indexers and virus scanners do this, and it changes nothing
	}
	return w.names[folded(e.Name)]
}

// halfWritten tells whether a file ends in the middle of a line, which it did not before.
func (s *Session) halfWritten(w *world.World) bool {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	before := s.current.Unended()
	for _, path := range w.Unended() {
		if slices.Contains(s.current.Files(), path) && !slices.Contains(before, path) {
			return true
		}
	}
	return false
}
