package dnsemu

import "github.com/miekg/dns"

// udpSize is what the server offers and the most it sends over UDP: larger answers
// risk fragments.
const udpSize = 1232

// edns is what a query's OPT record asks for, and what the answer's will carry.
type edns struct {
	present bool
	size    uint16
	do      bool
	reason  *dns.EDNS0_EDE
}

// readEDNS reads the OPT record; rcode is success unless the query must be refused
// for it. Options and unknown flags are dropped by never being copied.
func readEDNS(r *dns.Msg) (e edns, rcode int) {
	for _, rr := range r.Extra {
		opt, ok := rr.(*dns.OPT)
		if !ok {
			continue
		}
		if e.present || opt.Hdr.Name != "." {
			return e, dns.RcodeFormatError
		}
		e.present, e.size, e.do = true, opt.UDPSize(), opt.Do()
		if opt.Version() != 0 {
			rcode = dns.RcodeBadVers
		}
	}
	return e, rcode
}

// explain adds an extended error (RFC 8914), which dig shows to the person who asks.
func (e *edns) explain(code uint16, text string) {
	e.reason = &dns.EDNS0_EDE{InfoCode: code, ExtraText: text}
}

func (e *edns) attach(m *dns.Msg) {
	if !e.present {
		return
	}
	opt := &dns.OPT{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeOPT}}
	opt.SetUDPSize(udpSize)
	if e.do {
		opt.SetDo()
	}
	if e.reason != nil {
		opt.Option = append(opt.Option, e.reason)
	}
	m.Extra = append(m.Extra, opt)
}
