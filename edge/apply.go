package edge

import (
	"errors"
	"slices"

	"github.com/sundog-edge/sundog/edge/world"
)

// errClosed is what a closed edge answers to writes.
var errClosed = errors.New("edge: closed")

// Apply makes the documents of a world the edge's files layer, in one step: requests
// that began see the old world to their end, later ones the new. When it does not compile,
// the old one stays and the error is world.Errors. A nil world has no documents.
// Edits stay, but for those of objects that the new world changed or removed, and those
// that no longer compile beside it.
func (e *Edge) Apply(w *world.World) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, err := e.apply(w)
	return err
}

// Reload is Apply and tells what changed.
func (e *Edge) Reload(w *world.World) (Reloaded, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	before := e.snap.Load()
	r, err := e.apply(w)
	if err == nil && slices.ContainsFunc(r.Changes, opens) {
		r.Exposed = e.exposed(before, e.snap.Load())
	}
	return r, err
}

// opens tells whether a change may make an entrypoint public.
func opens(c world.Change) bool {
	switch c.Key.Kind {
	case world.KindTunnel, world.KindClient, world.KindOrigin, world.KindEgress, world.KindQuirk:
		return false
	}
	return true
}

// Reloaded is what a reload did.
type Reloaded struct {
	Changes []world.Change // of the compiled world
	Fell    []world.Change // edits that the files overruled
	Aside   []SetAside     // edits that do not compile any more
	Exposed []Exposed      // what anyone enters now, and did not before
}

// SetAside is an edit that is in force no more, because it does not compile beside the files.
type SetAside struct {
	Edit world.Edit
	Why  error
}

// apply is Reload without the look at the entrypoints; e.mu is held.
func (e *Edge) apply(w *world.World) (Reloaded, error) {
	if w == nil {
		w = new(world.World)
	}
	old := e.snap.Load().layers
	layers, changes, fell := old.SetFiles(w)
	r := Reloaded{Changes: changes, Fell: fell}
	err := e.swap(layers, changes)
	if err != nil && !e.closed {
		r, err = e.applyWithout(w, layers, fell, err)
	}
	if err == nil {
		e.stale.Store(nil)
	}
	return r, err
}

// applyWithout is for files that compile by themselves and not with all edits: each edit is tried,
// and stays when it can.
func (e *Edge) applyWithout(w *world.World, layers world.Layers, fell []world.Change, why error) (Reloaded, error) {
	edits := slices.Collect(layers.Edits())
	if len(edits) == 0 {
		return Reloaded{}, why
	}
	before := e.snap.Load()
	bare, _, _ := world.Layers{}.SetFiles(w)
	if err := e.swap(bare, world.Diff(before.layers, bare)); err != nil {
		return Reloaded{}, why
	}
	r := Reloaded{Fell: fell}
	for _, edit := range edits {
		with, changes := e.snap.Load().layers.Edit(edit)
		if err := e.swap(with, changes); err != nil {
			r.Aside = append(r.Aside, SetAside{edit, err})
		}
	}
	r.Changes = world.Diff(before.layers, e.snap.Load().layers)
	return r, nil
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
	fresh := c.next.scripts.generation != c.old.scripts.generation
	e.snap.Store(c.next)
	if fresh && (c.next.scripts.any() || c.old.scripts.any() || len(e.options.workers) > 0) {
		e.code.renew()
	}
	e.access.SetEndings(e.endings())
	e.noteServiceTokens(changes)
	e.tellConnectors(changes)
	for _, t := range c.gone {
		t.close() // requests under way end by themselves
	}
	if len(changes) > 0 {
		e.direct.forget()
	}
	return nil
}
