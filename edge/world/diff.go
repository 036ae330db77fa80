package world

import (
	"bytes"
	"reflect"
)

// compare appends what became of a document, if anything. Documents that differ
// only in where they stand are one: readers look positions up when they need
// them. A position inside a value, as ingress rules have it, makes a difference.
func compare(cs []Change, old, now *Document) []Change {
	switch {
	case old == now:
		return cs
	case now == nil:
		return append(cs, Change{old.Key, old, nil})
	case old == nil || !reflect.DeepEqual(old.Value, now.Value):
		return append(cs, Change{now.Key, old, now})
	}
	return cs
}

// Diff is every difference between two layers, as [Layers.Edit] lists changes.
func Diff(a, b Layers) []Change {
	var cs []Change
	was, is := a.cursor(""), b.cursor("")
	for was.key != nil || is.key != nil {
		order := bytes.Compare(was.key, is.key)
		switch {
		case is.key == nil || was.key != nil && order < 0:
			cs = compare(cs, was.doc, nil)
			was.next()
		case was.key == nil || order > 0:
			cs = compare(cs, nil, is.doc)
			is.next()
		default:
			cs = compare(cs, was.doc, is.doc)
			was.next()
			is.next()
		}
	}
	return cs
}

// sameContent tells whether two documents say the same, wherever they stand in
// their files. What a type keeps out of its JSON form (positions, what was
// computed) does not count.
func sameContent(a, b *Document) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Key == b.Key && same(reflect.ValueOf(a.Value), reflect.ValueOf(b.Value))
}

func same(a, b reflect.Value) bool {
	if !a.IsValid() || !b.IsValid() {
		return a.IsValid() == b.IsValid()
	}
	if a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return same(a.Elem(), b.Elem())
	case reflect.Slice:
		if a.Len() != b.Len() || a.IsNil() != b.IsNil() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		if a.Comparable() && a.Equal(b) {
			return true
		}
		open := 0
		for i := range a.NumField() {
			f := a.Type().Field(i)
			if !f.IsExported() || f.Tag.Get("json") == "-" {
				continue
			}
			open++
			if !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return open > 0 // a struct that shows nothing was compared as a whole
	case reflect.Map:
		return reflect.DeepEqual(a.Interface(), b.Interface())
	}
	return a.Comparable() && a.Equal(b)
}
