package edge

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/world"
)

// The servers that Dig can ask.
const (
	atZones  = "authoritative"
	atPublic = "1.1.1.1"
	atSystem = "system"
)

// digServer is the server that a person means.
func digServer(name string) (string, error) {
	switch strings.ToLower(strings.TrimPrefix(name, "@")) {
	case "", atZones:
		return atZones, nil
	case "1.1.1.1", "1.0.0.1", "one.one.one.one", "cloudflare-dns.com":
		return atPublic, nil
	case atSystem:
		return atSystem, nil
	}
	return "", fmt.Errorf("the server %q is none of: authoritative (the zones' own name server), 1.1.1.1 (the public resolver), system (the machine's resolver, which caches)", name)
}

// Dig asks one of the edge's name servers and says why it answers what it answers. Server is "" or "authoritative" for
// the name server of the zones, "1.1.1.1" for the public resolver, "system" for SystemResolver.
func (e *Edge) Dig(q admin.DigQuestion) (admin.Dig, error) {
	server, err := digServer(q.Server)
	if err != nil {
		return admin.Dig{}, err
	}
	qtype, err := questionType(q.Type)
	if err != nil {
		return admin.Dig{}, err
	}
	name := dns.Fqdn(q.Name)
	wire := make([]byte, 256)
	if _, err := dns.PackDomainName(name, wire, 0, nil, false); err != nil || q.Name == "" {
		return admin.Dig{}, fmt.Errorf("%q is no domain name: labels of up to 63 characters, 253 in all", q.Name)
	}
	if strings.Contains(q.Name, "://") {
		return admin.Dig{}, fmt.Errorf("%q is a URL; DNS knows names: write the host alone", q.Name)
	}
	m := new(dns.Msg).SetQuestion(name, qtype)
	ask := map[string]func(*dns.Msg) (*dns.Msg, dnsemu.Why){
		atZones:  func(m *dns.Msg) (*dns.Msg, dnsemu.Why) { return e.dns.Explain(m, nil) },
		atPublic: func(m *dns.Msg) (*dns.Msg, dnsemu.Why) { return e.resolver.Explain(m, nil) },
		atSystem: func(m *dns.Msg) (*dns.Msg, dnsemu.Why) { return e.system.Explain(m, nil) },
	}
	answer, why := ask[server](m)
	s := e.snap.Load()
	d := admin.Dig{
		Server: server, Name: name, Type: dns.Type(qtype).String(), Status: dns.RcodeToString[answer.Rcode], Flags: flagsOf(answer),
		Answer: recordsOf(answer.Answer), Authority: recordsOf(answer.Ns),
		Outcome: why.Outcome.String(), Owner: why.Owner,
	}
	if why.Zone != nil {
		d.Zone = why.Zone.Name
	}
	if _, site := s.sites[d.Zone]; !site {
		d.Record, d.Where = s.recordText(why.Record), s.recordMark(why.Record)
	}
	if d.Where == "" && why.Record == nil && why.Zone != nil {
		d.Where = s.mark(world.Key{Kind: world.KindZone, ID: why.Zone.ID}, "")
	}
	x := digging{s, strings.TrimSuffix(name, "."), d.Type, why}
	d.Why, d.Mend = x.why()
	if why.Outcome == dnsemu.Cached {
		d.Why, d.Mend = e.staleness(m, answer)
	}
	return d, nil
}

// staleness says of an answer from a cache for how long it lives, and whether it is still what the zones say.
func (e *Edge) staleness(q, cached *dns.Msg) (why, mend string) {
	ttl, _ := dnsemu.LeastTTL(cached)
	why = fmt.Sprintf("this resolver keeps the answer for another %d s", ttl)
	now, _ := e.dns.Peek(q)
	if now.Rcode == cached.Rcode && sameData(now.Answer, cached.Answer) {
		return why + "; the zones still say the same", ""
	}
	say := fmt.Sprintf("%s with %d records", dns.RcodeToString[now.Rcode], len(now.Answer))
	if len(now.Answer) == 1 {
		say = dns.RcodeToString[now.Rcode] + " with 1 record"
	}
	return why + "; the zones say " + say + " by now: it is stale",
		fmt.Sprintf("wait, or let the time pass: sundog clock +%ds; 1.1.1.1 answers what is", ttl)
}

func sameData(a, b []dns.RR) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !dns.IsDuplicate(a[i], b[i]) {
			return false
		}
	}
	return true
}

func questionType(s string) (uint16, error) {
	if s == "" {
		return dns.TypeA, nil
	}
	upper := strings.ToUpper(s)
	if t, ok := dns.StringToType[upper]; ok && t != dns.TypeNone {
		return t, nil
	}
	if n, err := strconv.ParseUint(strings.TrimPrefix(upper, "TYPE"), 10, 16); err == nil && n > 0 {
		return uint16(n), nil
	}
	return 0, fmt.Errorf("%q is no record type; write one as AAAA or 28", s)
}

func flagsOf(m *dns.Msg) []string {
	flags := []string{}
	for _, f := range []struct {
		on   bool
		name string
	}{{m.Authoritative, "aa"}, {m.Truncated, "tc"}, {m.RecursionDesired, "rd"}, {m.RecursionAvailable, "ra"}} {
		if f.on {
			flags = append(flags, f.name)
		}
	}
	return flags
}

func recordsOf(list []dns.RR) []admin.DNSRecord {
	out := []admin.DNSRecord{}
	for _, rr := range list {
		h := rr.Header()
		out = append(out, admin.DNSRecord{
			Name: h.Name, TTL: h.Ttl, Class: dns.Class(h.Class).String(), Type: dns.Type(h.Rrtype).String(), Data: strings.TrimPrefix(rr.String(), h.String()),
		})
	}
	return out
}

// recordText is a record as one reads it in a file.
func (s *snapshot) recordText(r *dnsemu.Record) string {
	if r == nil {
		return ""
	}
	text := r.Type + " " + r.Name + " → " + r.Content
	if r.Proxied {
		text += " (proxied)"
	}
	return text
}
