package dnsemu

import (
	"encoding/json"
	"testing"

	"github.com/miekg/dns"
)

// FuzzTypes: what a record's content or data says is refused with its field, or is answered as
// one record of its own type under its own name.
func FuzzTypes(f *testing.F) {
	for _, seed := range [][3]string{
		{"CAA", `0 issue "ca.example; x=\"y\""`, ""},
		{"CAA", "", `{"flags":0,"tag":"issue","value":"\"; evil A 1.2.3.4"}`},
		{"HTTPS", `1 . alpn="h2,h3" ipv4hint=192.0.2.1 key65000="\"`, ""},
		{"SVCB", "", `{"priority":1,"target":"a.b","value":"alpn=h2\n$INCLUDE /etc/passwd"}`},
		{"LOC", "51 30 12.748 N 0 7 39.612 W 10m 1m 100m 10m", ""},
		{"LOC", "N S E W", ""},
		{"NAPTR", `1 2 "S" "a\034" "!^.*$!x!" .`, ""},
		{"SRV", "1 2 a.b", `{"priority":7,"weight":1,"port":2,"target":"a.b"}`},
		{"CERT", "65535 1 255 AQ==", ""},
		{"DS", "1 13 2 aa (bb ; cc", ""},
		{"URI", `1 "\"`, ""},
		{"OPENPGPKEY", "AQ ==", ""},
		{"NS", "a.b", `{"host":"x"}`},
		{"TXT", `"\`, ""},
	} {
		f.Add(seed[0], seed[1], seed[2], uint16(10))
	}
	f.Fuzz(func(t *testing.T, kind, content, data string, priority uint16) {
		r := Record{ID: "r", Type: kind, Name: "x.y", Content: content, Priority: &priority}
		if json.Unmarshal([]byte(data), &r.Data) != nil {
			r.Data = nil
		}
		tx := world(t, "zone example.com").Txn()
		if err := tx.PutRecord("example.com", r); err != nil {
			if len(FieldErrors(err)) == 0 {
				t.Fatalf("an error of another type: %v", err)
			}
			return
		}
		z := tx.Commit()
		s := New(func() *Zones { return z }, Options{})
		m := ask(t, s, overTCP, question("x.y.example.com.", dns.StringToType[kind]))
		section := m.Answer
		if kind == "NS" {
			section = m.Ns
		}
		if kind == "CNAME" && len(section) == 0 {
			return // its target lies in the zone, and it is hidden
		}
		if m.Rcode != dns.RcodeSuccess || len(section) != 1 || section[0].Header().Name != "x.y.example.com." || section[0].Header().Rrtype != dns.StringToType[kind] {
			t.Fatalf("%+v is answered\n%v", r, m)
		}
		// What the record says can be put again, and is the same record.
		put, _ := z.Record("example.com", "r")
		again := Record{ID: "again", Type: kind, Name: "x.y", Content: put.Content, Priority: put.Priority}
		if err := z.Txn().PutRecord("example.com", again); err == nil {
			t.Fatalf("content %q of %+v is another record", put.Content, r)
		}
	})
}
