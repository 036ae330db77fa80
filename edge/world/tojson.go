package world

import (
	"bytes"
	"encoding/json"
	"reflect"

	"go.yaml.in/yaml/v3"
)

// byJSON hands a node to a type that reads JSON itself, and finds the places
// of what it complains about.
func (d *decoder) byJSON(n *yaml.Node, v reflect.Value, p *path) {
	data, ok := d.toJSON(n, p)
	if !ok {
		return
	}
	if err := json.Unmarshal(data, v.Addr().Interface()); err != nil {
		for _, e := range fieldErrors(err) {
			at := n
			if e.Field != "" {
				at, _ = walk(n, e.Field)
			}
			e.Field = join(p.String(), e.Field)
			d.report(at, *e)
		}
	}
}

// toJSON writes a node as JSON. It reports false when the node cannot be
// written, which is then among the errors.
func (d *decoder) toJSON(n *yaml.Node, p *path) ([]byte, bool) {
	before := len(d.probs.errs) + d.probs.dropped
	var b bytes.Buffer
	d.writeJSON(&b, n, p)
	return b.Bytes(), len(d.probs.errs)+d.probs.dropped == before
}

func (d *decoder) writeJSON(b *bytes.Buffer, n *yaml.Node, p *path) {
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
	switch n.Kind {
	case yaml.MappingNode:
		b.WriteByte('{')
		for i, kv := range d.pairs(n, p) {
			if i > 0 {
				b.WriteByte(',')
			}
			writeString(b, kv.key.Value)
			b.WriteByte(':')
			d.writeJSON(b, kv.value, p.key(kv.key.Value))
		}
		b.WriteByte('}')
	case yaml.SequenceNode:
		b.WriteByte('[')
		for i, c := range n.Content {
			if i > 0 {
				b.WriteByte(',')
			}
			d.writeJSON(b, c, p.item(i))
		}
		b.WriteByte(']')
	default:
		d.expand(n, p)
		d.writeScalar(b, n, p)
	}
}

func (d *decoder) writeScalar(b *bytes.Buffer, n *yaml.Node, p *path) {
	var value any
	switch tag := n.ShortTag(); tag {
	case "!!null":
		value = nil
	case "!!str", "!!timestamp":
		value = n.Value
	case "!!bool", "!!int", "!!float":
		if n.Decode(&value) != nil {
			d.fail(n, p, d.describe(n), "a value", "")
			return
		}
	default:
		d.fail(n, p, d.describe(n), "a value without a tag", "")
		return
	}
	data, err := json.Marshal(value)
	if err != nil {
		d.fail(n, p, d.describe(n), "a finite number", "")
		return
	}
	b.Write(data)
}

func writeString(b *bytes.Buffer, s string) {
	data, _ := json.Marshal(s) // a string always has a JSON form
	b.Write(data)
}
