package world

import (
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sundog-edge/sundog/internal/lazyregexp"
	"github.com/sundog-edge/sundog/internal/nearest"
)

// compose is what compose files say of how their services are reached, the files
// laid over each other as compose does.
type compose struct {
	files    []string
	services map[string]*composeService
	order    []*composeService // as they were found
	made     int               // addresses so far
	full     bool              // more than maxComposed, which was said
}

// composeService is one service.
type composeService struct {
	name  string
	at    placed   // the service
	key   Mark     // where its name stands
	names []string // what other containers call it, in lower case
	ports []composePort
	list  placed // of its ports; a nil node: there is none
	hosts bool   // network_mode: host
}

// composePort is one published TCP port.
type composePort struct {
	ip        string   // of this machine; empty: all of them
	published uint16   // on this machine; 0: Docker chooses one
	target    uint16   // in the container
	unset     []string // variables that are not set, and leave published open
	at        placed
}

// maxComposed bounds the addresses that ranges of ports make, all files together.
const maxComposed = 20_000

// composeReader reads one file.
type composeReader struct {
	*decoder
	into *compose
	env  func(string) (string, bool)
	dir  string
}

// composeName is what compose and DNS take for a name.
var composeName = lazyregexp.New(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

func (r *composeReader) read(root *yaml.Node) {
	if root.Kind != yaml.MappingNode {
		r.fail(root, nil, r.describe(root), "a compose file: a mapping with services", "")
		return
	}
	var keys []string
	var services *pair
	for _, kv := range r.pairs(root, nil) {
		keys = append(keys, kv.key.Value)
		switch kv.key.Value {
		case "services":
			services = &kv
		case "include":
			r.odd(kv.key, "files of include are not read", "name them in origins_from too")
		}
	}
	at := &path{name: "services"}
	if services == nil {
		r.fail(root, nil, "no services", "a compose file: a mapping with services", didYouMean("services", keys))
		return
	}
	list, ok := r.mappingAt(services.value, at)
	if !ok {
		return
	}
	all := map[string]pair{}
	for _, kv := range list {
		all[kv.key.Value] = kv
	}
	for _, kv := range list {
		if !composeName.MatchString(kv.key.Value) {
			r.fail(kv.key, at.key(kv.key.Value), "the service "+quote(kv.key.Value), "letters, digits, dots, hyphens and underscores", "")
			continue
		}
		r.service(kv, at.key(kv.key.Value), all)
	}
}

// odd notes what is legal in compose and not looked at here.
func (r *composeReader) odd(n *yaml.Node, text, mend string) {
	r.probs.find(r.src, r.src.mark(n), text, mend)
}

// mappingAt are the pairs of a mapping; nothing at all is an empty one.
func (r *composeReader) mappingAt(n *yaml.Node, p *path) ([]pair, bool) {
	m, ok := r.resolve(n, p)
	switch {
	case !ok:
		return nil, false
	case null(m):
		return nil, true
	case m.Kind != yaml.MappingNode:
		r.fail(n, p, r.describe(m), "a mapping", "")
		return nil, false
	}
	defer r.enter(n)()
	return r.pairs(m, p), true
}

// service reads one service and lays it over what earlier files say of it.
func (r *composeReader) service(kv pair, p *path, all map[string]pair) {
	s := r.into.services[kv.key.Value]
	if s == nil {
		s = &composeService{name: kv.key.Value}
		r.into.services[s.name] = s
		r.into.order = append(r.into.order, s)
		s.call(s.name)
	}
	s.at, s.key = placed{r.src, kv.value, p}, r.src.mark(kv.key)
	r.fill(s, kv.value, p, all, map[string]bool{})
}

// fill takes from a service what concerns its addresses; of one that it extends, first.
func (r *composeReader) fill(s *composeService, n *yaml.Node, p *path, all map[string]pair, open map[string]bool) {
	list, ok := r.mappingAt(n, p)
	if !ok {
		return
	}
	by := map[string]pair{}
	var keys []string
	for _, kv := range list {
		by[kv.key.Value] = kv
		keys = append(keys, kv.key.Value)
	}
	if kv, ok := by["extends"]; ok {
		r.extend(s, kv.value, p.key("extends"), all, open)
	}
	for _, key := range []string{"container_name", "hostname"} {
		if kv, ok := by[key]; ok {
			r.call(s, kv.value, p.key(key))
		}
	}
	if kv, ok := by["networks"]; ok {
		r.aliases(s, kv.value, p.key("networks"))
	}
	if kv, ok := by["network_mode"]; ok {
		mode, _ := r.value(kv.value, p.key("network_mode"))
		s.hosts = mode == "host"
	}
	if kv, ok := by["ports"]; ok {
		r.ports(s, kv.value, p.key("ports"))
	} else if near := nearest.Word("ports", keys); near == "port" {
		r.fail(by[near].key, p.key(near), "the unknown key "+quote(near), "a key of a compose service", `did you mean "ports"?`)
	}
}

// extend follows extends inside the file.
func (r *composeReader) extend(s *composeService, n *yaml.Node, p *path, all map[string]pair, open map[string]bool) {
	name := ""
	if n.Kind == yaml.ScalarNode {
		name, _ = r.value(n, p)
	} else if list, ok := r.mappingAt(n, p); ok {
		for _, kv := range list {
			switch kv.key.Value {
			case "service":
				name, _ = r.value(kv.value, p.key("service"))
			case "file":
				if file, _ := r.value(kv.value, p.key("file")); resolvePath(r.dir, file) != filepath.Clean(r.src.name) {
					r.odd(kv.key, "ports that "+quote(s.name)+" takes from another file are not seen", "write them in origins:")
					return
				}
			}
		}
	}
	base, ok := all[name]
	switch {
	case name == "":
	case !ok:
		r.fail(n, p, "the service "+quote(name)+", which is not in this file", "the name of a service", didYouMean(name, sortedKeys(all)))
	case open[name]:
		r.fail(n, p, "the service "+quote(name)+", which extends itself", "another service", "")
	default:
		open[name] = true
		names, key := s.names, s.key
		r.fill(s, base.value, p, all, open)
		s.names, s.key = names, key // names are not inherited in a way that another container could use
		delete(open, name)
	}
}

// value is a scalar as text with its variables replaced.
func (r *composeReader) value(n *yaml.Node, p *path) (string, []string) {
	m, ok := r.resolve(n, p)
	if !ok || null(m) {
		return "", nil
	}
	raw, ok := r.text(m)
	if !ok {
		r.fail(n, p, r.describe(m), "a text", "")
		return "", nil
	}
	t := template{lookup: r.env}
	text, err := t.expand(raw)
	if err != nil {
		// The text may hold the value of a variable: it is described as it was written.
		r.fail(n, p, err.Error()+" in "+quote(raw), "$NAME, ${NAME}, ${NAME:-default} or $$", "")
		return "", nil
	}
	return text, t.unset
}

// call adds a name that stands at a node.
func (r *composeReader) call(s *composeService, n *yaml.Node, p *path) {
	before := len(r.probs.errs)
	name, _ := r.value(n, p)
	switch {
	case len(r.probs.errs) > before || name == "":
	case !composeName.MatchString(name):
		r.fail(n, p, "the name "+quote(name), "letters, digits, dots, hyphens and underscores", "")
	default:
		s.call(name)
	}
}

func (s *composeService) call(name string) {
	name = strings.ToLower(name)
	for _, known := range s.names {
		if known == name {
			return
		}
	}
	s.names = append(s.names, name)
}

// aliases reads networks, which is a list of names, or a mapping whose values may have
// aliases.
func (r *composeReader) aliases(s *composeService, n *yaml.Node, p *path) {
	m, ok := r.resolve(n, p)
	if !ok || m.Kind != yaml.MappingNode {
		return
	}
	defer r.enter(n)()
	for _, net := range r.pairs(m, p) {
		p := p.key(net.key.Value)
		settings, _ := r.mappingAt(net.value, p)
		for _, kv := range settings {
			if kv.key.Value != "aliases" {
				continue
			}
			p := p.key("aliases")
			list, ok := r.resolve(kv.value, p)
			if !ok || null(list) {
				continue
			}
			if list.Kind != yaml.SequenceNode {
				r.fail(kv.value, p, r.describe(list), "a list of names", "")
				continue
			}
			for i, alias := range list.Content {
				r.call(s, alias, p.item(i))
			}
		}
	}
}
