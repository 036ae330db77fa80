package tunnelemu

import (
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sundog-edge/sundog/internal/nearest"
)

const (
	goDuration   = `a Go duration string with a unit, such as "10s" or "1m30s"`
	wholeSeconds = "a whole number of seconds"
)

// decoder fills the typed structs from nodes and gathers everything wrong on the way. The struct fields' json tags are
// the keys of both forms.
type decoder struct {
	file     string
	api      bool // the API's form: keys in any case, durations in seconds, unknown keys ignored
	errs     Errors
	findings []Finding
}

// trail is the field path of the value being decoded; it is written out only for a message.
type trail struct {
	up    *trail
	key   string
	index int
}

func (t *trail) String() string {
	var parts []string
	for ; t != nil; t = t.up {
		if t.key == "" {
			parts = append(parts, "["+strconv.Itoa(t.index)+"]")
		} else {
			parts = append(parts, "."+t.key)
		}
	}
	var b strings.Builder
	for i := len(parts) - 1; i >= 0; i-- {
		b.WriteString(parts[i])
	}
	return strings.TrimPrefix(b.String(), ".")
}

func (d *decoder) fail(at *trail, n *yaml.Node, class Class, found, allowed, hint string) {
	d.errs = append(d.errs, &Error{File: d.file, Line: n.Line, Column: n.Column, Field: at.String(), Class: class, Found: found, Allowed: allowed, Hint: hint})
}

// value decodes n into out. It reports whether out was set: null and wrong values leave it alone.
func (d *decoder) value(at *trail, n *yaml.Node, out reflect.Value) bool {
	n = deref(n)
	if isNull(n) {
		return false
	}
	if out.Kind() == reflect.Pointer {
		fresh := reflect.New(out.Type().Elem())
		if !d.value(at, n, fresh.Elem()) {
			return false
		}
		out.Set(fresh)
		return true
	}
	switch out.Kind() {
	case reflect.Struct:
		return d.object(at, n, out)
	case reflect.Slice:
		return d.list(at, n, out)
	}
	return d.scalar(at, n, out)
}

func (d *decoder) list(at *trail, n *yaml.Node, out reflect.Value) bool {
	if n.Kind != yaml.SequenceNode {
		d.fail(at, n, ClassType, describe(n), "a list", "")
		return false
	}
	nodes := elements(n, d.api)
	list := reflect.MakeSlice(out.Type(), len(nodes), len(nodes))
	for i, e := range nodes {
		d.value(&trail{up: at, index: i}, e, list.Index(i))
		if rule, ok := list.Index(i).Addr().Interface().(*Rule); ok {
			rule.Line, rule.Column = e.Line, e.Column
		}
	}
	out.Set(list)
	return true
}

func (d *decoder) object(at *trail, n *yaml.Node, out reflect.Value) bool {
	keys := keysOf(out.Type())
	if n.Kind != yaml.MappingNode {
		d.fail(at, n, ClassType, describe(n), "a mapping with the keys "+strings.Join(keys.names, ", "), "")
		return false
	}
	list, bad := pairs(n, 0)
	if bad != nil {
		d.fail(at, bad, ClassType, describe(bad), "a mapping to merge", "")
	}
	for _, p := range list {
		name := p.key.Value
		i, known := keys.index[name]
		if !known && d.api {
			i, known = keys.folded[strings.ToLower(name)]
		}
		if !known {
			d.unknown(&trail{up: at, key: name}, p.key, keys.names)
			continue
		}
		d.value(&trail{up: at, key: keys.names[i]}, p.value, out.Field(keys.fields[i]))
	}
	return true
}

// unknown is a finding in both forms: the connector ignores such a key, warning only for the file.
func (d *decoder) unknown(at *trail, key *yaml.Node, known []string) {
	f := Finding{File: d.file, Line: key.Line, Column: key.Column, Field: at.String(), Text: "unknown key, which cloudflared ignores", Unknown: !d.api}
	switch near := nearest.Word(key.Value, known); {
	case at.String() == "warp-routing.enabled":
		f.Mend = "remove it: private routing is always on"
	case near != "":
		f.Mend = "did you mean " + near + "?"
	default:
		f.Mend = "known keys: " + strings.Join(known, ", ")
	}
	d.findings = append(d.findings, f)
}

func (d *decoder) scalar(at *trail, n *yaml.Node, out reflect.Value) bool {
	if out.Type() == reflect.TypeFor[Duration]() {
		return d.duration(at, n, out)
	}
	allowed := map[reflect.Kind]string{
		reflect.String: "a string", reflect.Bool: "true or false", reflect.Int: "a whole number",
		reflect.Uint: "a whole number from 0", reflect.Uint64: "a whole number from 0",
	}[out.Kind()]
	ok := n.Kind == yaml.ScalarNode
	if ok && d.api {
		// JSON converts nothing: the value's own type must be the wanted one.
		want := map[reflect.Kind]string{reflect.String: "!!str", reflect.Bool: "!!bool"}[out.Kind()]
		if want == "" {
			want = "!!int"
		}
		ok = n.ShortTag() == want
	}
	if !ok || n.Decode(out.Addr().Interface()) != nil {
		hint := ""
		if out.Kind() == reflect.Bool && n.ShortTag() == "!!str" && (strings.EqualFold(n.Value, "true") || strings.EqualFold(n.Value, "false")) {
			hint = "write it without quotes"
		}
		d.fail(at, n, ClassType, describe(n), allowed, hint)
		return false
	}
	return true
}

func (d *decoder) duration(at *trail, n *yaml.Node, out reflect.Value) bool {
	if d.api {
		if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!int" {
			if seconds, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
				out.SetInt(int64(durationOf(seconds)))
				return true
			}
		}
		hint := ""
		if v, err := time.ParseDuration(n.Value); err == nil && v%time.Second == 0 {
			hint = fmt.Sprintf("write %d", v/time.Second)
		}
		d.fail(at, n, ClassType, describe(n), wholeSeconds, hint)
		return false
	}
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" {
		if v, err := time.ParseDuration(n.Value); err == nil {
			out.SetInt(int64(v))
			return true
		}
	}
	hint := ""
	if _, err := strconv.ParseFloat(n.Value, 64); err == nil && n.Kind == yaml.ScalarNode {
		hint = "did you mean " + n.Value + "s?"
	}
	d.fail(at, n, ClassType, describe(n), goDuration, hint)
	return false
}

// keys are a struct's json names, in the order of its fields.
type keys struct {
	names  []string
	fields []int
	index  map[string]int
	folded map[string]int
}

var typedKeys = func() map[reflect.Type]*keys {
	m := map[reflect.Type]*keys{}
	for _, t := range []reflect.Type{
		reflect.TypeFor[Config](), reflect.TypeFor[Rule](), reflect.TypeFor[OriginRequest](),
		reflect.TypeFor[IPRule](), reflect.TypeFor[Access](), reflect.TypeFor[WarpRouting](),
	} {
		k := &keys{index: map[string]int{}, folded: map[string]int{}}
		for i := range t.NumField() {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			if name == "" || name == "-" {
				continue
			}
			k.index[name], k.folded[strings.ToLower(name)] = len(k.names), len(k.names)
			k.names, k.fields = append(k.names, name), append(k.fields, i)
		}
		m[t] = k
	}
	return m
}()

func keysOf(t reflect.Type) *keys { return typedKeys[t] }

// sortErrors puts errors into the order of the file.
func sortErrors(errs Errors) {
	sort.SliceStable(errs, func(i, j int) bool {
		a, b := errs[i], errs[j]
		return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
	})
}

func sortFindings(fs []Finding) {
	sort.SliceStable(fs, func(i, j int) bool {
		a, b := fs[i], fs[j]
		return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
	})
}
