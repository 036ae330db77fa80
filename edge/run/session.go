package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/ca"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/edge/runfile"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/internal/leftover"
)

// Options say what to run. The zero value runs the world of the working
// directory on the default ports, for itself alone.
type Options struct {
	Path   string        // folder or file of the world; empty: the working directory
	Listen listen.Config // where to listen; AdminToken is set
	Hosts  []string      // names beside loopback by which the admin port may be called
	Egress []string      // patterns to admit beside the world's own, "host:port"
	Echo   bool          // answer in place of origins that refuse connections

	// Announce lets commands that stand in the world's folder find the edge. Without it
	// they find it by its address alone.
	Announce  bool
	Watch     bool           // read the world's files again when they change
	Quiet     time.Duration  // how long they are left alone before that; 0: 50ms
	Reloaded  func(Reloaded) // called when they were read again, by whatever; nil: nobody is told
	ReadyFile string         // where to write the listeners' addresses; empty: nowhere
	Store     runfile.Store  // of run files; the zero value is the user's own
	Cache     string         // folder that keeps what is built of Workers for the next run; empty: nothing is kept
	CADir     string         // of the authority that the user has installed, which then signs the run's too; empty: none is looked for

	Version string               // what the admin port and the ready file tell
	Log     *slog.Logger         // what a person should know; nil: dropped
	Mail    func(accessemu.Mail) // called with every mail of Access; nil: inbox only
	Now     func() time.Time     // dates the run file; nil: time.Now
	Environ []string             // names the roots that the user trusts, and the proxies that egress goes by; nil: os.Environ
}

// Session is an edge that runs. Close it.
type Session struct {
	World  *world.World // as it was at the start
	Edge   *edge.Edge
	Server *listen.Server
	Path   string // folder or file of the world, as given or found

	ready   runfile.Ready
	inside  inside
	store   runfile.Store
	undo    []func() error // in the order of doing
	dir     string         // of files for clients
	private bool
	told    func(Reloaded)
	now     func() time.Time
	watched *watch // nil: nothing is watched

	installed *ca.Installed

	reloading sync.Mutex // one reload at a time; guards what follows
	current   *world.World
	watching  []string // files to watch
	last      string   // errors that were told last; empty: none since
	sources   []string // of the code, to watch too

	insideMu sync.Mutex // guards inside
}

// Check reads a world and compiles it, and runs nothing. The error is
// world.Errors when something is wrong in it; the world is nil then, or lacks
// what is wrong.
func Check(path string) (*world.World, error) {
	w, err := world.Load(orHere(path))
	if err != nil {
		return w, err
	}
	e, err := edge.New(w)
	if err != nil {
		return w, err
	}
	return w, e.Close()
}

// Start runs a world. When it returns, every listener answers, and the ready
// file is there. A port that is taken is a *listen.TakenError, an address that
// cannot be is a *listen.AddrError, all of them joined; a world that does not
// compile is world.Errors.
func Start(ctx context.Context, o Options) (s *Session, err error) {
	s = &Session{Path: orHere(o.Path), store: o.Store, private: !o.Announce, told: o.Reloaded, now: o.Now}
	if s.now == nil {
		s.now = time.Now
	}
	begun := s.now()
	s.reloading.Lock() // who asks for a reload meanwhile waits
	defer func() {
		s.reloading.Unlock()
		if err != nil {
			s.Close()
			s = nil
		}
	}()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if s.World, err = world.Load(s.Path); err != nil {
		return s, err
	}
	s.current, s.watching = s.World, s.World.Watched()
	if s.installed, err = openInstalled(o.CADir); err != nil {
		o.Log.Warn("the installed authority is not used: " + err.Error())
		s.installed, err = nil, nil
	}
	if o.Environ == nil {
		o.Environ = os.Environ()
	}
	options := []edge.Option{
		edge.WithLogger(o.Log), edge.WithMail(o.Mail), edge.WithInstalled(s.installed), edge.WithReload(s.reloadAsked),
		edge.WithEgressProxy(egressProxy(o.Environ)), edge.WithBuilt(s.built), edge.WithWorkerd("", folder(s.Path)), edge.WithCache(o.Cache), edge.WithHeadStart(),
	}
	if o.Echo {
		options = append(options, edge.WithEcho())
	}
	if s.Edge, err = edge.New(s.World, options...); err != nil {
		return s, err
	}
	s.defers(s.Edge.Close)
	if err := admitEgress(s.Edge, o.Egress); err != nil {
		return s, err
	}
	if err := s.dropReadyFile(o.ReadyFile); err != nil {
		return s, err
	}
	o.Listen.AdminToken = true
	// The session closes its listeners itself, in its own order.
	s.Server, err = s.Edge.Listen(context.WithoutCancel(ctx), o.Listen, s.Edge.Control(o.Version, o.Hosts...))
	if err != nil {
		return s, s.nameOwners(ctx, err)
	}
	s.defers(s.Server.Close)
	if err := s.materialize(o); err != nil {
		return s, err
	}
	if o.Watch {
		s.watch(o, begun)
	}
	if err := s.announce(o); err != nil {
		return s, err
	}
	if o.ReadyFile != "" {
		s.defers(func() error { return s.dropReadyFile(o.ReadyFile) })
		if err := runfile.WriteReady(o.ReadyFile, s.ready); err != nil {
			return s, err
		}
	}
	if o.Announce {
		// Last, because it takes a core for a moment; and not for an edge of one command, which
		// may never sign anything.
		s.Edge.WarmKeys()
	}
	return s, nil
}

func orHere(path string) string {
	if path == "" {
		return "."
	}
	return path
}

func admitEgress(e *edge.Edge, patterns []string) error {
	var edits []world.Edit
	for _, p := range patterns {
		doc, err := world.NewDocument(&world.Egress{Pattern: p})
		if err != nil {
			return fmt.Errorf("--egress %s: %w", p, err)
		}
		edits = append(edits, world.Edit{Put: doc})
	}
	if len(edits) == 0 {
		return nil
	}
	if err := e.Edit(edits...); err != nil {
		return fmt.Errorf("--egress: %w", err)
	}
	return nil
}

// dropReadyFile removes a file that an earlier run left, so that nobody reads it for this one's.
func (s *Session) dropReadyFile(path string) error {
	if path == "" {
		return nil
	}
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return nil // WriteReady says what is wrong with it
	}
	return os.Remove(path)
}

// nameOwners says, of every port that is taken, which edge has it.
func (s *Session) nameOwners(ctx context.Context, err error) error {
	var walk func(error)
	walk = func(err error) {
		if taken, ok := err.(*listen.TakenError); ok {
			if taken.Owner == "" {
				taken.Owner = s.store.Owner(ctx, taken.Addr)
			}
			return
		}
		switch e := err.(type) {
		case interface{ Unwrap() []error }:
			for _, one := range e.Unwrap() {
				walk(one)
			}
		case interface{ Unwrap() error }:
			walk(e.Unwrap())
		}
	}
	walk(err)
	return err
}

// folderPrefix begins the names of the folders of all runs. One that was killed has left tokens in its own.
const folderPrefix = "sundog-run-"

// materialize writes the files that clients trust or read, in a folder of the run.
func (s *Session) materialize(o Options) error {
	dir, err := Folder(folderPrefix)
	if err != nil {
		return err
	}
	s.dir = dir
	release, err := leftover.Hold(dir)
	if err != nil {
		release = func() {} // nobody else removes it
	}
	s.defers(func() error {
		release()
		return os.RemoveAll(dir)
	})
	leftover.Sweep(filepath.Dir(dir), folderPrefix)
	in, warnings, err := Materialize(dir, s.Edge, s.World, s.Server.Addrs(), o.Environ)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		o.Log.Warn(w)
	}
	in.Password, in.Ready.Version = o.Listen.ProxyPassword, o.Version
	s.inside, s.ready = in.inside, in.Ready
	return s.inside.write(dir)
}

// announce writes the run file. Without an admin port there is nothing to find.
func (s *Session) announce(o Options) error {
	if s.ready.Admin == "" {
		return nil
	}
	r := runfile.Run{
		Address: s.ready.Admin, Token: s.Edge.Token(), PID: os.Getpid(), World: s.Path, Ready: s.ready, Started: s.now(),
	}
	if s.private {
		// In a folder where no command stands, only its address leads to it.
		r.World = s.dir
	} else if at, err := filepath.Abs(s.Path); err == nil {
		r.World = at
	}
	withdraw, err := s.store.Write(r)
	if err != nil {
		return err
	}
	s.defers(withdraw)
	return nil
}

func (s *Session) defers(f func() error) { s.undo = append(s.undo, f) }

// Ready is where the edge listens and what to trust.
func (s *Session) Ready() runfile.Ready { return s.ready }

// Inside is how a command gets inside this edge.
func (s *Session) Inside() Inside {
	s.insideMu.Lock()
	defer s.insideMu.Unlock()
	return Inside{inside: s.inside, Ready: s.ready, Token: s.Edge.Token()}
}

// FoundFrom tells whether commands that are run in dir find this edge by themselves.
func (s *Session) FoundFrom(ctx context.Context, dir string) bool {
	f, err := Lookup{Dir: dir, Store: s.store}.Find(ctx)
	return err == nil && f.Run != nil && f.Run.Address == s.ready.Admin
}

// Close undoes what Start did: files first, so that nobody finds what is
// ending; then the listeners, which let requests under way end; then the edge.
// It may be called twice.
func (s *Session) Close() error {
	var errs []error
	for len(s.undo) > 0 {
		last := len(s.undo) - 1
		undo := s.undo[last]
		s.undo = s.undo[:last]
		errs = append(errs, undo())
	}
	return errors.Join(errs...)
}
