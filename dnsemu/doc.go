// Package dnsemu answers DNS the way the edge's authoritative name servers do.
//
// # Zones
//
// A [Zones] is an immutable set of zones with their records. It changes through
// a [Txn], whose Commit returns a new Zones and costs what was touched, however
// many names there are; readers of the old set are never disturbed. The zero
// value holds no zone.
//
//	t := new(dnsemu.Zones).Txn()
//	err := t.PutZone(dnsemu.Zone{ID: "z1", Name: "example.com"})
//	err = t.PutRecord("z1", dnsemu.Record{Type: "CNAME", Name: "app", Content: "abc.cfargotunnel.com", Proxied: true})
//	zones := t.Commit()
//
// Put methods check the whole document and return every fault at once, each a
// [*FieldError]; [FieldErrors] lists them. A document that is refused leaves the
// transaction as it was. Record types are those that the real API takes; another
// is refused by name. Content is one line of text, and data the same in its parts:
//
//	Record{Type: "CAA", Name: "@", Content: `0 issue "ca.example"`}
//	Record{Type: "CAA", Name: "@", Data: map[string]any{"flags": 0, "tag": "issue", "value": "ca.example"}}
//
// SOA and NS of the apex are made up, as the real service does; DNSSettings of a
// zone changes them.
//
// # Two readers
//
// [Zones.Route] is the question of an HTTP edge: is this host served, and by
// which record? It does not allocate, and does not slow down with the number of
// names. [New] makes a [Server], a [dns.Handler] for any dns.Server:
//
//	srv := dnsemu.New(func() *dnsemu.Zones { return zones }, dnsemu.Options{})
//	go (&dns.Server{PacketConn: udp, Handler: srv, MsgAcceptFunc: dnsemu.Accept}).ActivateAndServe()
//
// [Server.Answer] is the same without a socket, and [Server.Explain] says which
// record decided. A [QueryLog] in the options remembers what was asked.
//
// # Resolvers
//
// A Server is authoritative: AA set, RA clear. [NewResolver] makes of it what
// 1.1.1.1 is: RA set, and SERVFAIL for what lies in no zone, since nobody else is
// asked. It keeps nothing, so that a record that was just made is seen at once.
// With ResolverOptions.Cache it is the resolver of a machine or a router, which
// keeps "no such name" as long as the zone's SOA says. That is two seconds, so that
// a person who has just made a record need not wait; 1800, as in the real zones,
// with dns_settings.soa.min_ttl of a zone or [FaithfulNegativeTTL] for all.
//
// [DoH] is an http.Handler of either: DNS over HTTPS, as messages and as JSON.
//
// # Names
//
// A star counts as a wildcard only as the whole leftmost label of a record's
// name; elsewhere it is a character. A wildcard covers any depth below it, but
// not below a name that exists, and a name exists when a record stands at it or
// below it (RFC 4592, RFC 8020).
//
// # Proxied names
//
// A name with a proxied record answers A and AAAA with the edge's own addresses
// and a TTL of 300; a proxied CNAME is hidden. One proxied address makes all
// addresses of its name proxied, and so does a DNS-only CNAME that leads to a
// proxied name.
//
// # Flattening
//
// A CNAME at the apex, one whose target lies in the same zone, and one whose
// record or zone says so, answer with the target's records under the name that
// was asked. Any other DNS-only CNAME is shown, followed by the target's records
// when a zone of the set holds them. An apex CNAME whose target is in no zone of
// the set would need a resolver: it answers SERVFAIL and says why in an extended
// error.
//
// # Delegation
//
// NS records below the apex hand their name and all below it to other name
// servers: the answer is a referral with the addresses that the set knows, and
// [Zones.Route] does not lead there, whatever records stand below. At the apex they
// are ignored, unless the zone's multi_provider is on.
//
// # HTTPS records
//
// A proxied name has an HTTPS record that is made up: HTTP/2, no HTTP/3, no
// encrypted hello, and hints that equal its addresses. One of the zone's own wins.
//
// # Not modelled
//
// DNSSEC signing (DO is copied, nothing is signed), zone transfers, DNS cookies,
// additional records beside answers.
package dnsemu
