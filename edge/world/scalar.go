package world

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// text reads a scalar as text. Numbers and dates are taken as written: an id
// of digits needs no quotes. A bare true, false or null is not text, because
// it more likely stands in the wrong place.
func (d *decoder) text(n *yaml.Node) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		return "", false
	}
	if d.expanded[n] != nil {
		return n.Value, true
	}
	switch n.ShortTag() {
	case "!!str", "!!int", "!!float", "!!timestamp":
		return n.Value, true
	}
	return "", false
}

// boolean reads true and false, and the bare words that cloudflared's own
// files may use for them.
func (d *decoder) boolean(n *yaml.Node) (value, ok bool) {
	if n.Kind != yaml.ScalarNode || n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return false, false
	}
	switch strings.ToLower(n.Value) {
	case "true", "yes", "y", "on":
		return true, true
	case "false", "no", "n", "off":
		return false, true
	}
	return false, false
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value, p *path) {
	switch v.Kind() {
	case reflect.String:
		s, ok := d.text(n)
		if !ok {
			hint := ""
			if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!bool" {
				hint = `put quotes around it if "` + n.Value + `" is meant`
			}
			d.fail(n, p, d.describe(n), "a text", hint)
			return
		}
		v.SetString(s)
	case reflect.Bool:
		b, ok := d.boolean(n)
		if !ok {
			hint := ""
			if s, _ := d.text(n); s == "true" || s == "false" {
				hint = "write it without quotes"
			}
			d.fail(n, p, d.describe(n), "true or false", hint)
			return
		}
		v.SetBool(b)
	case reflect.Float32, reflect.Float64:
		var f float64
		if !number(n) || n.Decode(&f) != nil || math.IsNaN(f) || v.OverflowFloat(f) {
			d.fail(n, p, d.describe(n), "a number", "")
			return
		}
		v.SetFloat(f)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		var i int64
		bits := v.Type().Bits()
		if !whole(n) || n.Decode(&i) != nil || v.OverflowInt(i) {
			d.fail(n, p, d.describe(n), wholeNumber(n, strconv.FormatInt(-1<<(bits-1), 10), strconv.FormatInt(1<<(bits-1)-1, 10)), "")
			return
		}
		v.SetInt(i)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		var u uint64
		if !whole(n) || n.Decode(&u) != nil || v.OverflowUint(u) {
			d.fail(n, p, d.describe(n), wholeNumber(n, "0", strconv.FormatUint(math.MaxUint64>>(64-v.Type().Bits()), 10)), "")
			return
		}
		v.SetUint(u)
	default:
		panic(fmt.Sprintf("world: a document type has a field of type %s", v.Type()))
	}
}

// wholeNumber states the range only to who wrote a number.
func wholeNumber(n *yaml.Node, low, high string) string {
	if whole(n) {
		return "a whole number from " + low + " to " + high
	}
	return "a whole number"
}

func number(n *yaml.Node) bool {
	if n.Kind != yaml.ScalarNode {
		return false
	}
	tag := n.ShortTag()
	return tag == "!!int" || tag == "!!float"
}

func whole(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!int" }

// byText reads a type that knows its own text form.
func (d *decoder) byText(n *yaml.Node, v encoding.TextUnmarshaler, t reflect.Type, p *path) {
	s, ok := d.text(n)
	if !ok {
		d.fail(n, p, d.describe(n), allowedText(t), "")
	} else if v.UnmarshalText([]byte(s)) != nil || s == "" {
		d.fail(n, p, d.describe(n), allowedText(t), "")
	}
}

func allowedText(t reflect.Type) string {
	switch t.String() {
	case "netip.Addr":
		return "an IP address"
	case "netip.Prefix":
		return "an address range such as 192.0.2.0/24"
	case "netip.AddrPort":
		return "an address and port"
	}
	return "a text"
}

// describe says in words what stands at a node. A value that came from the
// environment is described by the variable: it may be a secret.
func (d *decoder) describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return d.describe(n.Alias)
	}
	if raw := d.expanded[n]; raw != nil {
		return "the value of " + *raw
	}
	value := n.Value
	if runes := []rune(value); len(runes) > 60 {
		value = string(runes[:60]) + "…"
	}
	switch tag := n.ShortTag(); tag {
	case "!!str":
		return "the text " + strconv.Quote(value)
	case "!!int", "!!float":
		return "the number " + value
	case "!!bool":
		return "the truth value " + value
	case "!!null":
		return "nothing"
	case "!!timestamp":
		return "the date " + value
	default:
		return "a value with the tag " + tag
	}
}
