package run

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sundog-edge/sundog/edge/runfile"
	"github.com/sundog-edge/sundog/edge/world"
)

// Lookup is how a command finds the edge that it means.
type Lookup struct {
	URL   string        // SUNDOG_URL; empty: by the folder
	Token string        // SUNDOG_TOKEN; empty: the run file of that address has it
	Dir   string        // where the command stands; empty: the working directory
	Store runfile.Store // of run files
}

// Found is an edge that runs.
type Found struct {
	*Client
	Run *runfile.Run // nil: known by address and token alone
}

// Inside is how a command gets inside the edge.
func (f *Found) Inside() (Inside, error) {
	if f.Run == nil {
		return Inside{}, fmt.Errorf("the edge at %s is not of this user and machine: where its proxy and its certificates are is not known", f.URL)
	}
	return insideRun(f.Run)
}

// Find returns the edge. It is the one at URL, else the one of the world that
// Dir stands in. The error is a *runfile.NotFoundError when none runs.
func (l Lookup) Find(ctx context.Context) (*Found, error) {
	if l.URL != "" {
		return l.at(ctx)
	}
	dir, err := workingDir(l.Dir)
	if err != nil {
		return nil, err
	}
	r, err := l.Store.Find(ctx, dir)
	if err != nil {
		return nil, err
	}
	// A world of its own between here and the one that runs is the one meant.
	if own := ownWorld(dir); own != "" && below(own, folder(r.World)) {
		runs, err := l.Store.Runs(ctx)
		return nil, errors.Join(err, &runfile.NotFoundError{Wanted: "the world at " + own, Running: runs})
	}
	return found(r, r.Token), nil
}

func (l Lookup) at(ctx context.Context) (*Found, error) {
	u, err := url.Parse(l.URL)
	if err != nil || u.Scheme != "http" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("SUNDOG_URL is %q; it is http://HOST:PORT of an admin port", l.URL)
	}
	r, err := l.Store.FindByAddress(ctx, u.Host)
	switch {
	case err == nil && l.Token != "":
		return found(r, l.Token), nil
	case err == nil:
		return found(r, r.Token), nil
	case l.Token != "":
		return &Found{Client: &Client{URL: "http://" + u.Host, Token: l.Token}}, nil
	}
	return nil, err
}

func found(r *runfile.Run, token string) *Found {
	return &Found{&Client{URL: "http://" + r.Address, Token: token}, r}
}

// pollEvery is how often Await looks.
const pollEvery = 25 * time.Millisecond

// Await waits until an edge is found and answers. The error is the last reason why not.
func Await(ctx context.Context, l Lookup) (*Found, error) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		f, err := l.Find(ctx)
		if err == nil {
			if err = f.Ready(ctx); err == nil {
				return f, nil
			}
		}
		var missing *runfile.NotFoundError
		var silent *UnreachableError
		if !errors.As(err, &missing) && !errors.As(err, &silent) && ctx.Err() == nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-tick.C:
		}
	}
}

// NoWorldError is that no folder from here upward holds a world.
type NoWorldError struct {
	Dir   string
	Tried []string // in Dir

	Elsewhere string // what lies near and was not used, in clauses; empty: nothing does
}

func (e *NoWorldError) Error() string {
	text := fmt.Sprintf("there is no world at or above %s: looked for %s", e.Dir, strings.Join(e.Tried, ", "))
	if e.Elsewhere != "" {
		text += "; " + e.Elsewhere
	}
	return text
}

// Nearest is the folder, from dir upward, that holds a world. A sundog.yaml further
// up comes before a wrangler file, whose Worker it may have among others. Empty dir
// is the working directory. The error is a *NoWorldError when there is none.
func Nearest(dir string) (string, error) {
	dir, err := workingDir(dir)
	if err != nil {
		return "", err
	}
	first, names := world.Discover(dir)
	var tried []string
	for _, n := range names {
		if rel, err := filepath.Rel(dir, n); err == nil {
			n = rel
		}
		tried = append(tried, n)
	}
	project := "" // with a wrangler file
	for at := dir; ; at = filepath.Dir(at) {
		file := first
		if at != dir {
			file = world.DiscoverAbove(at)
		}
		switch base := filepath.Base(file); {
		case file == "":
		case strings.HasPrefix(base, "sundog."), project == "" && strings.HasPrefix(base, "config."):
			return at, nil
		case project == "":
			project = at
		}
		if at == filepath.Dir(at) && project != "" {
			return project, nil
		}
		if at == filepath.Dir(at) {
			return "", &NoWorldError{Dir: dir, Tried: tried, Elsewhere: world.Elsewhere(dir)}
		}
	}
}

// ownWorld is the nearest folder, from dir upward, with a sundog.yaml or .json. Other
// files, such as a config.yml, may be of something else.
func ownWorld(dir string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if file := world.DiscoverAbove(at); strings.HasPrefix(filepath.Base(file), "sundog.") {
			return at
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}

func workingDir(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// folder is where the world at a path lies.
func folder(path string) string {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return filepath.Dir(path)
	}
	return path
}

// below tells whether a folder lies in another one.
func below(inner, outer string) bool {
	rel, err := filepath.Rel(outer, inner)
	return err == nil && rel != "." && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
