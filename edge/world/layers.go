package world

import (
	"bytes"
	"iter"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
)

// Layers are what exists: the files, and over them the edits made since by the
// API or from Go. Layers are immutable; every change returns new ones and
// leaves the old as they were. The zero value is an empty world.
type Layers struct {
	files *World
	edits *iradix.Tree[edit] // nil: none
}

// edit is an upsert, or when doc is nil, a tombstone.
type edit struct{ doc *Document }

// Edit is one change to a single document: Put when it is not nil, else
// Delete.
type Edit struct {
	Put    *Document
	Delete Key
}

func (e Edit) key() Key {
	if e.Put != nil {
		return e.Put.Key
	}
	return e.Delete
}

// Change is what became of one document. Old is nil when it is new, New when it
// is gone.
type Change struct {
	Key      Key
	Old, New *Document
}

// Files is the layer of the files; nil when there are none yet.
func (l Layers) Files() *World { return l.files }

// Get is the document of that key as it is now.
func (l Layers) Get(k Key) (*Document, bool) {
	if l.edits != nil {
		var buf [96]byte
		if e, ok := l.edits.Get(k.appendPath(buf[:0])); ok {
			return e.doc, e.doc != nil
		}
	}
	return l.files.Get(k)
}

// All ranges over the documents of a kind in the order of their ids; of every
// kind, in the order of the Kind constants, when kind is empty.
func (l Layers) All(kind Kind) iter.Seq[*Document] {
	return func(yield func(*Document) bool) {
		for c := l.cursor(kind); c.key != nil; c.next() {
			if !yield(c.doc) {
				return
			}
		}
	}
}

// Edits ranges over the edits in force, in the order of their keys.
func (l Layers) Edits() iter.Seq[Edit] {
	return func(yield func(Edit) bool) {
		for c := newCursor(l.edits, ""); c.key != nil; c.next() {
			if !yield(toEdit(c.key, c.doc)) {
				return
			}
		}
	}
}

// SetFiles replaces the layer of the files and returns what changed by it, as
// [Layers.Edit] does, and which edits fell. An edit of an object falls when the
// new files say something else about that object than the old ones did; where it
// merely stands in the file does not matter. Other edits stay. In fell, Old is
// what the edit had put (nil: it had deleted) and New what holds now.
func (l Layers) SetFiles(w *World) (next Layers, changed, fell []Change) {
	next = Layers{files: w, edits: l.edits}
	if l.edits != nil {
		txn := l.edits.Txn()
		for c := newCursor(l.edits, ""); c.key != nil; c.next() {
			k := keyAt(c.key)
			old, _ := l.files.Get(k)
			now, _ := w.Get(k)
			if !sameContent(old, now) {
				txn.Delete(c.key)
				fell = append(fell, Change{k, c.doc.doc, now})
			}
		}
		next.edits = txn.Commit()
	}
	return next, Diff(l, next), fell
}

// Edit applies edits in their order; of several about one document the last
// counts. It costs what it touches, however many documents there are.
//
// The changes come in the order of the Kind constants and then of the ids: what
// is referred to comes before what refers to it. To apply them so that no step
// meets what is in its way or not there yet, first take out the old ones from
// the last change to the first, then put the new ones from the first to the
// last.
func (l Layers) Edit(edits ...Edit) (Layers, []Change) {
	tree := l.edits
	if tree == nil {
		tree = iradix.New[edit]()
	}
	txn := tree.Txn()
	touched := iradix.New[*Document]().Txn() // by key: the document before
	for _, e := range edits {
		k := e.key()
		path := k.path()
		if _, again := touched.Get(path); !again {
			old, _ := l.Get(k)
			touched.Insert(path, old)
		}
		if _, inFiles := l.files.Get(k); e.Put == nil && !inFiles {
			txn.Delete(path)
		} else {
			txn.Insert(path, edit{e.Put})
		}
	}
	next := Layers{files: l.files, edits: txn.Commit()}
	return next, next.changesAt(touched.Commit())
}

// Drop takes edits back: what the files say about those keys, if anything,
// holds again. It returns what changed, as Edit does.
func (l Layers) Drop(keys ...Key) (Layers, []Change) {
	if l.edits == nil {
		return Layers{files: l.files}, nil
	}
	txn := l.edits.Txn()
	touched := iradix.New[*Document]().Txn()
	for _, k := range keys {
		if _, dropped := txn.Delete(k.path()); dropped {
			old, _ := l.Get(k)
			touched.Insert(k.path(), old)
		}
	}
	next := Layers{files: l.files, edits: txn.Commit()}
	return next, next.changesAt(touched.Commit())
}

// changesAt compares the documents of some keys, given as they were before,
// with what they are in l.
func (l Layers) changesAt(before *iradix.Tree[*Document]) []Change {
	var cs []Change
	for c := newCursor(before, ""); c.key != nil; c.next() {
		now, _ := l.Get(keyAt(c.key))
		cs = compare(cs, c.doc, now)
	}
	return cs
}

func toEdit(key []byte, e edit) Edit {
	if e.doc != nil {
		return Edit{Put: e.doc}
	}
	return Edit{Delete: keyAt(key)}
}

// cursor ranges over the files with the edits in their places.
func (l Layers) cursor(kind Kind) *layered {
	c := &layered{files: l.files.cursor(kind), edits: newCursor(l.edits, kind)}
	c.next()
	return c
}

type layered struct {
	files *cursor[*Document]
	edits *cursor[edit]
	key   []byte
	doc   *Document
}

func (c *layered) next() {
	for {
		switch {
		case c.files.key == nil && c.edits.key == nil:
			c.key, c.doc = nil, nil
			return
		case c.edits.key == nil || c.files.key != nil && bytes.Compare(c.files.key, c.edits.key) < 0:
			c.key, c.doc = c.files.key, c.files.doc
			c.files.next()
			return
		}
		if bytes.Equal(c.files.key, c.edits.key) {
			c.files.next()
		}
		c.key, c.doc = c.edits.key, c.edits.doc.doc
		c.edits.next()
		if c.doc != nil {
			return
		}
	}
}
