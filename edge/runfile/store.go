package runfile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/sundog-edge/sundog/internal/private"
)

// Store is a place of run files. The zero value is the user's own.
type Store struct {
	// Dir holds the files. Empty: "sundog" in XDG_RUNTIME_DIR where that
	// exists, else "sundog-UID" in the system's temporary directory, else
	// "sundog/run" in the user's cache; on Windows that in LocalAppData. It is
	// made 0700 and must belong to this user alone.
	Dir string
	// Dial asks whether an address is alive. nil: a net.Dialer, one second.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// ProcessAlive says whether a process exists. nil: the system is asked.
	ProcessAlive func(pid int) bool
}

// maxSize bounds what is read of a run file.
const maxSize = 64 << 10

// NotFoundError is that no run matches. Running lists those that live.
type NotFoundError struct {
	Wanted  string // "a world at or above /home/me/project", "the address 127.0.0.1:4300"
	Running []*Run
}

func (e *NotFoundError) Error() string {
	text := "no edge runs for " + e.Wanted
	if len(e.Running) == 0 {
		return text + "; start one with sundog up, or name a world with -f"
	}
	var list []string
	for _, r := range e.Running {
		list = append(list, r.World+" (http://"+r.Address+")")
	}
	return text + "; running: " + strings.Join(list, ", ")
}

// Write publishes a run and returns what withdraws it. World is made absolute
// and free of links first. The file is renamed into place; a link that stands
// there is replaced, not followed.
func (s Store) Write(r Run) (remove func() error, err error) {
	if r.World, err = realPath(r.World); err != nil {
		return nil, err
	}
	dir, err := s.create()
	if err != nil {
		return nil, err
	}
	data, err := r.encode()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, r.name())
	if err := private.Replace(file, data, 0o600); err != nil {
		return nil, err
	}
	return func() error {
		// A successor at the same address may have written its own by now.
		if now, err := os.ReadFile(file); err != nil || !bytes.Equal(now, data) {
			return nil
		}
		return os.Remove(file)
	}, nil
}

// Find returns the run of the world that dir stands in: the folder nearest to
// dir, upward, that is a live run's world or holds its file; of several there
// the last started. The error is a *NotFoundError where there is none.
func (s Store) Find(ctx context.Context, dir string) (*Run, error) {
	dir, err := realPath(dir)
	if err != nil {
		return nil, err
	}
	runs, unread := s.Runs(ctx)
	for at := dir; ; at = filepath.Dir(at) {
		for _, r := range runs {
			if r.World == at || filepath.Dir(r.World) == at && !isDir(r.World) {
				return r, nil
			}
		}
		if at == filepath.Dir(at) {
			return nil, notFound("a world at or above "+dir, runs, unread)
		}
	}
}

// FindByAddress returns the live run whose admin listener has an address,
// given as "host:port" or as a URL. The error is a *NotFoundError where there
// is none.
func (s Store) FindByAddress(ctx context.Context, address string) (*Run, error) {
	want := canonicalAddress(address)
	if want == "" {
		return nil, fmt.Errorf("%q: want http://HOST:PORT", address)
	}
	runs, unread := s.Runs(ctx)
	for _, r := range runs {
		if canonicalAddress(r.Address) == want {
			return r, nil
		}
	}
	return nil, notFound("the address "+want, runs, unread)
}

// notFound says also which files could not be read: the run may be in one.
func notFound(wanted string, runs []*Run, unread error) error {
	err := error(&NotFoundError{wanted, runs})
	if unread != nil {
		err = errors.Join(err, unread)
	}
	return err
}

// Owner says who listens at an address, as "a sundog of /path"; empty: no
// sundog of this user that is known.
func (s Store) Owner(ctx context.Context, address string) string {
	runs, _ := s.Runs(ctx)
	want := canonicalAddress(address)
	for _, r := range runs {
		for _, a := range []string{r.Ready.HTTPS, r.Ready.Proxy, r.Ready.DNS, r.Ready.Tunnel, r.Ready.Admin, r.Address} {
			if a != "" && canonicalAddress(a) == want {
				return "a sundog of " + r.World
			}
		}
	}
	return ""
}

// Runs returns the live runs, last started first, and removes files of dead
// ones. A file that others could have written is not read; it is an error,
// beside the runs that could be.
func (s Store) Runs(ctx context.Context) ([]*Run, error) {
	var (
		runs []*Run
		errs []error
	)
	for _, dir := range s.candidates() {
		if err := private.CheckDir(dir); errors.Is(err, os.ErrNotExist) {
			continue
		} else if err != nil {
			errs = append(errs, err)
			continue
		}
		files, err := filepath.Glob(filepath.Join(escapeGlob(dir), "*.json"))
		if err != nil {
			errs = append(errs, err)
		}
		for _, file := range files {
			r, err := readRun(file)
			switch {
			case errors.Is(err, os.ErrNotExist): // its edge has just ended
			case err != nil:
				errs = append(errs, err)
			case s.alive(ctx, r):
				runs = append(runs, r)
			default:
				removeStale(file, r)
			}
		}
	}
	slices.SortStableFunc(runs, func(a, b *Run) int { return b.Started.Compare(a.Started) })
	return runs, errors.Join(errs...)
}

// removeStale removes a dead run's file unless a new edge has replaced it
// since it was read.
func removeStale(file string, r *Run) {
	now, err := readRun(file)
	if err == nil && now.PID == r.PID && now.Token == r.Token && now.Started.Equal(r.Started) {
		os.Remove(file)
	}
}

func readRun(file string) (*Run, error) {
	f, err := private.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSize))
	if err != nil {
		return nil, err
	}
	var r Run
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("%s: %w; remove it", file, err)
	}
	return &r, nil
}

// alive reports whether a run's process exists and its address does not
// refuse. An address that is merely slow is alive.
func (s Store) alive(ctx context.Context, r *Run) bool {
	exists, dial := s.ProcessAlive, s.Dial
	if exists == nil {
		exists = processAlive
	}
	if dial == nil {
		dial = (&net.Dialer{Timeout: time.Second}).DialContext
	}
	if r.PID <= 0 || !exists(r.PID) {
		return false
	}
	c, err := dial(ctx, "tcp", canonicalAddress(r.Address))
	if err == nil {
		c.Close()
		return true
	}
	return !refused(err) && canonicalAddress(r.Address) != ""
}

func refused(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || isRefused(err)
}

// create makes the first candidate that can be made and is private.
func (s Store) create() (string, error) {
	var errs []error
	for _, dir := range s.candidates() {
		err := os.MkdirAll(dir, 0o700)
		if err == nil {
			err = private.CheckDir(dir)
		}
		if err == nil {
			return dir, nil
		}
		errs = append(errs, err)
	}
	return "", &DirError{errs}
}

// DirError is that no directory for run files can be made, or that those there are not private.
type DirError struct{ Tried []error }

func (e *DirError) Error() string {
	var tried []string
	for _, err := range e.Tried {
		tried = append(tried, err.Error())
	}
	return "no folder for run files, by which commands find the edge: " + strings.Join(tried, "; ") +
		"; set XDG_RUNTIME_DIR to a folder of yours that you can write to"
}

func (e *DirError) Unwrap() []error { return e.Tried }

func realPath(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

func isDir(path string) bool {
	fi, err := os.Stat(path)
	return err == nil && fi.IsDir()
}
