package tunnelemu

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// deref follows an alias to the node it names.
func deref(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool {
	return n.Kind == 0 || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

func isMerge(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Value == "<<" && (key.Tag == "" || key.Tag == "!" || key.ShortTag() == "!!merge")
}

// pair is one entry of a mapping.
type pair struct{ key, value *yaml.Node }

// maxMergeDepth bounds "<<" chains, which may run in a circle.
const maxMergeDepth = 32

// pairs lists a mapping's own entries, then those that "<<" merges in and that it does not have itself. The second
// result is the first thing merged that is no mapping.
func pairs(n *yaml.Node, depth int) ([]pair, *yaml.Node) {
	list := make([]pair, 0, len(n.Content)/2)
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if isMerge(n.Content[i]) {
			merges = append(merges, n.Content[i+1])
			continue
		}
		list = append(list, pair{n.Content[i], n.Content[i+1]})
	}
	if len(merges) == 0 {
		return list, nil
	}
	have := make(map[string]bool, len(list))
	for _, p := range list {
		have[p.key.Value] = true
	}
	var bad *yaml.Node
	for len(merges) > 0 {
		from := deref(merges[0])
		merges = merges[1:]
		switch {
		case from.Kind == yaml.SequenceNode && depth < maxMergeDepth:
			merges = append(append([]*yaml.Node(nil), from.Content...), merges...)
			depth++
		case from.Kind == yaml.MappingNode && depth < maxMergeDepth:
			more, wrong := pairs(from, depth+1)
			if bad == nil {
				bad = wrong
			}
			for _, p := range more {
				if !have[p.key.Value] {
					have[p.key.Value] = true
					list = append(list, p)
				}
			}
		case bad == nil:
			bad = from
		}
	}
	return list, bad
}

// elements lists a sequence's entries. The connector's YAML decoder drops null entries; its JSON decoder keeps them.
func elements(n *yaml.Node, api bool) []*yaml.Node {
	list := make([]*yaml.Node, 0, len(n.Content))
	for _, e := range n.Content {
		if api || !isNull(deref(e)) {
			list = append(list, e)
		}
	}
	return list
}

// locate walks a field path as far as the document goes. For a mapping entry it answers the key's node.
func locate(root *yaml.Node, field string, api bool) *yaml.Node {
	at, inside := root, root
	for field != "" {
		var step string
		if strings.HasPrefix(field, "[") {
			end := strings.IndexByte(field, ']')
			if end < 0 {
				return at
			}
			step, field = field[1:end], strings.TrimPrefix(field[end+1:], ".")
			i, err := strconv.Atoi(step)
			inside = deref(inside)
			if err != nil || inside.Kind != yaml.SequenceNode {
				return at
			}
			list := elements(inside, api)
			if i < 0 || i >= len(list) {
				return at
			}
			at, inside = list[i], list[i]
			continue
		}
		if end := strings.IndexAny(field, ".["); end < 0 {
			step, field = field, ""
		} else {
			step, field = field[:end], strings.TrimPrefix(field[end:], ".")
		}
		inside = deref(inside)
		if inside.Kind != yaml.MappingNode {
			return at
		}
		var found *pair
		list, _ := pairs(inside, 0)
		for _, p := range list {
			if p.key.Value == step || api && strings.EqualFold(p.key.Value, step) {
				found = &p
			}
		}
		if found == nil {
			return at
		}
		at, inside = found.key, found.value
	}
	return at
}

// describe names a node for a message: its kind, or its text when it is a scalar.
func describe(n *yaml.Node) string {
	switch n = deref(n); n.Kind {
	case yaml.MappingNode:
		return "found a mapping"
	case yaml.SequenceNode:
		return "found a list"
	}
	switch n.ShortTag() {
	case "!!null":
		return "found nothing"
	case "!!str":
		return "found the string " + strconv.Quote(clip(n.Value))
	case "!!int", "!!float":
		return "found the number " + clip(n.Value)
	case "!!bool":
		return "found the boolean " + clip(n.Value)
	}
	return "found " + strconv.Quote(clip(n.Value))
}

// clip keeps messages readable when the value is a whole document.
func clip(s string) string {
	const limit = 120
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
