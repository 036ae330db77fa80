package wrangler

import (
	"strconv"
	"strings"

	"github.com/tailscale/hujson"

	"github.com/sundog-edge/sundog/internal/lazyregexp"
)

var hujsonError = lazyregexp.New(`^hujson: line (\d+), column (\d+): `)

// parseJSON reads JSON with comments and trailing commas.
func parseJSON(s *source) (*node, *Problem) {
	v, err := hujson.Parse(s.data)
	if err != nil {
		p := &Problem{At: s.mark(-1), Found: strings.TrimPrefix(err.Error(), "hujson: ")}
		if m := hujsonError.FindStringSubmatch(err.Error()); m != nil {
			line, _ := strconv.Atoi(m[1])
			column, _ := strconv.Atoi(m[2])
			p.At, p.Found = s.mark(s.offset(line, column)), err.Error()[len(m[0]):]
		}
		p.Allowed = "JSON, with comments and trailing commas"
		if strings.Contains(p.Found, `'"' after object value`) || strings.Contains(p.Found, `'"' after array value`) {
			p.Hint = "a comma is missing before it"
		}
		return nil, p
	}
	return fromJSON(&v), nil
}

func fromJSON(v *hujson.Value) *node {
	n := &node{at: v.StartOffset}
	switch v := v.Value.(type) {
	case *hujson.Object:
		n.kind = mapping
		for i := range v.Members {
			m := &v.Members[i]
			name, _ := m.Name.Value.(hujson.Literal)
			n.entries = append(n.entries, entry{name.String(), m.Name.StartOffset, fromJSON(&m.Value)})
		}
	case *hujson.Array:
		n.kind = list
		for i := range v.Elements {
			n.list = append(n.list, fromJSON(&v.Elements[i]))
		}
	case hujson.Literal:
		switch v.Kind() {
		case '"':
			n.kind, n.text = text, v.String()
		case 't', 'f':
			n.kind, n.text = truth, string(v)
		case '0':
			n.kind, n.text = number, string(v)
		}
	}
	return n
}
