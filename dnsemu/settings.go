package dnsemu

import "fmt"

// checkSettings reads a record's settings.
func (r *record) checkSettings(f *faults) {
	if r.doc.Settings == nil {
		return
	}
	s := *r.doc.Settings
	r.doc.Settings = &s
	wrong := func(name, allowed string) {
		f.add(&FieldError{Field: "settings." + name, Found: "true", Allowed: allowed})
	}
	proxiable := r.kind.proxiable
	for _, only := range []struct {
		name string
		set  bool
	}{{"ipv4_only", s.IPv4Only}, {"ipv6_only", s.IPv6Only}} {
		if only.set && !(proxiable && r.doc.Proxied) {
			wrong(only.name, "false: it is about the addresses of a proxied name, and this record is not proxied")
		}
	}
	if s.IPv4Only && s.IPv6Only {
		wrong("ipv6_only", "one of ipv4_only and ipv6_only: with both the name has no address")
	}
	switch {
	case s.FlattenCNAME && r.kind != &kindCNAME:
		wrong("flatten_cname", "false: only CNAME records are flattened")
	case s.FlattenCNAME && r.doc.Proxied:
		wrong("flatten_cname", "false: a proxied CNAME is hidden in any case")
	}
	r.flatten = s.FlattenCNAME
}

// soaData is what a zone's SOA record says.
type soaData struct {
	ns, mbox                       string // absolute
	refresh, retry, expire, minTTL uint32 // minTTL 0: the server's
	ttl                            uint32
}

// applySettings reads a zone's settings, defaults filled in.
func (z *zone) applySettings(f *faults) {
	z.nsTTL = nsTTL
	z.soa = soaData{mbox: "dns.cloudflare.com.", refresh: soaRefresh, retry: soaRetry, expire: soaExpire, ttl: soaTTL}
	if len(z.ns) > 0 {
		z.soa.ns = z.ns[0]
	}
	if z.doc.DNSSettings == nil {
		return
	}
	s := *z.doc.DNSSettings
	z.doc.DNSSettings = &s
	z.flattenAll, z.multiProvider = s.FlattenAllCNAMEs, s.MultiProvider
	seconds := func(name string, value, low, high int, into *uint32) {
		switch {
		case value == 0:
		case value < low || value > high:
			f.add(&FieldError{Field: "dns_settings." + name, Found: fmt.Sprint(value), Allowed: fmt.Sprintf("%d to %d seconds", low, high)})
		default:
			*into = uint32(value)
		}
	}
	seconds("ns_ttl", s.NSTTL, minTTL, maxTTL, &z.nsTTL)
	if s.SOA == nil {
		return
	}
	o := *s.SOA
	s.SOA = &o
	seconds("soa.refresh", o.Refresh, 600, 86400, &z.soa.refresh)
	seconds("soa.retry", o.Retry, 600, 3600, &z.soa.retry)
	seconds("soa.expire", o.Expire, 86400, 2419200, &z.soa.expire)
	seconds("soa.min_ttl", o.MinTTL, 60, 86400, &z.soa.minTTL)
	seconds("soa.ttl", o.TTL, 1800, 3600, &z.soa.ttl)
	for _, n := range []struct {
		field, value, example string
		into                  *string
	}{{"soa.mname", o.MName, "ns1.example.net", &z.soa.ns}, {"soa.rname", o.RName, "admin.example.net", &z.soa.mbox}} {
		if n.value == "" {
			continue
		}
		name, ok := canonicalName(n.value)
		if !ok {
			f.add(&FieldError{Field: "dns_settings." + n.field, Found: quote(n.value), Allowed: fmt.Sprintf("a host name, such as %q", n.example)})
		}
		*n.into = absolute(name)
	}
}
