package dnsemu

import (
	"fmt"
	"strings"

	iradix "github.com/hashicorp/go-immutable-radix/v2"

	"github.com/sundog-edge/sundog/internal/derive"
)

// firstSerial makes serials the ten digits that clients of the real zones see.
const firstSerial = 2_350_000_000

// compileZone checks a zone document and makes an empty zone of it.
func compileZone(doc Zone) (*zone, error) {
	var f faults
	name, ok := canonicalName(doc.Name)
	if !ok || !strings.Contains(name, ".") || strings.Contains(name, "*") {
		f.add(&FieldError{Field: "name", Found: quote(doc.Name), Allowed: `a domain name of at least two labels, such as "example.com"`})
	}
	z := &zone{doc: doc, apex: name, serial: firstSerial}
	z.doc.Name = name
	if doc.NameServers == nil {
		z.doc.NameServers = DefaultNameServers(name)
	} else {
		z.doc.NameServers = make([]string, 0, len(doc.NameServers))
		if len(doc.NameServers) == 0 {
			f.add(&FieldError{Field: "name_servers", Found: "an empty list", Allowed: "at least one host name, or no such field"})
		}
		for i, s := range doc.NameServers {
			host, ok := canonicalName(s)
			if !ok {
				f.add(&FieldError{Field: fmt.Sprintf("name_servers[%d]", i), Found: quote(s), Allowed: `a host name, such as "ada.ns.cloudflare.com"`})
			}
			z.doc.NameServers = append(z.doc.NameServers, host)
		}
	}
	for _, s := range z.doc.NameServers {
		z.ns = append(z.ns, absolute(s))
	}
	z.applySettings(&f)
	if err := f.err(); err != nil {
		return nil, err
	}
	if z.doc.ID == "" {
		z.doc.ID = derive.Hex32("", "zone", name)
	}
	z.key, _ = appendKey(nil, name)
	z.names, _, _ = iradix.New[*node]().Insert(z.key, newNode(name, nil))
	z.records, z.cuts = iradix.New[*record](), iradix.New[*node]()
	return z, nil
}

// DefaultNameServers are the two name servers of a zone that names none: the same
// two for the same zone name, always.
func DefaultNameServers(zone string) []string {
	first := [...]string{"ada", "beth", "cleo", "dana", "elsa", "gina", "iris", "jill", "kara", "lana", "mona", "nina", "pola", "rose", "tess", "uma"}
	second := [...]string{"abel", "burt", "carl", "dion", "eric", "finn", "guss", "hugh", "ivan", "kurt", "leif", "milo", "noel", "otto", "rick", "theo"}
	sum := derive.Hex32("", "name_servers", strings.ToLower(strings.TrimSuffix(zone, ".")))
	pick := func(digit byte, from [16]string) string {
		return from[strings.IndexByte("0123456789abcdef", digit)] + ".ns.cloudflare.com"
	}
	return []string{pick(sum[0], first), pick(sum[1], second)}
}
