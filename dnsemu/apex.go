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

// soaRR is the zone's SOA record, its owner written as the asker wrote it.
func (l *lookup) soaRR(z *zone, owner string, ttl uint32) *dns.SOA {
	return &dns.SOA{
		Hdr: dns.RR_Header{Name: owner, Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: ttl}, Ns: z.soa.ns, Mbox: z.soa.mbox,
		Serial: z.serial, Refresh: z.soa.refresh, Retry: z.soa.retry, Expire: z.soa.expire, Minttl: l.minimum(z),
	}
}

// minimum is how long negative answers of the zone live.
func (l *lookup) minimum(z *zone) uint32 {
	if z.soa.minTTL > 0 {
		return z.soa.minTTL
	}
	return l.s.minimum
}
