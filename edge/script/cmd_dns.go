package script

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

const dnsUsage = `dns NAME [TYPE]`

// cmdDNS asks the world's name server: over UDP (and TCP for what is too long) when the
// edge is on sockets, else its handler itself.
func cmdDNS(c *call) {
	c.noNegation()
	c.flags(1, 2, nil)
	qtype := dns.TypeA
	if len(c.args) == 2 {
		known, ok := dns.StringToType[strings.ToUpper(c.args[1])]
		if !ok {
			c.misused("%q is no record type", c.args[1])
		}
		qtype = known
	}
	if strings.Contains(c.args[0], "://") {
		c.misused("%q is a URL; DNS knows names: write the host alone", c.args[0])
	}
	q := new(dns.Msg)
	q.SetQuestion(dns.Fqdn(c.args[0]), qtype)
	answer, err := c.ask(q)
	if err != nil {
		c.fail("%v", err)
	}
	writeDNS(c.ts.Stdout(), answer)
}

func (c *call) ask(q *dns.Msg) (*dns.Msg, error) {
	e := c.running()
	if c.server == nil {
		w := &dnsAnswer{}
		e.DNS().ServeDNS(w, q)
		if w.msg == nil {
			return nil, fmt.Errorf("the name server gave no answer")
		}
		return w.msg, nil
	}
	client := dns.Client{Timeout: answerLimit}
	answer, _, err := client.Exchange(q, c.server.Addrs().DNS)
	if err == nil && answer.Truncated {
		client.Net = "tcp"
		answer, _, err = client.Exchange(q, c.server.Addrs().DNS)
	}
	return answer, err
}

// writeDNS writes an answer: its code and flags, then one record a line.
func writeDNS(w io.Writer, m *dns.Msg) {
	fmt.Fprint(w, dns.RcodeToString[m.Rcode])
	for _, flag := range []struct {
		on   bool
		name string
	}{{m.Authoritative, "aa"}, {m.RecursionAvailable, "ra"}, {m.Truncated, "tc"}} {
		if flag.on {
			fmt.Fprint(w, " ", flag.name)
		}
	}
	fmt.Fprintln(w)
	for _, rr := range m.Answer {
		fmt.Fprintln(w, record(rr))
	}
	for _, rr := range m.Ns {
		fmt.Fprintln(w, "authority", record(rr))
	}
}

// record is a resource record with single spaces.
func record(rr dns.RR) string { return strings.Join(strings.Fields(rr.String()), " ") }

// dnsAnswer takes an answer that goes over no socket.
type dnsAnswer struct {
	dns.ResponseWriter
	msg *dns.Msg
}

func (d *dnsAnswer) WriteMsg(m *dns.Msg) error {
	d.msg = m
	return nil
}

func (d *dnsAnswer) Write(b []byte) (int, error) {
	d.msg = new(dns.Msg)
	return len(b), d.msg.Unpack(b)
}

// The address is TCP's: what goes over no socket has no packet to fit into.
var inProcess = net.TCPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:53"))

func (d *dnsAnswer) LocalAddr() net.Addr  { return inProcess }
func (d *dnsAnswer) RemoteAddr() net.Addr { return inProcess }
func (d *dnsAnswer) Close() error         { return nil }
func (d *dnsAnswer) TsigStatus() error    { return nil }
func (d *dnsAnswer) TsigTimersOnly(bool)  {}
func (d *dnsAnswer) Hijack()              {}
