package dnsemu

import (
	"fmt"
	"testing"

	"github.com/miekg/dns"
)

// contents is everything that a reader of the zones can see, but serials.
func contents(z *Zones) map[string][]Record {
	all := map[string][]Record{}
	for zone := range z.All() {
		all[zone.Name] = []Record{}
		for r := range z.Records(zone.ID) {
			all[zone.Name] = append(all[zone.Name], *r)
		}
	}
	return all
}

func TestTxnLeavesTheOldSet(t *testing.T) {
	before := world(t, "zone example.com\n www.example.com A 203.0.113.1")
	was := contents(before)
	tx := before.Txn()
	for _, err := range []error{
		tx.PutRecord("example.com", Record{Type: "A", Name: "www", Content: "203.0.113.2"}),
		tx.PutRecord("example.com", Record{Type: "A", Name: "new", Content: "203.0.113.3"}),
		tx.PutZone(Zone{ID: "z2", Name: "example.net"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	diff(t, was, contents(before))
	after := tx.Commit()
	diff(t, was, contents(before))
	if after.Len() != 2 || after.Route("new.example.com").Status != DNSOnly || before.Route("new.example.com").Status != NoName {
		t.Errorf("after: %v; before: %v", contents(after), contents(before))
	}
	// The transaction goes on from its commit and leaves that alone too.
	tx.DeleteZone("example.com")
	if after.Len() != 2 || tx.Commit().Len() != 1 {
		t.Error("the transaction reached back into what it had committed")
	}
}

func TestTxnReplaces(t *testing.T) {
	tx := new(Zones).Txn()
	put := func(r Record) {
		t.Helper()
		if err := tx.PutRecord("z", r); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.PutZone(Zone{ID: "z", Name: "example.com"}); err != nil {
		t.Fatal(err)
	}
	put(Record{ID: "r", Type: "A", Name: "a.b", Content: "203.0.113.1"})
	put(Record{ID: "r", Type: "A", Name: "a.b", Content: "203.0.113.2", Proxied: true})
	put(Record{ID: "r", Type: "CNAME", Name: "a.b", Content: "app.example.net"})
	put(Record{ID: "r", Type: "CNAME", Name: "c.d", Content: "app.example.net"})
	z := tx.Commit()
	diff(t, map[string][]Record{"example.com": {{ID: "r", Type: "CNAME", Name: "c.d", Content: "app.example.net"}}}, contents(z))
	for host, want := range map[string]RouteStatus{"a.b.example.com": NoName, "b.example.com": NoName, "d.example.com": NoAddress, "c.d.example.com": DNSOnly} {
		diff(t, want, z.Route(host).Status)
	}

	// Only what changed gets a new serial.
	tx = z.Txn()
	if err := tx.PutZone(Zone{ID: "z2", Name: "example.net"}); err != nil {
		t.Fatal(err)
	}
	tx.DeleteRecord("z", "nobody")
	tx.DeleteRecord("nowhere", "r")
	tx.DeleteZone("nowhere")
	diff(t, serial(t, z), serial(t, tx.Commit()))
	tx.DeleteRecord("z", "r")
	diff(t, serial(t, z)+1, serial(t, tx.Commit()))
}

func serial(t *testing.T, z *Zones) uint32 {
	t.Helper()
	m := ask(t, New(func() *Zones { return z }, Options{}), overTCP, question("example.com.", dns.TypeSOA))
	return m.Answer[0].(*dns.SOA).Serial
}

func TestPutZoneAgain(t *testing.T) {
	z := world(t, "zone example.com\n www.example.com A 203.0.113.1")
	tx := z.Txn()
	if err := tx.PutZone(Zone{ID: "example.com", Name: "example.com", NameServers: []string{"ns1.example.com"}}); err != nil {
		t.Fatal(err)
	}
	again := tx.Commit()
	diff(t, contents(z), contents(again))
	zone, _ := again.Zone("example.com")
	diff(t, []string{"ns1.example.com"}, zone.NameServers)

	// Under another name the relative records move, absolute ones are reported.
	err := tx.PutZone(Zone{ID: "example.com", Name: "example.net"})
	if err != nil {
		t.Fatalf("www.example.com below example.net is legal, if odd: %v", err)
	}
	moved := tx.Commit()
	if moved.Route("example.com").Status != NoZone || moved.Route("www.example.com.example.net").Status != DNSOnly {
		t.Errorf("moved: %v", contents(moved))
	}
	tx = z.Txn()
	if err := tx.PutRecord("example.com", Record{ID: "dot", Type: "A", Name: "x.example.com.", Content: "203.0.113.1"}); err != nil {
		t.Fatal(err)
	}
	if faults := FieldErrors(tx.PutZone(Zone{ID: "example.com", Name: "example.net"})); len(faults) != 1 || faults[0].Field != "name" {
		t.Errorf("an absolute record moved: %v", faults)
	}
}

// Any sequence of puts and deletes ends in what the surviving records alone make:
// the same names exist, wildcards and empty non-terminals included.
func FuzzTxn(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5})
	f.Add([]byte{0x81, 0x01, 0x12, 0x92, 0x23, 0xa3, 0x34, 0xb4, 0x45})
	f.Add([]byte("put and delete and put again"))
	names := []string{"@", "*", "a", "b.a", "*.a", "c.b.a", "*.b.a", "d.c.b.a", "a.b", "aa", "*.*", "x.*.b"}
	types := []Record{{Type: "A", Content: "203.0.113.1"}, {Type: "A", Content: "203.0.113.2", Proxied: true}, {Type: "TXT", Content: "t"}, {Type: "CNAME", Content: "a.example.com"}}
	questions := []string{"example.com", "a.example.com", "z.example.com", "b.a.example.com", "z.a.example.com", "c.b.a.example.com", "z.b.a.example.com", "z.c.b.a.example.com", "d.c.b.a.example.com", "b.example.com", "a.b.example.com", "aa.example.com", "*.example.com", "*.*.example.com", "x.z.b.example.com"}
	f.Fuzz(func(t *testing.T, ops []byte) {
		if len(ops) > 60 {
			return
		}
		tx := world(t, "zone example.com").Txn()
		live := map[string]Record{}
		var order []string
		for i, op := range ops {
			id := fmt.Sprint(op % 16)
			if op >= 0x80 {
				tx.DeleteRecord("example.com", id)
				delete(live, id)
				continue
			}
			r := types[(int(op)/16+i)%len(types)]
			r.ID, r.Name = id, names[(int(op)+i)%len(names)]
			if tx.PutRecord("example.com", r) == nil {
				if _, ok := live[id]; !ok {
					order = append(order, id)
				}
				live[id] = r
			}
			if op%5 == 0 {
				tx = tx.Commit().Txn()
			}
		}
		got := tx.Commit()
		tx = world(t, "zone example.com").Txn()
		for _, id := range order {
			if r, ok := live[id]; ok {
				if err := tx.PutRecord("example.com", r); err != nil {
					t.Fatalf("the survivors do not fit together: %v", err)
				}
			}
		}
		want := tx.Commit()
		diff(t, contents(want), contents(got))
		for _, q := range questions {
			w, g := want.Route(q), got.Route(q)
			if w.Status != g.Status || w.Owner != g.Owner {
				t.Fatalf("%s: %v of %q, want %v of %q; records %v", q, g.Status, g.Owner, w.Status, w.Owner, live)
			}
		}
		diff(t, want.byID("example.com").names.Len(), got.byID("example.com").names.Len())
	})
}
