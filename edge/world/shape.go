package world

import (
	"reflect"
	"strings"
)

// shape is what the json tags of a struct say: its keys, and which of them
// must be given.
type shape struct {
	fields []field
	byName map[string]int
}

// field is one key. A field without omitempty or omitzero is required.
type field struct {
	name     string
	index    []int
	typ      reflect.Type
	required bool
}

func shapeOf(t reflect.Type) *shape {
	s := &shape{byName: map[string]int{}}
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" || f.Anonymous && name == "" || throughTagged(t, f.Index) {
			continue
		}
		if name == "" {
			name = f.Name
		}
		optional := strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
		s.byName[name] = len(s.fields)
		s.fields = append(s.fields, field{name, f.Index, f.Type, !optional})
	}
	return s
}

// throughTagged tells whether a promoted field comes from an embedded struct
// that has a key of its own, and so is not a key of the outer one.
func throughTagged(t reflect.Type, index []int) bool {
	for _, i := range index[:len(index)-1] {
		f := t.Field(i)
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			return true
		}
		t = f.Type
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
	}
	return false
}

func (s *shape) field(name string) (field, bool) {
	i, ok := s.byName[name]
	if !ok {
		return field{}, false
	}
	return s.fields[i], true
}

// names are the keys that can be used.
func (s *shape) names() []string {
	var names []string
	for _, f := range s.fields {
		names = append(names, f.name)
	}
	return names
}
