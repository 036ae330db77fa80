package wrangler

import (
	"bytes"
	"encoding/json"
)

// node is a value of any of the formats. Offsets are into the source.
type node struct {
	kind    kind
	at      int
	text    string // of a text; a number or a truth value as JSON writes it
	list    []*node
	entries []entry // of a mapping, in the file's order
}

type entry struct {
	name  string
	at    int
	value *node
}

type kind uint8

const (
	null kind = iota
	truth
	number
	text
	list
	mapping
)

// child is the value of a key, the last where it stands twice, as wrangler reads it.
func (n *node) child(name string) *node {
	for i := len(n.entries) - 1; i >= 0; i-- {
		if n.entries[i].name == name {
			return n.entries[i].value
		}
	}
	return nil
}

// json writes the value; keys keep their order.
func (n *node) json() json.RawMessage {
	var b bytes.Buffer
	n.write(&b)
	return b.Bytes()
}

func (n *node) write(b *bytes.Buffer) {
	switch n.kind {
	case null:
		b.WriteString("null")
	case truth, number:
		b.WriteString(n.text)
	case text:
		writeText(b, n.text)
	case list:
		b.WriteByte('[')
		for i, item := range n.list {
			if i > 0 {
				b.WriteByte(',')
			}
			item.write(b)
		}
		b.WriteByte(']')
	case mapping:
		b.WriteByte('{')
		first := true
		for _, e := range n.entries {
			if n.child(e.name) != e.value {
				continue // it stands twice, and the last counts
			}
			if !first {
				b.WriteByte(',')
			}
			first = false
			writeText(b, e.name)
			b.WriteByte(':')
			e.value.write(b)
		}
		b.WriteByte('}')
	}
}

func writeText(b *bytes.Buffer, s string) {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // a text always has a JSON form
	}
	b.Write(data)
}
