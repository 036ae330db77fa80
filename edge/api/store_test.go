package api

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
)

// memory is a Store over real layers. Code that has the word "broken" in it does not start.
type memory struct {
	mu     sync.Mutex
	layers world.Layers
	events chan json.RawMessage // of every Worker; nil: none come
	slow   chan struct{}        // Deploy waits for it; nil: it does not
}

func newMemory(t *testing.T, docs ...any) *memory {
	t.Helper()
	docs = append([]any{
		world.Settings{Team: "acme", AccountID: testAccount, AccountName: "acme", WorkersSubdomain: "dev-team"},
		dnsemu.Zone{ID: testZone, Name: "example.com"},
	}, docs...)
	w, err := world.New(docs...)
	if err != nil {
		t.Fatal(err)
	}
	layers, _, _ := world.Layers{}.SetFiles(w)
	return &memory{layers: layers}
}

const (
	testAccount = "0123456789abcdef0123456789abcdef"
	testZone    = "11111111111111111111111111111111"
	testToken   = "right"
)

func (m *memory) Layers() world.Layers {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.layers
}

func (m *memory) Edit(_ context.Context, edits ...world.Edit) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.layers, _ = m.layers.Edit(edits...)
	return nil
}

func (m *memory) Deploy(ctx context.Context, _ string, edits ...world.Edit) error {
	if m.slow != nil {
		<-m.slow
	}
	for _, e := range edits {
		if e.Put == nil {
			continue
		}
		v, ok := e.Put.Value.(*version.Version)
		if ok && slices.ContainsFunc(v.Modules, func(m version.Module) bool { return strings.Contains(string(m.Content), "broken") }) {
			return &InvalidError{Text: "Uncaught SyntaxError: Unexpected identifier 'broken'\n  at index.js:1:1"}
		}
	}
	return m.Edit(ctx, edits...)
}

func (m *memory) Tail(ctx context.Context, _ string) <-chan json.RawMessage {
	out := make(chan json.RawMessage)
	go func() {
		defer close(out)
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-m.events:
				select {
				case <-ctx.Done():
				case out <- e:
				}
			}
		}
	}()
	return out
}

// counted is a source of chance that never gives the same twice, and gives the same on every run.
type counted struct{ n byte }

func (c *counted) Read(b []byte) (int, error) {
	c.n++
	for i := range b {
		b[i] = c.n
	}
	return len(b), nil
}

func options(m *memory) Options {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	return Options{Token: testToken, Store: m, Rand: new(counted), Now: func() time.Time { return at }}
}
