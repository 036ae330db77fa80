package world

import "go.yaml.in/yaml/v3"

// pair is one key of a mapping and its value.
type pair struct {
	key, value *yaml.Node
	merged     bool // by way of <<
}

// What aliases may make of a file. Each is far beyond any honest use.
const (
	maxAliased = 100_000 // nodes read through aliases
	maxDepth   = 100     // collections inside each other
	maxMerges  = 20      // mappings merged into each other
)

// resolve follows an alias, within bounds. It reports false when it refused;
// after too many aliases it refuses everything, so that the load ends.
func (d *decoder) resolve(n *yaml.Node, p *path) (*yaml.Node, bool) {
	if d.inAlias > 0 {
		d.aliased++
	}
	if d.aliased > maxAliased {
		d.once(&d.bomb, n, p, Error{Found: "aliases that make more than 100000 values", Allowed: "fewer", Hint: "write the values out"})
		return nil, false
	}
	if n.Kind != yaml.AliasNode {
		return n, true
	}
	if d.open[n.Alias] {
		d.fail(n, p, "the alias *"+n.Value+", which contains itself", "a value", "")
		return nil, false
	}
	return n.Alias, true
}

// enter is to be called around reading what an alias stands for.
func (d *decoder) enter(n *yaml.Node) func() {
	if n.Kind != yaml.AliasNode {
		return func() {}
	}
	d.open[n.Alias] = true
	d.inAlias++
	return func() { delete(d.open, n.Alias); d.inAlias-- }
}

// pairs are the keys of a mapping, its own first and then the merged ones that
// it does not have itself. Bad keys are reported and left out.
func (d *decoder) pairs(n *yaml.Node, p *path) []pair {
	return d.addPairs(nil, n, p, map[string]*yaml.Node{}, 0)
}

func (d *decoder) addPairs(ps []pair, n *yaml.Node, p *path, seen map[string]*yaml.Node, depth int) []pair {
	var merges []*yaml.Node
	own := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind == yaml.AliasNode {
			k = k.Alias
		}
		switch {
		case k.Kind != yaml.ScalarNode:
			d.fail(k, p, d.describe(k)+" as a key", "a name", "")
			continue
		case k.Tag == "!!merge":
			merges = append(merges, v)
			continue
		case own[k.Value]:
			d.fail(k, p.key(k.Value), "the key twice", "once", "first at "+d.src.mark(seen[k.Value]).String())
			continue
		}
		if depth == 0 || seen[k.Value] == nil {
			ps = append(ps, pair{k, v, depth > 0})
			seen[k.Value] = k
		}
		own[k.Value] = depth == 0
	}
	for _, m := range merges {
		ps = d.merge(ps, m, p, seen, depth+1)
	}
	return ps
}

func (d *decoder) merge(ps []pair, n *yaml.Node, p *path, seen map[string]*yaml.Node, depth int) []pair {
	if depth > maxMerges {
		d.once(&d.bomb, n, p, Error{Found: "more than 20 mappings merged into each other", Allowed: "fewer", Hint: "write the keys out"})
		return ps
	}
	m, ok := d.resolve(n, p)
	if !ok {
		return ps
	}
	defer d.enter(n)()
	switch m.Kind {
	case yaml.MappingNode:
		d.aliased += len(m.Content)
		return d.addPairs(ps, m, p, seen, depth)
	case yaml.SequenceNode:
		for _, c := range m.Content {
			ps = d.merge(ps, c, p, seen, depth+1)
		}
		return ps
	}
	d.fail(n, p, d.describe(m)+" behind <<", "a mapping or a list of mappings", "")
	return ps
}

// child is the value of one step of a path: a key, or an index as "[2]".
func child(n *yaml.Node, step string, merges int) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch n.Kind {
	case yaml.SequenceNode:
		if i, ok := index(step); ok && i < len(n.Content) {
			return n.Content[i]
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i+1]
			}
		}
		for i := 0; i+1 < len(n.Content) && merges > 0; i += 2 {
			if n.Content[i].Tag == "!!merge" {
				if c := merged(n.Content[i+1], step, merges-1); c != nil {
					return c
				}
			}
		}
	}
	return nil
}

func merged(n *yaml.Node, step string, merges int) *yaml.Node {
	if n.Kind != yaml.SequenceNode {
		return child(n, step, merges)
	}
	for _, c := range n.Content {
		if v := child(c, step, merges); v != nil {
			return v
		}
	}
	return nil
}
