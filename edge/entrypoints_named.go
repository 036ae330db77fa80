package edge

import (
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/edge/world"
)

// namedHosts are hosts that no record is of itself, by the wildcard record that they come under: those that applications
// name, and those of the ingress rules behind the record. A host among them may be guarded, or lead elsewhere, where the
// record's others are not.
type namedHosts struct {
	snap     *snapshot
	byRecord map[string][]string
	seen     map[string]bool
}

func (s *snapshot) namedHosts() namedHosts {
	n := namedHosts{s, map[string][]string{}, map[string]bool{}}
	for _, doc := range s.inFileOrder(world.KindApp) {
		if app, ok := s.access.App(doc.Key.ID); ok {
			for _, text := range app.Domains {
				host, _, _ := strings.Cut(text, "/")
				n.add(host, "")
			}
		}
	}
	for _, doc := range s.inFileOrder(world.KindRecord) {
		rec := doc.Value.(*world.Record)
		if id, ok := tunnelID(rec.Content); ok && rec.Proxied && strings.HasPrefix(rec.Name, "*.") {
			if t, ok := find(s.tunnels, strings.ToLower(id)); ok && t.def.Config != nil {
				for _, rule := range t.def.Config.Ingress {
					n.add(rule.Hostname, rec.Name)
				}
			}
		}
	}
	return n
}

// add takes a host, which may begin with a wildcard, when it comes under that record, or under any when that is empty.
func (n namedHosts) add(pattern, record string) {
	bare, wild := strings.CutPrefix(pattern, "*.")
	h, err := canonicalHost(sample(bare))
	if err != nil || n.snap.zones == nil {
		return
	}
	host := h.Name
	if strings.Contains(bare, "*") { // within a label: "app-*.example.com"
		host = strings.ToLower(bare)
	}
	if wild {
		host = "*." + host
	}
	owner := n.snap.zones.Route(sample(host)).Owner
	if owner == host || !strings.HasPrefix(owner, "*.") || record != "" && owner != record || n.seen[host] {
		return
	}
	n.seen[host] = true
	n.byRecord[owner] = append(n.byRecord[owner], host)
}

// appendNamed adds the hosts under a record, but for those whose ways in are among the record's already.
func (s *snapshot) appendNamed(list []door, from int, rec *world.Record, doc *world.Document, named namedHosts, deep deepDomains) []door {
	hosts := named.byRecord[rec.Name]
	if len(hosts) == 0 {
		return list
	}
	there := map[string]bool{}
	for _, d := range list[from:] {
		there[d.url()] = true
	}
	var more []door
	for _, host := range hosts {
		more = s.appendDeep(append(more, s.door(host, "/", doc)), host, doc, deep)
	}
	return append(list, slices.DeleteFunc(more, func(d door) bool { return there[d.url()] })...)
}
