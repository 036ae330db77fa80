package dnsemu

import "github.com/miekg/dns"

// What the real zones carry at the apex, in seconds.
const (
	soaTTL     = 3600
	soaRefresh = 10000
	soaRetry   = 2400
	soaExpire  = 604800
	nsTTL      = 86400
)

// soa is the zone's SOA record, its owner written as the asker wrote it.
func (l *lookup) soa(z *zone, owner string, ttl uint32) *dns.SOA {
	return &dns.SOA{
		Hdr: dns.RR_Header{Name: owner, Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: ttl}, Ns: z.ns[0], Mbox: "dns.cloudflare.com.",
		Serial: z.serial, Refresh: soaRefresh, Retry: soaRetry, Expire: soaExpire, Minttl: l.s.minimum,
	}
}
