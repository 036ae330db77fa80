package wrangler

import (
	"encoding/json"
	"errors"
	"math/big"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// parseTOML reads TOML. The whole text is decoded once for its errors, among them tables that are
// written twice, and once for its places, which decoding does not keep.
func parseTOML(s *source) (*node, *Problem) {
	fail := func(at Mark, found string) (*node, *Problem) {
		return nil, &Problem{At: at, Found: found, Allowed: "TOML"}
	}
	var whole map[string]any
	if err := toml.Unmarshal(s.data, &whole); err != nil {
		var e *toml.DecodeError
		if errors.As(err, &e) {
			line, column := e.Position()
			return fail(s.mark(s.offset(line, column)), strings.TrimPrefix(e.Error(), "toml: "))
		}
		return fail(s.mark(-1), strings.TrimPrefix(err.Error(), "toml: "))
	}
	root := &node{kind: mapping}
	here := root
	var p unstable.Parser
	p.Reset(s.data)
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			here = root.open(e.Key(), e.Kind == unstable.ArrayTable)
		case unstable.KeyValue:
			here.put(e)
		}
	}
	if err := p.Error(); err != nil {
		return fail(s.mark(-1), err.Error())
	}
	return root, nil
}

// open is the table of a header, made where it is not there yet. Of a list of tables it is a new one.
func (n *node) open(key unstable.Iterator, each bool) *node {
	for key.Next() {
		k := key.Node()
		last := key.IsLast()
		at := int(k.Raw.Offset)
		next := n.child(string(k.Data))
		if next == nil {
			next = &node{kind: mapping, at: at}
			if last && each {
				next.kind = list
			}
			n.entries = append(n.entries, entry{string(k.Data), at, next})
		}
		if next.kind == list {
			if last && each {
				next.list = append(next.list, &node{kind: mapping, at: at})
			}
			next = next.list[len(next.list)-1]
		}
		n = next
	}
	return n
}

// put adds a pair, whose key may have dots.
func (n *node) put(pair *unstable.Node) {
	key := pair.Key()
	for key.Next() {
		k := key.Node()
		name, at := string(k.Data), int(k.Raw.Offset)
		if key.IsLast() {
			n.entries = append(n.entries, entry{name, at, fromTOML(pair.Value(), at)})
			return
		}
		next := n.child(name)
		if next == nil {
			next = &node{kind: mapping, at: at}
			n.entries = append(n.entries, entry{name, at, next})
		}
		n = next
	}
}

// fromTOML is a value; at is its place when the parser keeps none.
func fromTOML(v *unstable.Node, at int) *node {
	if v.Raw.Length > 0 {
		at = int(v.Raw.Offset)
	}
	n := &node{at: at, text: string(v.Data)}
	switch v.Kind {
	case unstable.String:
		n.kind = text
	case unstable.Bool:
		n.kind = truth
	case unstable.Integer:
		n.kind, n.text = number, integer(n.text)
	case unstable.Float:
		if n.text = strings.TrimPrefix(strings.ReplaceAll(n.text, "_", ""), "+"); json.Valid([]byte(n.text)) {
			n.kind = number
		} else {
			n.kind = text // inf and nan, which JSON does not have
		}
	case unstable.Array:
		n.kind, n.text = list, ""
		for items := v.Children(); items.Next(); {
			if item := items.Node(); item.Kind != unstable.Comment {
				n.list = append(n.list, fromTOML(item, at))
			}
		}
	case unstable.InlineTable:
		n.kind, n.text = mapping, ""
		for pairs := v.Children(); pairs.Next(); {
			if pair := pairs.Node(); pair.Kind == unstable.KeyValue {
				n.put(pair)
			}
		}
	default:
		n.kind = text // dates and times, as they are written
	}
	return n
}

// integer is a whole number of TOML, with signs, underscores and other bases, as JSON writes it.
func integer(s string) string {
	s = strings.ReplaceAll(s, "_", "")
	if i, ok := new(big.Int).SetString(s, 0); ok {
		return i.String()
	}
	return strconv.Quote(s)
}
