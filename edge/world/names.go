package world

import (
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/internal/lazyregexp"
	"golang.org/x/net/idna"
)

// tunnelDomain is below what a record's content is when it leads to a tunnel.
const tunnelDomain = ".cfargotunnel.com"

var lookup = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// canonical is a name in lower case and punycode without a trailing dot. What
// is no name stays as it is, for the compilers to complain about.
func canonical(name string) string {
	name = strings.TrimSuffix(name, ".")
	for i := range len(name) {
		if name[i] >= 0x80 {
			if ascii, err := lookup.ToASCII(name); err == nil {
				return ascii
			}
			return name
		}
	}
	return strings.ToLower(name)
}

// absolute is a record's name as the zone knows it: "@" is the apex, and a name
// that does not end in the zone's is relative to it, unless a dot at its end
// says otherwise.
func absolute(name, zone string) string {
	switch c := canonical(name); {
	case name == "@":
		return zone
	case name == "", inside(c, zone), strings.HasSuffix(name, "."):
		return c
	default:
		return c + "." + zone
	}
}

// inside tells whether a name is the zone's or below it.
func inside(name, zone string) bool {
	return name == zone || strings.HasSuffix(name, zone) && name[len(name)-len(zone)-1] == '.'
}

// tunnelOf is the tunnel that a record's content names, in lower case.
func tunnelOf(r *Record) (ref string, ok bool) {
	if r.Type != "CNAME" {
		return "", false
	}
	return strings.CutSuffix(canonical(r.Content), tunnelDomain)
}

var uuid = lazyregexp.New(`^(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func isUUID(s string) bool { return uuid.MatchString(s) }

// place is one host an application protects, and the field that says so.
type place struct{ field, host string }

// places are the hosts of an application, without paths.
func places(app *accessemu.Application) []place {
	var ps []place
	add := func(field, uri string) {
		host, _, _ := strings.Cut(uri, "/")
		if host != "" {
			ps = append(ps, place{field, canonical(host)})
		}
	}
	add("domain", app.Domain)
	if app.Destinations != nil {
		for i, dest := range app.Destinations {
			if dest.Type == "public" {
				add((&path{name: "destinations"}).item(i).key("uri").String(), dest.URI)
			}
		}
		return ps
	}
	for i, uri := range app.SelfHostedDomains {
		add((&path{name: "self_hosted_domains"}).item(i).String(), uri)
	}
	return ps
}
