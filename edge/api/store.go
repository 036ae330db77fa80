package api

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/sundog-edge/sundog/edge/world"
)

// Store is what the API reads and writes. All methods may be called at once; the API itself makes one
// write after another, and works each out from the Layers that the write before it left.
type Store interface {
	// Layers are the documents as they are now.
	Layers() world.Layers
	// Edit makes all the edits, or none.
	Edit(ctx context.Context, edits ...world.Edit) error
	// Deploy is Edit, once the Worker or the Pages project of that name has been shown to start as the
	// edits have it. When it does not, nothing is edited and the error is an *InvalidError.
	Deploy(ctx context.Context, name string, edits ...world.Edit) error
	// Tail sends what the Worker, or the Pages project by its host "NAME.pages.dev", does from now on, one trace
	// event in the real one's JSON each, and closes the channel when ctx is done or the Store ends. An event that
	// the reader is too slow for is dropped.
	Tail(ctx context.Context, worker string) <-chan json.RawMessage
}

// InvalidError is a Store's answer to code that does not start.
type InvalidError struct {
	Text string // what the runtime said, as "Uncaught ReferenceError: x is not defined\n  at index.js:3:1"
}

func (e *InvalidError) Error() string { return e.Text }

// put is the edit that makes value a document. It panics when value has no id: ids are made here.
func put(value any) world.Edit {
	d, err := world.NewDocument(value)
	if err != nil {
		panic("api: " + err.Error())
	}
	return world.Edit{Put: d}
}

func remove(kind world.Kind, id string) world.Edit {
	return world.Edit{Delete: world.Key{Kind: kind, ID: id}}
}

// get is the document of that key as a T; nil: there is none.
func get[T any](l world.Layers, kind world.Kind, id string) *T {
	d, ok := l.Get(world.Key{Kind: kind, ID: id})
	if !ok {
		return nil
	}
	v, _ := d.Value.(*T)
	return v
}

// all are the documents of a kind for which keep is true, in the order of their ids. A nil keep keeps all.
func all[T any](l world.Layers, kind world.Kind, keep func(*T) bool) []*T {
	var out []*T
	for d := range l.All(kind) {
		if v, ok := d.Value.(*T); ok && (keep == nil || keep(v)) {
			out = append(out, v)
		}
	}
	return out
}

// first is the first of all; nil: there is none.
func first[T any](l world.Layers, kind world.Kind, keep func(*T) bool) *T {
	for d := range l.All(kind) {
		if v, ok := d.Value.(*T); ok && keep(v) {
			return v
		}
	}
	return nil
}

func settings(l world.Layers) world.Settings {
	if s := get[world.Settings](l, world.KindSettings, ""); s != nil {
		return *s
	}
	return world.Settings{}
}

// emptyStore is the Store of an API without one.
type emptyStore struct{}

var errNoStore = errors.New("this API has no world to write to")

func (emptyStore) Layers() world.Layers                                { return world.Layers{} }
func (emptyStore) Edit(context.Context, ...world.Edit) error           { return errNoStore }
func (emptyStore) Deploy(context.Context, string, ...world.Edit) error { return errNoStore }
func (emptyStore) Tail(context.Context, string) <-chan json.RawMessage {
	none := make(chan json.RawMessage)
	close(none)
	return none
}
