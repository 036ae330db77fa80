package script

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/admin"
)

const dnsUsage = `dns [-at SERVER] [-why] NAME [TYPE]
dns -log [NAME]`

// cmdDNS asks a name server of the edge. The world's own is asked over UDP (and TCP for what is
// too long) when the edge is on sockets, else in process, as the others always are.
func cmdDNS(c *call) {
	c.noNegation()
	var at string
	var why, log bool
	c.flags(0, 2, func(fs *flag.FlagSet) {
		fs.StringVar(&at, "at", "", "")
		fs.BoolVar(&why, "why", false, "")
		fs.BoolVar(&log, "log", false, "")
	})
	e := c.running()
	switch {
	case log && (at != "" || why || len(c.args) > 1):
		c.misused("-log takes a NAME alone")
	case log:
		c.queries(e)
		return
	case len(c.args) == 0:
		c.misused("name what to ask for")
	}
	q := admin.DigQuestion{Name: c.args[0], Server: at}
	if len(c.args) == 2 {
		q.Type = c.args[1]
	}
	if at == "" && !why && c.server != nil {
		c.overSockets(q)
		return
	}
	d, err := e.Dig(q)
	if err != nil {
		c.misused("%v", err)
	}
	writeDig(c.ts.Stdout(), d)
	if !why {
		return
	}
	for _, line := range []struct{ name, text string }{{"record", d.Record}, {"where", d.Where}, {"why", d.Why}, {"mend", d.Mend}} {
		if line.text != "" {
			fmt.Fprintln(c.ts.Stdout(), line.name, c.normal().text(line.text))
		}
	}
}

// queries tells what was asked, the oldest first.
func (c *call) queries(e *edge.Edge) {
	name := ""
	if len(c.args) == 1 {
		name = c.args[0]
	}
	for _, q := range slices.Backward(e.Queries().Last(0, name)) {
		way := q.Transport
		if way == "" {
			way = "in-process"
		}
		fmt.Fprintln(c.ts.Stdout(), q.Name, dns.Type(q.Type), dns.RcodeToString[q.Rcode], q.Role, way, q.Why.Outcome)
	}
}

// writeDig writes an answer as writeDNS does.
func writeDig(w io.Writer, d admin.Dig) {
	fmt.Fprint(w, d.Status)
	for _, flag := range d.Flags {
		if flag != "rd" {
			fmt.Fprint(w, " ", flag)
		}
	}
	fmt.Fprintln(w)
	for _, r := range d.Answer {
		fmt.Fprintln(w, r.Name, r.TTL, r.Class, r.Type, r.Data)
	}
	for _, r := range d.Authority {
		fmt.Fprintln(w, "authority", r.Name, r.TTL, r.Class, r.Type, r.Data)
	}
}

func (c *call) overSockets(q admin.DigQuestion) {
	qtype := dns.TypeA
	if q.Type != "" {
		known, ok := dns.StringToType[strings.ToUpper(q.Type)]
		if !ok {
			c.misused("%q is no record type", q.Type)
		}
		qtype = known
	}
	m := new(dns.Msg).SetQuestion(dns.Fqdn(q.Name), qtype)
	if strings.Contains(q.Name, "://") {
		c.misused("%q is a URL; DNS knows names: write the host alone", q.Name)
	}
	client := dns.Client{Timeout: answerLimit}
	answer, _, err := client.Exchange(m, c.server.Addrs().DNS)
	if err == nil && answer.Truncated {
		client.Net = "tcp"
		answer, _, err = client.Exchange(m, c.server.Addrs().DNS)
	}
	if err != nil {
		c.fail("%v", err)
	}
	writeDNS(c.ts.Stdout(), answer)
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
