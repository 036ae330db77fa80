package edge_test

import (
	"testing"

	"github.com/miekg/dns"
)

// The DNS listener answers for the world over UDP and TCP, and keeps EDNS in its refusals.
func TestDNSListener(t *testing.T) {
	r := startWorld(t, twoTargets)
	for _, network := range []string{"udp", "tcp"} {
		c := &dns.Client{Net: network}
		q := new(dns.Msg).SetQuestion("tunnel.example.com.", dns.TypeA)
		answer, _, err := c.ExchangeContext(t.Context(), q, r.server.Addrs().DNS)
		if err != nil {
			t.Fatal(err)
		}
		if len(answer.Answer) != 1 || answer.Answer[0].(*dns.A).A.String() != "127.0.0.1" || !answer.Authoritative {
			t.Errorf("%s: %v", network, answer)
		}
		q = new(dns.Msg).SetQuestion("tunnel.example.com.", dns.TypeA).SetEdns0(1232, false)
		q.Opcode = dns.OpcodeUpdate
		answer, _, err = c.ExchangeContext(t.Context(), q, r.server.Addrs().DNS)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Rcode != dns.RcodeNotImplemented {
			t.Errorf("%s: an update is answered %s", network, dns.RcodeToString[answer.Rcode])
		}
	}
}
