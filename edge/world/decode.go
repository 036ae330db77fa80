package world

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/tunnelemu"
	"go.yaml.in/yaml/v3"
)

// decoder reads nodes into Go values by their json tags and reports everything
// that does not fit, not only the first.
type decoder struct {
	src    *source
	probs  *problems
	shapes map[reflect.Type]*shape

	// lookup is the environment for ${VAR}; nil: scalars are taken as written.
	lookup   func(string) (string, bool)
	expanded map[*yaml.Node]*string // scalars with variables in them, as written

	open    map[*yaml.Node]bool // what aliases being followed stand for
	inAlias int                 // how many are being followed
	aliased int                 // nodes read that way so far
	depth   int
	bomb    bool // that was reported

	optional int // above 0: keys that are required may be left out
}

func newDecoder(src *source, probs *problems) *decoder {
	return &decoder{
		src: src, probs: probs,
		shapes:   map[reflect.Type]*shape{},
		expanded: map[*yaml.Node]*string{},
		open:     map[*yaml.Node]bool{},
	}
}

func (d *decoder) fail(n *yaml.Node, p *path, found, allowed, hint string) {
	d.report(n, Error{Field: p.String(), Found: found, Allowed: allowed, Hint: hint})
}

func (d *decoder) report(n *yaml.Node, e Error) {
	e.Mark = d.src.mark(n)
	d.probs.add(d.src, e)
}

// once reports what would otherwise be said again at each of many nodes.
func (d *decoder) once(said *bool, n *yaml.Node, p *path, e Error) {
	if !*said {
		*said = true
		e.Field = p.String()
		d.report(n, e)
	}
}

var (
	jsonType = reflect.TypeFor[json.Unmarshaler]()
	textType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// decode reads a node into v, which is settable. Null leaves v as it is.
func (d *decoder) decode(n *yaml.Node, v reflect.Value, p *path) {
	if d.depth++; d.depth > maxDepth {
		d.once(&d.bomb, n, p, Error{Found: "more than 100 levels inside each other", Allowed: "fewer"})
		d.depth--
		return
	}
	defer func() { d.depth-- }()
	target, ok := d.resolve(n, p)
	if !ok {
		return
	}
	defer d.enter(n)()
	n = target
	d.expand(n, p)
	if null(n) && d.expanded[n] == nil {
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch t := v.Type(); {
	case t == reflect.TypeFor[tunnelemu.Config]():
		d.inline(n, v, p)
	case t == reflect.TypeFor[accessemu.PolicyRef]():
		d.policyRef(n, v, p)
	case reflect.PointerTo(t).Implements(jsonType):
		d.byJSON(n, v, p)
	case reflect.PointerTo(t).Implements(textType):
		d.byText(n, v.Addr().Interface().(encoding.TextUnmarshaler), t, p)
	case short(t) != "" && n.Kind == yaml.ScalarNode:
		d.scalar(n, v.FieldByName(short(t)), p)
	case t.Kind() == reflect.Struct:
		d.object(n, v, p)
	case t == reflect.TypeFor[fileNames]() && n.Kind == yaml.ScalarNode:
		v.Set(reflect.MakeSlice(t, 1, 1))
		d.scalar(n, v.Index(0), p)
	case t.Kind() == reflect.Slice:
		d.list(n, v, p)
	case t.Kind() == reflect.Map:
		d.mapping(n, v, p)
	case t.Kind() == reflect.Interface:
		d.anything(n, v, p)
	default:
		d.scalar(n, v, p)
	}
}

// short is the field of an object that a text in its place stands for; empty: there is none.
func short(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[worker](), reflect.TypeFor[pages]():
		return "Dir"
	case reflect.TypeFor[envVar]():
		return "Value"
	}
	return ""
}

func null(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

func (d *decoder) shape(t reflect.Type) *shape {
	s := d.shapes[t]
	if s == nil {
		s = shapeOf(t)
		d.shapes[t] = s
	}
	return s
}

func (d *decoder) object(n *yaml.Node, v reflect.Value, p *path) {
	if n.Kind != yaml.MappingNode {
		d.fail(n, p, d.describe(n), "a mapping", "")
		return
	}
	s := d.shape(v.Type())
	given := map[string]bool{}
	for _, kv := range d.pairs(n, p) {
		name := kv.key.Value
		f, known := s.field(name)
		switch {
		case !known:
			d.unknown(kv, v.Type(), s, p)
		default:
			given[name] = !null(kv.value)
			fv, err := v.FieldByIndexErr(f.index)
			if err != nil {
				fv = reach(v, f.index)
			}
			d.decode(kv.value, fv, p.key(name))
		}
	}
	for _, f := range s.fields {
		if f.required && d.optional == 0 && !given[f.name] {
			d.fail(n, p.key(f.name), "missing", wanted(f.typ), "the key is required")
		}
	}
}

// reach is FieldByIndex through embedded pointers that are still nil.
func reach(v reflect.Value, index []int) reflect.Value {
	for _, i := range index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, p *path) {
	if n.Kind != yaml.SequenceNode {
		hint := ""
		if n.Kind == yaml.MappingNode {
			hint = "start each entry with a dash"
		}
		d.fail(n, p, d.describe(n), "a list", hint)
		return
	}
	// An empty list is not nil: it says "none", where no list says nothing.
	items := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, c := range n.Content {
		d.decode(c, items.Index(i), p.item(i))
	}
	v.Set(items)
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, p *path) {
	if n.Kind != yaml.MappingNode {
		d.fail(n, p, d.describe(n), "a mapping", "")
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for _, kv := range d.pairs(n, p) {
		item := reflect.New(v.Type().Elem()).Elem()
		d.decode(kv.value, item, p.key(kv.key.Value))
		v.SetMapIndex(reflect.ValueOf(kv.key.Value).Convert(v.Type().Key()), item)
	}
}

func (d *decoder) anything(n *yaml.Node, v reflect.Value, p *path) {
	data, ok := d.toJSON(n, p)
	if !ok {
		return
	}
	item := reflect.New(v.Type())
	if err := json.Unmarshal(data, item.Interface()); err != nil {
		d.fail(n, p, d.describe(n), "a value", err.Error())
		return
	}
	v.Set(item.Elem())
}

// wanted says in words what a type reads.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return wanted(t.Elem())
	case reflect.Slice:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "a mapping"
	case reflect.Bool:
		return "true or false"
	case reflect.String, reflect.Interface:
		return "a text"
	}
	return "a number"
}

func quote(s string) string {
	if runes := []rune(s); len(runes) > 60 {
		s = string(runes[:60]) + "…"
	}
	return `"` + s + `"`
}

func oneOf(names []string) string {
	switch len(names) {
	case 0:
		return "no key"
	case 1:
		return names[0]
	}
	return "one of " + strings.Join(names, ", ")
}
