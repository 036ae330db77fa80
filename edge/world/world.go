package world

import (
	"iter"
	"path/filepath"
	"slices"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
)

// World is an immutable set of documents, with what was read to make it and
// what looks odd about it. The zero World, and a nil one, hold nothing.
type World struct {
	docs     *iradix.Tree[*Document]
	findings []Finding
	files    []string
	looked   []string
	blank    []string
	unended  []string
	dir      string
}

// Get is the document of that key.
func (w *World) Get(k Key) (*Document, bool) {
	if w == nil || w.docs == nil {
		return nil, false
	}
	var buf [96]byte
	return w.docs.Get(k.appendPath(buf[:0]))
}

// All ranges over the documents of a kind in the order of their ids; of every
// kind, in the order of the Kind constants, when kind is empty.
func (w *World) All(kind Kind) iter.Seq[*Document] {
	return func(yield func(*Document) bool) {
		for c := w.cursor(kind); c.doc != nil; c.next() {
			if !yield(c.doc) {
				return
			}
		}
	}
}

// Settings are those of the world, or the zero Settings when it holds none.
func (w *World) Settings() Settings {
	if d, ok := w.Get(Key{Kind: KindSettings}); ok {
		return *d.Value.(*Settings)
	}
	return Settings{}
}

// Len is the number of documents.
func (w *World) Len() int {
	if w == nil || w.docs == nil {
		return 0
	}
	return w.docs.Len()
}

// Findings are what is legal but probably wrong, in the order of the files.
func (w *World) Findings() []Finding {
	if w == nil {
		return nil
	}
	return slices.Clone(w.findings)
}

// Files are the files that were read.
func (w *World) Files() []string {
	if w == nil {
		return nil
	}
	return slices.Clone(w.files)
}

// Blank are the files without any text, as a file is for a moment that is being written.
func (w *World) Blank() []string {
	if w == nil {
		return nil
	}
	return slices.Clone(w.blank)
}

// Unended are the files whose last line has no end, as in a file of which only a part is
// written.
func (w *World) Unended() []string {
	if w == nil {
		return nil
	}
	return slices.Clone(w.unended)
}

// Watched are the files to watch, each once: those that were read, and those that were looked
// for and would have been read.
func (w *World) Watched() []string {
	if w == nil {
		return nil
	}
	var all []string
	seen := map[string]bool{}
	for _, list := range [][]string{w.files, w.looked} {
		for _, path := range list {
			if path = filepath.Clean(path); !seen[path] {
				seen[path] = true
				all = append(all, path)
			}
		}
	}
	return all
}

// Dir is the folder that relative names in the world's files start from; empty
// for a world made in Go.
func (w *World) Dir() string {
	if w == nil {
		return ""
	}
	return w.dir
}

func (w *World) cursor(kind Kind) *cursor[*Document] {
	if w == nil {
		return newCursor[*Document](nil, kind)
	}
	return newCursor(w.docs, kind)
}

// cursor stands on one entry of a tree, or behind the last: key is then nil.
type cursor[T any] struct {
	it  *iradix.Iterator[T]
	key []byte
	doc T
}

func newCursor[T any](tree *iradix.Tree[T], kind Kind) *cursor[T] {
	c := &cursor[T]{}
	if tree != nil {
		c.it = tree.Root().Iterator()
		if kind != "" {
			c.it.SeekPrefix(kind.appendPrefix(nil))
		}
		c.next()
	}
	return c
}

func (c *cursor[T]) next() {
	var ok bool
	if c.key, c.doc, ok = c.it.Next(); !ok {
		var none T
		c.key, c.doc = nil, none
	}
}
