package dnsemu

// ownZones are the names of the lookalike internet that every world has.
//
// Anything below cfargotunnel.com has an address that nobody can route to, whether
// the tunnel exists or not, and no A record: only a proxied record that points there
// is of use. The name servers of the zones are at the edge.
func ownZones() *Zones {
	t := new(Zones).Txn()
	for _, own := range []struct {
		zone   string
		record Record
	}{
		{"cfargotunnel.com", Record{Type: "AAAA", Name: "*", Content: "fd10:aec2:5dae::", TTL: maxTTL}},
		{"ns.cloudflare.com", Record{Type: "A", Name: "*", Content: "192.0.2.0", Proxied: true}},
	} {
		err := t.PutZone(Zone{ID: own.zone, Name: own.zone})
		if err == nil {
			err = t.PutRecord(own.zone, own.record)
		}
		if err != nil {
			panic("dnsemu: own zones: " + err.Error())
		}
	}
	return t.Commit()
}
