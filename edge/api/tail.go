package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gobwas/ws"
)

const (
	tailLife     = 24 * time.Hour
	maxTails     = 100 // of a Worker
	tailProtocol = "trace-v1"
	maxFrame     = 64 << 10 // of what a client may send
)

// tails are who may follow Workers, by an id that nobody guesses.
type tails struct {
	now  func() time.Time
	mu   sync.Mutex
	byID map[string]*tail // guarded by mu
}

type tail struct {
	ID      string    `json:"id"`
	URL     string    `json:"url,omitempty"`
	Expires time.Time `json:"expires_at"`
	worker  string    // or a Pages project by its host, as Store.Tail has it
	filters []tailFilter
	ended   chan struct{}
}

func newTails(now func() time.Time) *tails { return &tails{now: now, byID: map[string]*tail{}} }

func (t *tails) of(worker string) (list []*tail) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, one := range t.byID {
		if t.now().After(one.Expires) {
			close(one.ended)
			delete(t.byID, id)
		} else if one.worker == worker {
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b *tail) int { return a.Expires.Compare(b.Expires) })
	return list
}

func (t *tails) find(id string) *tail {
	t.mu.Lock()
	defer t.mu.Unlock()
	if one := t.byID[id]; one != nil && !t.now().After(one.Expires) {
		return one
	}
	return nil
}

func (t *tails) end(id, worker string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	one := t.byID[id]
	if one == nil || one.worker != worker {
		return false
	}
	close(one.ended)
	delete(t.byID, id)
	return true
}

func (c *call) postTail() (any, error) {
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	return c.openTail(w.Name)
}

// postPagesTail follows what production serves; events of other deployments are not told apart.
func (c *call) postPagesTail() (any, error) {
	p, i, err := c.pagesDeployment()
	if err != nil {
		return nil, err
	}
	if live := p.Live(); live == nil || live.ID != p.Deployments[i].ID {
		return nil, badRequest(8000000, "a tail of %q, which production does not serve, is not supported yet", p.Deployments[i].ID)
	}
	return c.openTail(pagesScript(p.Name))
}

func pagesScript(project string) string { return project + ".pages.dev" }

func (c *call) deletePagesTail() (any, error) {
	return c.endTail(pagesScript(c.arg("project")))
}

// openTail lets whom it is told follow a Worker, or a Pages project.
func (c *call) openTail(worker string) (any, error) {
	var in struct {
		Filters []json.RawMessage `json:"filters"`
	}
	if len(c.body) > 0 {
		if err := c.decode(&in); err != nil {
			return nil, err
		}
	}
	filters, err := tailFilters(in.Filters)
	if err != nil {
		return nil, err
	}
	if len(c.tails.of(worker)) >= maxTails {
		return nil, fail(http.StatusTooManyRequests, 10057, "%d tails of %q are open already", maxTails, worker)
	}
	id, err := c.newHex32()
	if err != nil {
		return nil, err
	}
	one := &tail{ID: id, URL: "ws://" + c.r.Host + Prefix + "/tails/" + id, Expires: c.Now().UTC().Add(tailLife), worker: worker, filters: filters, ended: make(chan struct{})}
	if c.r.TLS != nil {
		one.URL = "wss" + one.URL[len("ws"):]
	}
	c.tails.mu.Lock()
	c.tails.byID[id] = one
	c.tails.mu.Unlock()
	return one, nil
}

func (c *call) tailList() (any, error) {
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	return paged(c.query, c.tails.of(w.Name), 100, 1000), nil
}

func (c *call) deleteTail() (any, error) { return c.endTail(c.arg("script")) }

func (c *call) endTail(worker string) (any, error) {
	if !c.tails.end(c.arg("tail"), worker) {
		return nil, fail(http.StatusNotFound, 10079, "workers.api.error.tail_not_found")
	}
	return nil, nil
}

// follow is the WebSocket of a tail. Its id is the credential, as clients send no other.
func (c *call) follow(w http.ResponseWriter) {
	one := c.tails.find(c.arg("tail"))
	if one == nil {
		c.answer(w, nil, fail(http.StatusNotFound, 10079, "workers.api.error.tail_not_found"))
		return
	}
	upgrader := ws.HTTPUpgrader{Protocol: func(name string) bool { return name == tailProtocol }}
	conn, buffered, _, err := upgrader.Upgrade(c.r, w)
	if err != nil {
		c.Log.Warn("a tail was not a WebSocket", "worker", one.worker, "error", err)
		if conn != nil {
			conn.Close()
		}
		return
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(c.ctx))
	out := &frames{w: conn}
	var reading sync.WaitGroup
	reading.Go(func() { defer cancel(); attend(buffered.Reader, out) })
	for events := c.Store.Tail(ctx, one.worker); ; {
		var open bool
		var event json.RawMessage
		select {
		case event, open = <-events:
		case <-one.ended:
		}
		if open && !passes(one.filters, event, c.chance) {
			continue
		}
		if !open || out.write(ws.NewTextFrame(event)) != nil {
			break
		}
	}
	cancel()
	out.write(ws.NewCloseFrame(ws.NewCloseFrameBody(ws.StatusNormalClosure, "")))
	conn.Close()
	reading.Wait()
}

// frames writes one frame after another.
type frames struct {
	mu sync.Mutex
	w  io.Writer // guarded by mu
}

func (f *frames) write(frame ws.Frame) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return ws.WriteFrame(f.w, frame)
}

// attend answers pings, and reads past all else that a client says, until it says no more. wrangler
// sends its first frame unmasked, which a client must not: both forms are read.
func attend(r io.Reader, out *frames) {
	for {
		h, err := ws.ReadHeader(r)
		if err != nil || h.OpCode == ws.OpClose || h.Length > maxFrame {
			return
		}
		payload := make([]byte, h.Length)
		if _, err := io.ReadFull(r, payload); err != nil {
			return
		}
		if h.OpCode != ws.OpPing {
			continue
		}
		if h.Masked {
			ws.Cipher(payload, h.Mask, 0)
		}
		if out.write(ws.NewPongFrame(payload)) != nil {
			return
		}
	}
}
