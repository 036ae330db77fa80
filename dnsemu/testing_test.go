package dnsemu

import (
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// world makes zones from lines "name type content [proxied] [ttl=N]", names
// absolute; a line "zone NAME" opens a zone, whose id is its name and whose name
// servers are ada and bob.
func world(t testing.TB, text string) *Zones {
	t.Helper()
	tx := new(Zones).Txn()
	zone := ""
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		switch {
		case len(f) == 0:
		case f[0] == "zone":
			zone = f[1]
			if err := tx.PutZone(Zone{ID: zone, Name: zone, NameServers: []string{"ada.ns.cloudflare.com", "bob.ns.cloudflare.com"}}); err != nil {
				t.Fatal(err)
			}
		default:
			r := Record{Name: f[0], Type: f[1], Content: f[2], Proxied: slices.Contains(f[3:], "proxied")}
			if slices.Contains(f[3:], "ttl=60") {
				r.TTL = 60
			}
			if err := tx.PutRecord(zone, r); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		}
	}
	return tx.Commit()
}

var (
	overUDP = &net.UDPAddr{IP: net.IPv4(192, 0, 2, 53), Port: 1053}
	overTCP = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 53), Port: 1053}
)

// ask sends a question through the wire format both ways, so that what cannot be
// packed fails the test.
func ask(t testing.TB, s *Server, client net.Addr, q *dns.Msg) *dns.Msg {
	t.Helper()
	raw, err := q.Pack()
	if err != nil {
		t.Fatal(err)
	}
	in, out := new(dns.Msg), new(dns.Msg)
	if err := in.Unpack(raw); err != nil {
		t.Fatal(err)
	}
	m := s.Answer(in, client)
	if m == nil {
		t.Fatal("no answer")
	}
	if raw, err = m.Pack(); err != nil {
		t.Fatalf("answer does not pack: %v\n%v", err, m)
	}
	if err := out.Unpack(raw); err != nil {
		t.Fatal(err)
	}
	out.Compress = m.Compress
	return out
}

func question(name string, qtype uint16) *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion(name, qtype)
	m.RecursionDesired = false
	return m
}

// shown is an answer in a form that tests can write down: rcode, flags, records
// with fields divided by one blank.
func shown(m *dns.Msg) []string {
	flags := dns.RcodeToString[m.Rcode]
	for _, f := range []struct {
		on   bool
		name string
	}{{m.Authoritative, "aa"}, {m.Truncated, "tc"}, {m.RecursionDesired, "rd"}, {m.RecursionAvailable, "ra"}, {m.Zero, "z"}, {m.AuthenticatedData, "ad"}, {m.CheckingDisabled, "cd"}} {
		if f.on {
			flags += " " + f.name
		}
	}
	out := []string{flags}
	for _, rr := range m.Answer {
		out = append(out, strings.Join(strings.Fields(rr.String()), " "))
	}
	for _, rr := range m.Ns {
		out = append(out, "; "+strings.Join(strings.Fields(rr.String()), " "))
	}
	return out
}

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}
