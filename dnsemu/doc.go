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
// transaction as it was. Record types are A, AAAA, CNAME and TXT; another is
// refused by name. SOA and NS of the apex are made up, as the real service does.
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
// [Server.Answer] is the same without a socket.
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
// A CNAME at the apex, and one whose target lies in the same zone, answer with
// the target's records under the name that was asked. Any other DNS-only CNAME is
// shown, followed by the target's records when a zone of the set holds them. An
// apex CNAME whose target is in no zone of the set would need a resolver: it
// answers SERVFAIL and says why in an extended error.
//
// # Not modelled
//
// DNSSEC signing, HTTPS records, delegation by NS records, zone transfers, the
// per-record and per-zone flattening settings, record types other than the four.
package dnsemu
