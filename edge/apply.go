package edge

import (
	"errors"

	"github.com/sundog-edge/sundog/edge/world"
)

// errClosed is what a closed edge answers to writes.
var errClosed = errors.New("edge: closed")

// Apply makes the documents of a world the edge's files layer, in one step: requests
// that began see the old world to their end, later ones the new. When it does not compile,
// the old one stays and the error is world.Errors. A nil world has no documents.
// Edits stay, but for those of objects that the new world changed or removed.
func (e *Edge) Apply(w *world.World) error {
	if w == nil {
		w = new(world.World)
	}
	_, err := e.Reload(w)
	return err
}

// Reload is Apply and tells what changed.
func (e *Edge) Reload(w *world.World) (Reloaded, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	layers, changes, fell := e.snap.Load().layers.SetFiles(w)
	r := Reloaded{Changes: changes, Fell: fell}
	return r, e.swap(layers, changes)
}

// Reloaded is what a reload did.
type Reloaded struct {
	Changes []world.Change // of the compiled world
	Fell    []world.Change // edits that the files overruled
}

// Edit puts and deletes single documents over the files layer. All of them take
// effect at once, or none does.
func (e *Edge) Edit(edits ...world.Edit) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	layers, changes := e.snap.Load().layers.Edit(edits...)
	return e.swap(layers, changes)
}

// swap compiles and makes current; e.mu is held.
func (e *Edge) swap(layers world.Layers, changes []world.Change) error {
	if e.closed {
		return errClosed
	}
	c, err := e.compile(e.snap.Load(), layers, changes)
	if err != nil {
		return err
	}
	e.snap.Store(c.next)
	for _, t := range c.gone {
		t.close() // requests under way end by themselves
	}
	if len(changes) > 0 {
		e.direct.forget()
	}
	return nil
}
