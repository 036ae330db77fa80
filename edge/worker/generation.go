package worker

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sundog-edge/sundog/edge/worker/internal/line"
	"github.com/sundog-edge/sundog/edge/worker/workerd"
)

// generation is one process and the ways into it. Its sockets are its own, so a connection never ends up at
// another process than the one that it was made for: a process takes requests until it is retired, and ends when
// the last of them has.
type generation struct {
	number   int
	dir      string
	plan     *plan
	compiled *compiled
	process  *workerd.Process
	proxy    *line.Transport
	sockets  map[string]string // addresses, by host

	open    atomic.Int64  // requests under way; the top bit says that no more come
	drained chan struct{} // closed when none is under way and none will be
	fallen  chan struct{} // closed when the process is gone, or will be at once, and the state knows
	flights flights
	stuck   atomic.Pointer[flight] // what the watchdog killed the process for

	told sync.Mutex
	less bool // the tail tells what logged or threw alone, as it does until it is told; guarded by told
}

const retired = 1 << 62

// enter counts a request in; it says no once the generation is retired.
func (g *generation) enter() bool {
	for {
		n := g.open.Load()
		if n >= retired {
			return false
		}
		if g.open.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (g *generation) leave() {
	if g.open.Add(-1) == retired {
		close(g.drained)
	}
}

// retire lets no more requests in.
func (g *generation) retire() {
	for {
		n := g.open.Load()
		if n >= retired {
			return
		}
		if g.open.CompareAndSwap(n, n+retired) {
			if n == 0 {
				close(g.drained)
			}
			return
		}
	}
}

// stopBound is how long a process may take to end once it is asked to and no request of the engine's is under
// way; what a Worker keeps going by waitUntil ends within it.
const stopBound = 2 * time.Second

// end waits for the requests under way, but not longer than the bound, and ends the process.
func (g *generation) end(bound time.Duration) {
	g.retire()
	t := time.NewTimer(bound)
	defer t.Stop()
	select {
	case <-g.drained:
	case <-g.process.Done():
	case <-t.C:
	}
	g.proxy.Close()
	g.process.Stop(stopBound)
	os.RemoveAll(g.dir)
}

// errSlow is a start that does not come to an end.
var errSlow = errors.New("the code at the top level does not come to an end")

// start runs what was compiled. A *workerd.StartError says what is wrong with it.
func (e *Engine) start(ctx context.Context, p *plan, c *compiled) (*generation, error) {
	e.number++
	g := &generation{
		number: e.number, dir: filepath.Join(e.dir, "g"+strconv.Itoa(e.number)),
		plan: p, compiled: c, drained: make(chan struct{}), fallen: make(chan struct{}), sockets: map[string]string{},
		less: true,
	}
	if err := os.Mkdir(g.dir, 0o700); err != nil {
		return nil, err
	}
	for _, s := range c.config.Sockets {
		address, err := socketAddress(g.dir, s.Name)
		if err != nil {
			return nil, err
		}
		g.sockets[s.Name] = address
	}
	g.proxy = &line.Transport{Dial: func(ctx context.Context, host string) (net.Conn, error) {
		return dialSocket(ctx, g.sockets[host])
	}}
	starting, cancel := context.WithTimeoutCause(ctx, e.bound, errSlow)
	defer cancel()
	command := workerd.Command{Path: e.binary, Dir: g.dir, Config: &c.config, Sockets: g.sockets, OnError: e.line}
	var process *workerd.Process
	var err error
	if w := e.waiting; w != nil {
		e.waiting = nil
		process, err = w.Run(starting, command)
	} else {
		process, err = workerd.Start(starting, command)
	}
	if err != nil {
		os.RemoveAll(g.dir)
		if errors.Is(err, errSlow) {
			err = &workerd.StartError{Stderr: errSlow.Error()}
		}
		return nil, err
	}
	g.process = process
	e.tailAsAsked(g)
	return g, nil
}
