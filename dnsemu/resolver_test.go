package dnsemu

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// stopped is a clock that moves when it is told to.
type stopped struct{ at atomic.Int64 }

func (c *stopped) Now() time.Time       { return time.Unix(c.at.Load(), 0) }
func (c *stopped) pass(d time.Duration) { c.at.Add(int64(d / time.Second)) }

// through asks an answerer through the wire format.
func through(t testing.TB, a Answerer, client net.Addr, q *dns.Msg) *dns.Msg {
	t.Helper()
	m := a.Answer(q, client)
	if m == nil {
		t.Fatal("no answer")
	}
	raw, err := m.Pack()
	if err != nil {
		t.Fatalf("%v\n%v", err, m)
	}
	out := new(dns.Msg)
	if err := out.Unpack(raw); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestResolverRole(t *testing.T) {
	z := edited(t, rfcWorld, Record{Type: "NS", Name: "sub", Content: "ns.elsewhere.test"})
	r := NewResolver(New(func() *Zones { return z }, Options{}), ResolverOptions{})
	for _, tt := range []struct {
		rule string
		edit func(*dns.Msg)
		name string
		want []string
	}{
		{"RFC 1035 4.1.1: AA clear, RA set", nil, "plain.example.com.", []string{"NOERROR ra", "plain.example.com. 60 IN A 203.0.113.4"}},
		{"RFC 1035 4.1.1: RD is copied", func(m *dns.Msg) { m.RecursionDesired = true }, "plain.example.com.", []string{"NOERROR rd ra", "plain.example.com. 60 IN A 203.0.113.4"}},
		{"RFC 4035 3.2.2: CD is copied, AD is not set", func(m *dns.Msg) { m.CheckingDisabled, m.AuthenticatedData = true, true }, "plain.example.com.", []string{"NOERROR ra cd", "plain.example.com. 60 IN A 203.0.113.4"}},
		{"RFC 2308 5: NXDOMAIN with SOA", nil, "nobody.example.com.", []string{"NXDOMAIN ra", "; " + strings.Replace(soaCom, "2350000001", "2350000002", 1)}},
		{"RFC 1034 3.6.2: a chain across zones", nil, "cross.example.com.", []string{"NOERROR ra", "cross.example.com. 300 IN CNAME there.example.net.", "there.example.net. 300 IN A 198.51.100.1"}},
		{"a name that no zone holds", nil, "example.org.", []string{"SERVFAIL ra"}},
		{"a chain that leaves the zones", nil, "out.example.com.", []string{"SERVFAIL ra"}},
		{"RFC 1034 5.3.3: the CNAME itself needs no chain", func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeCNAME }, "out.example.com.", []string{"NOERROR ra", "out.example.com. 300 IN CNAME www.unheld.test."}},
		{"a delegation to servers that are not asked", nil, "x.sub.example.com.", []string{"SERVFAIL ra"}},
		{"RFC 9619 3: no question", func(m *dns.Msg) { m.Question = nil }, "x.", []string{"FORMERR ra"}},
		{"RFC 5936 2.2: AXFR", func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeAXFR }, "example.com.", []string{"REFUSED ra"}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			q := question(tt.name, dns.TypeA)
			if tt.edit != nil {
				tt.edit(q)
			}
			diff(t, tt.want, shown(through(t, r, overUDP, q)))
		})
	}
}

// RFC 2308: what was not there when somebody asked stays away for as long as the zone says.
func TestResolverCache(t *testing.T) {
	clock := new(stopped)
	var current atomic.Pointer[Zones]
	base := world(t, "zone example.com\n old.example.com A 203.0.113.1 ttl=60\n old.example.com TXT x")
	doc, _ := base.Zone("example.com")
	faithful := *doc
	faithful.DNSSettings = &DNSSettings{SOA: &SOA{MinTTL: 1800}}
	tx := base.Txn()
	if err := tx.PutZone(faithful); err != nil {
		t.Fatal(err)
	}
	current.Store(tx.Commit())
	s := New(current.Load, Options{})
	r := NewResolver(s, ResolverOptions{Cache: true, Now: clock.Now})
	ask := func(name string) []string {
		m, why := r.Explain(question(name, dns.TypeA), nil)
		out := shown(m)
		if i := strings.Index(out[len(out)-1], " IN SOA"); i > 0 {
			out[len(out)-1] = out[len(out)-1][:i]
		}
		return append(out, why.Outcome.String())
	}
	diff(t, []string{"NXDOMAIN ra", "; example.com. 1800", "no such name"}, ask("new.example.com."))
	tx = current.Load().Txn()
	if err := tx.PutRecord("example.com", Record{Type: "A", Name: "new", Content: "203.0.113.2"}); err != nil {
		t.Fatal(err)
	}
	current.Store(tx.Commit())
	diff(t, []string{"NOERROR aa", "new.example.com. 300 IN A 203.0.113.2"}, shown(s.Answer(question("new.example.com.", dns.TypeA), nil)))
	clock.pass(1799 * time.Second)
	diff(t, []string{"NXDOMAIN ra", "; example.com. 1", "cached"}, ask("NEW.example.com."))
	clock.pass(time.Second)
	diff(t, []string{"NOERROR ra", "new.example.com. 300 IN A 203.0.113.2", "records"}, ask("new.example.com."))

	// Positive answers count down; case is the asker's.
	diff(t, []string{"NOERROR ra", "old.example.com. 60 IN A 203.0.113.1", "records"}, ask("old.example.com."))
	clock.pass(59 * time.Second)
	diff(t, []string{"NOERROR ra", "OLD.example.com. 1 IN A 203.0.113.1", "cached"}, ask("OLD.example.com."))
	clock.pass(time.Second)
	diff(t, []string{"NOERROR ra", "old.example.com. 60 IN A 203.0.113.1", "records"}, ask("old.example.com."))
	r.Flush()
	diff(t, []string{"NOERROR ra", "old.example.com. 60 IN A 203.0.113.1", "records"}, ask("old.example.com."))

	// A query that breaks EDNS is no reason to remember, and an old answer none to be lenient.
	q := question("old.example.com.", dns.TypeA)
	q.SetEdns0(1232, false)
	q.IsEdns0().SetVersion(1)
	if m := through(t, r, overUDP, q); m.Rcode != dns.RcodeBadVers {
		t.Errorf("EDNS version 1: %v", m)
	}
	q = question("old.example.com.", dns.TypeA)
	q.SetEdns0(1232, true)
	if m := through(t, r, overUDP, q); m.IsEdns0() == nil || !m.IsEdns0().Do() {
		t.Errorf("a cached answer lost its OPT record: %v", m)
	}
}

func TestResolverCacheIsBounded(t *testing.T) {
	z := world(t, "zone example.com\n *.example.com A 203.0.113.1")
	clock := new(stopped)
	r := NewResolver(New(func() *Zones { return z }, Options{}), ResolverOptions{Cache: true, CacheSize: 3, Now: clock.Now})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 50 {
				through(t, r, overUDP, question(fmt.Sprintf("n%d-%d.example.com.", i, j), dns.TypeA))
			}
		})
	}
	wg.Wait()
	if n := r.cache.Len(); n != 3 {
		t.Errorf("%d answers are kept", n)
	}
}

func TestQueryLog(t *testing.T) {
	clock := new(stopped)
	log := NewQueryLog(4, clock.Now)
	z := world(t, rfcWorld)
	s := New(func() *Zones { return z }, Options{Queries: log})
	r := NewResolver(s, ResolverOptions{Cache: true, Now: clock.Now})
	for _, name := range []string{"plain.example.com.", "App.example.com.", "nobody.example.com.", "q.cw.example.com."} {
		ask(t, s, overUDP, question(name, dns.TypeA))
	}
	through(t, r, overTCP, question("app.example.com.", dns.TypeA))
	through(t, r, nil, question("app.example.com.", dns.TypeA))
	type line struct {
		Seq                                 uint64
		Name, Transport, Client, Role, Text string
		Owner, Record                       string
	}
	show := func(list []*Query) (out []line) {
		for _, q := range list {
			l := line{Seq: q.Seq, Name: q.Name, Transport: q.Transport, Role: q.Role.String(), Text: dns.RcodeToString[q.Rcode] + " " + q.Why.Outcome.String(), Owner: q.Why.Owner}
			if q.Client.IsValid() {
				l.Client = q.Client.String()
			}
			if q.Why.Record != nil {
				l.Record = q.Why.Record.Type
			}
			out = append(out, l)
		}
		return out
	}
	diff(t, []line{
		{6, "app.example.com.", "", "", "resolver", "NOERROR cached", "app.example.com", "CNAME"},
		{5, "app.example.com.", "tcp", "192.0.2.53", "resolver", "NOERROR edge address", "app.example.com", "CNAME"},
		{4, "q.cw.example.com.", "udp", "192.0.2.53", "authoritative", "NOERROR records", "*.cw.example.com", "CNAME"},
		{3, "nobody.example.com.", "udp", "192.0.2.53", "authoritative", "NXDOMAIN no such name", "", ""},
	}, show(log.Last(0, "")))
	diff(t, 2, len(log.Last(0, "APP.example.com")))
	diff(t, 1, len(log.Last(1, "app.example.com.")))
	var none *QueryLog
	if none.Last(0, "") != nil {
		t.Error("a nil log holds questions")
	}
}

func TestQueryLogConcurrent(t *testing.T) {
	log := NewQueryLog(16, nil)
	z := world(t, rfcWorld)
	s := New(func() *Zones { return z }, Options{Queries: log})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 500 {
				ask(t, s, overUDP, question("app.example.com.", dns.TypeA))
				for _, q := range log.Last(3, "") {
					if q.Name != "app.example.com." || q.Why.Record == nil {
						t.Errorf("%+v", q)
					}
				}
			}
		})
	}
	wg.Wait()
	if all := log.Last(0, ""); len(all) != 16 || all[0].Seq != 2000 {
		t.Errorf("%d kept, the newest %d", len(all), all[0].Seq)
	}
}

func TestSites(t *testing.T) {
	sites := world(t, "zone api.test\n api.test A 192.0.2.0 proxied\nzone example.com\n plain.example.com A 192.0.2.9")
	z := world(t, rfcWorld)
	s := New(func() *Zones { return z }, Options{Sites: func() *Zones { return sites }})
	diff(t, []string{"NOERROR aa", "api.test. 300 IN A 127.0.0.1"}, shown(ask(t, s, overUDP, question("api.test.", dns.TypeA))))
	diff(t, []string{"NOERROR aa", "plain.example.com. 60 IN A 203.0.113.4"}, shown(ask(t, s, overUDP, question("plain.example.com.", dns.TypeA))))
}

func TestWhoami(t *testing.T) {
	s := New(nil, Options{})
	diff(t, []string{"NOERROR aa", `WhoAmI.cloudflare.net. 0 IN TXT "192.0.2.53"`}, shown(ask(t, s, overUDP, question("WhoAmI.cloudflare.net.", dns.TypeTXT))))
	diff(t, []string{"REFUSED"}, shown(ask(t, s, overUDP, question("whoami.cloudflare.net.", dns.TypeA))))
}
