package worker

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/workerd"
	"github.com/sundog-edge/sundog/internal/leftover"
)

// Engine runs Workers. Its methods may be called from any goroutine.
type Engine struct {
	opts    Options
	mark    string // begins the front Worker's word, and makes the names of headers; no Worker knows it
	unlucky error  // of Options.Rand
	events  events
	thrown  thrown
	buffers buffers

	less    atomic.Bool   // the tail tells what logged or threw alone
	crashes atomic.Int64  // in a row, without a process that lived for a while between them
	bound   time.Duration // of a start
	telling time.Duration // of the tail that says what a Worker threw

	status atomic.Pointer[[]Status]
	state  atomic.Pointer[state]
	coming atomic.Pointer[coming]

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup // goroutines that end with ctx or with their process

	mu        sync.Mutex // one change at a time; guards what is below
	dir       string     // private; empty until it is needed
	release   func()     // lets others remove it
	swept     bool
	storage   string
	binary    string
	number    int // of the last generation
	good      map[string]*version.Version
	builds    builds
	endpoints *endpoints
	waiting   *workerd.Waiting // for its config; nil: none does
}

// startBound is how long a process may take until it listens: fifty Workers take half a second.
const startBound = 15 * time.Second

// coming is a set that is being applied.
type coming struct {
	names map[string]bool
	done  chan struct{}
}

// New makes an engine. It starts nothing, and needs no workerd until [Engine.Apply] has code to run.
func New(opts Options) *Engine {
	opts.defaults()
	e := &Engine{opts: opts, events: events{tell: opts.OnEvent}, good: map[string]*version.Version{}, bound: startBound, telling: thrownBound}
	var mark [16]byte
	_, e.unlucky = io.ReadFull(e.opts.Rand, mark[:])
	e.mark = hex.EncodeToString(mark[:]) + " "
	e.ctx, e.cancel = context.WithCancel(context.Background())
	e.state.Store(&state{})
	return e
}

// prepare makes the private folder.
func (e *Engine) prepare() error {
	if err := e.ctx.Err(); err != nil {
		return errClosed
	}
	if e.unlucky != nil {
		return e.unlucky
	}
	if e.dir != "" {
		return nil
	}
	dir, err := os.MkdirTemp("", folderPrefix)
	if err == nil && len(dir) > maxDir {
		os.Remove(dir)
		dir, err = os.MkdirTemp("/tmp", folderPrefix)
	}
	if err != nil {
		return fmt.Errorf("private folder for the sockets of workerd: %w", err)
	}
	if e.release, err = leftover.Hold(dir); err != nil {
		e.release = func() {} // it is not removed for us, if we cannot
	}
	e.dir, e.storage = dir, e.opts.Dir
	if e.storage == "" {
		e.storage = filepath.Join(dir, "storage")
	}
	if e.storage, err = filepath.Abs(e.storage); err != nil {
		return err
	}
	e.endpoints = newEndpoints(dir, e.intake)
	e.endpoints.server.ErrorLog = slog.NewLogLogger(e.opts.Log.Handler(), slog.LevelError)
	return nil
}

// folderPrefix begins the names of the private folders of all engines.
const folderPrefix = "sundog-"

// sweep removes the folders of engines that were killed, once there is time.
func (e *Engine) sweep() {
	if !e.swept {
		e.swept = true
		place := filepath.Dir(e.dir)
		e.work.Go(func() { leftover.Sweep(place, folderPrefix) })
	}
}

// maxDir keeps the names of sockets below the 104 bytes that the shortest system has for one.
const maxDir = 80

// find looks for the binary once; one that was not found is looked for again the next time.
func (e *Engine) find(set Set) error {
	if e.binary != "" {
		return nil
	}
	if e.opts.Workerd != "" {
		if _, err := os.Stat(e.opts.Workerd); err != nil {
			return fmt.Errorf("workerd: %w", err)
		}
		e.binary = e.opts.Workerd
		return nil
	}
	var folders []string
	for i := range set.Workers {
		if p := set.Workers[i].Project; p != nil && p.Dir != "" {
			folders = append(folders, p.Dir)
		}
	}
	if e.opts.Folder != "" {
		folders = append(folders, e.opts.Folder)
	}
	path, err := workerd.Find(slices.Compact(folders)...)
	if err != nil {
		return err
	}
	e.binary, err = filepath.Abs(path)
	return err
}

// Running is what runs, in the order of the set.
func (e *Engine) Running() []Status {
	if s := e.status.Load(); s != nil {
		return slices.Clone(*s)
	}
	return nil
}

// Close ends the process and removes the private folder. Requests under way are cut.
func (e *Engine) Close() error {
	e.cancel()
	err := e.shut()
	e.work.Wait()
	return err
}

func (e *Engine) shut() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.dismiss()
	old := e.state.Swap(&state{err: errClosed})
	if old.gen != nil {
		old.gen.end(0)
	}
	if old.pending != nil {
		close(old.pending)
	}
	if e.endpoints != nil {
		e.endpoints.close()
		e.endpoints = nil
	}
	if e.dir != "" {
		e.release()
		err := os.RemoveAll(e.dir)
		e.dir = ""
		return err
	}
	return nil
}

// intake takes what comes out of the runtime.
func (e *Engine) intake(w http.ResponseWriter, r *http.Request, p *endpoint) {
	switch p.key.kind {
	case fromWorker:
		e.outbound(w, r, p.caller.Load())
	case fromTail:
		e.tail(w, r)
	case fromFetch, fromCall:
		e.fromGo(w, r, p)
	}
}
