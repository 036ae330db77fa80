package edge

import (
	"fmt"
	"strings"

	"github.com/sundog-edge/sundog/dnsemu"
)

// digging is an answer to be explained.
type digging struct {
	s       *snapshot
	name    string // as asked, without the last dot
	qtype   string
	decided dnsemu.Why
}

// why says in a sentence what decided, and in another what would change it; "" when nothing need be changed.
func (x digging) why() (why, mend string) {
	d := x.decided
	switch d.Outcome {
	case dnsemu.EdgeAddress:
		if _, site := x.s.sites[strings.ToLower(x.name)]; site {
			return "the edge serves this host in every world, whatever its zones say", ""
		}
		if c, ours := x.s.scripts.devHost(strings.ToLower(x.name)); c.is() {
			return "the host of " + c.String(), ""
		} else if ours {
			return "every name below " + x.s.scripts.workersDev + " leads to the edge; no Worker has this one", ""
		}
		return x.covered() + x.through() + " proxied: the edge's own address, whatever the record says", ""
	case dnsemu.Records:
		if d.Record == nil {
			return "made by the name server of zone " + d.Zone.Name, ""
		}
		return x.covered() + "the zone's record" + x.after(), ""
	case dnsemu.NoData:
		return x.noData()
	case dnsemu.NoSuchName:
		return x.noName()
	case dnsemu.NotHere:
		return "no zone of this world holds " + x.name, "add its zone to zones:, or ask a real name server for it"
	case dnsemu.Delegated:
		return "NS records of zone " + d.Zone.Name + " hand it to other name servers", "remove them to let the zone answer"
	case dnsemu.Refused, dnsemu.Failed:
		return d.Reason, ""
	case dnsemu.Itself:
		return "the name server tells about itself and who asks", ""
	}
	return d.Outcome.String(), ""
}

// covered says that a wildcard stands for the name.
func (x digging) covered() string {
	if strings.HasPrefix(x.decided.Owner, "*.") && !strings.EqualFold(x.decided.Owner, x.name) {
		return "the wildcard " + x.decided.Owner + " covers it; "
	}
	return ""
}

// through says whether the name itself is proxied, or what a CNAME leads to.
func (x digging) through() string {
	if x.decided.Target != "" && !x.decided.Record.Proxied {
		return "it leads to " + strings.TrimSuffix(x.decided.Target, ".") + ", which is"
	}
	return "it is"
}

func (x digging) after() string {
	if x.decided.Target == "" || x.decided.Record.Type != "CNAME" {
		return ""
	}
	return ", which leads to " + strings.TrimSuffix(x.decided.Target, ".")
}

func (x digging) noData() (why, mend string) {
	d := x.decided
	if d.Record != nil && d.Record.Proxied {
		switch x.qtype {
		case "CNAME":
			return "the name is proxied, which hides its CNAME", "set proxied: false to show it; the edge then serves the name no more"
		case "A", "AAAA":
			if set := d.Record.Settings; set != nil && (set.IPv4Only || set.IPv6Only) {
				return "the name is proxied, and the record's settings leave this family out", ""
			}
			return "the name is proxied, and the edge has no address of this family: clients take the other one", ""
		}
	}
	if d.Record != nil && d.Record.Type == "CNAME" {
		return "the CNAME is flattened, and what it leads to has no " + x.qtype + " record", ""
	}
	rt := x.s.zones.Route(strings.ToLower(x.name))
	if rt.Status == dnsemu.Proxied && x.qtype == "CNAME" {
		return "the name is proxied, which hides its CNAME", "set proxied: false to show it; the edge then serves the name no more"
	}
	mend = fmt.Sprintf("add {type: %s, name: %s, …} to the records of zone %s", x.qtype, x.relative(), d.Zone.Name)
	if d.Empty {
		return "the name has no record of its own, and stands because there are names below it (NODATA)", mend
	}
	return x.covered() + "the name exists, and has no " + x.qtype + " record (NODATA)", mend
}

func (x digging) noName() (why, mend string) {
	zone := x.decided.Zone.Name
	why = "zone " + zone + " has no such name (NXDOMAIN)"
	if star := x.blocked(); star != "" {
		why += "; " + star + " does not cover it, because " + x.decided.Above + " exists in between"
	}
	return why, fmt.Sprintf("add {type: CNAME, name: %s, content: TUNNEL.cfargotunnel.com, proxied: true} to the records of zone %s, or check the spelling", x.relative(), zone)
}

// blocked is the wildcard that would cover the name, if the closest name that exists were not below it.
func (x digging) blocked() string {
	zone, at := x.decided.Zone.Name, x.decided.Above
	for at != zone {
		_, parent, ok := strings.Cut(at, ".")
		if !ok {
			return ""
		}
		if star := "*." + parent; x.s.zones.Route(star).Owner == star {
			return star
		}
		at = parent
	}
	return ""
}

// relative is the name as a record of the zone has it.
func (x digging) relative() string {
	zone, name := x.decided.Zone.Name, strings.ToLower(x.name)
	if name == zone {
		return `"@"`
	}
	return strings.TrimSuffix(name, "."+zone)
}
