package dnsemu

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
)

const (
	// DefaultNegativeTTL is short, so that a name asked for before it was made does
	// not stay "not found" in somebody's cache while a person waits.
	DefaultNegativeTTL = 2 * time.Second
	// FaithfulNegativeTTL is what the real zones carry.
	FaithfulNegativeTTL = 1800 * time.Second
)

// Options are the knobs of a [Server]; the zero value is ready for use.
type Options struct {
	// EdgeIPv4 and EdgeIPv6 are the addresses that proxied names answer with, in
	// this order; an address counts by its own family. Nil EdgeIPv4 means 127.0.0.1;
	// empty but not nil means none. Without an IPv6 address the AAAA of a proxied
	// name is NODATA, so that clients do not try a dead address first.
	EdgeIPv4, EdgeIPv6 []netip.Addr

	// NegativeTTL is the SOA minimum, in whole seconds: how long NXDOMAIN and NODATA
	// may be cached. 0 means DefaultNegativeTTL, negative means not at all.
	NegativeTTL time.Duration

	// DataCentre answers id.server in class CH. "" means "SDG".
	DataCentre string

	// Log gets each question at debug level, and at warning level each answer that
	// fails for a reason that lies in the records. Nil means none.
	Log *slog.Logger
}

// Server is an authoritative name server for a set of zones. It answers with AA
// set and RA clear, and is safe for concurrent use.
type Server struct {
	zones      func() *Zones
	own        *Zones // zones of the lookalike internet that no world defines
	v4, v6     []net.IP
	minimum    uint32
	dataCentre string
	log        *slog.Logger
}

// New makes a server. It calls zones once for each query, so a change is live at
// once; nil, or a nil result, means no zones.
func New(zones func() *Zones, o Options) *Server {
	if zones == nil {
		zones = func() *Zones { return nil }
	}
	s := &Server{zones: zones, own: ownZones(), dataCentre: o.DataCentre, log: o.Log, minimum: uint32(DefaultNegativeTTL / time.Second)}
	if o.NegativeTTL != 0 {
		s.minimum = uint32(min(max(o.NegativeTTL, 0)/time.Second, 1<<31-1))
	}
	if s.dataCentre == "" {
		s.dataCentre = "SDG"
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if o.EdgeIPv4 == nil {
		o.EdgeIPv4 = []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	}
	for _, list := range [][]netip.Addr{o.EdgeIPv4, o.EdgeIPv6} {
		for _, a := range list {
			switch a = a.Unmap(); {
			case a.Is4():
				s.v4 = append(s.v4, a.AsSlice())
			case a.Is6():
				s.v6 = append(s.v6, a.AsSlice())
			}
		}
	}
	return s
}

// Accept is a [dns.MsgAcceptFunc] that hands every query to the handler, which
// refuses what it must with a clean header and an OPT record of its own.
func Accept(h dns.Header) dns.MsgAcceptAction {
	const response = 1 << 15
	if h.Bits&response != 0 {
		return dns.MsgIgnore
	}
	return dns.MsgAccept
}

// ServeDNS implements [dns.Handler].
func (s *Server) ServeDNS(w dns.ResponseWriter, r *dns.Msg) {
	m := s.Answer(r, w.RemoteAddr())
	if m == nil {
		return
	}
	if err := w.WriteMsg(m); err != nil {
		s.log.Debug("dns answer not sent", "err", err)
	}
}

// Answer is the reply to r, ready to be sent; nil when r is no query. Client is the
// asker's address: an answer to a UDP address is cut to what it can take, any other
// (nil too) gets up to 65535 bytes.
func (s *Server) Answer(r *dns.Msg, client net.Addr) *dns.Msg {
	if r.Response {
		return nil
	}
	m := new(dns.Msg)
	m.SetReply(r)
	limit := dns.MaxMsgSize
	if client != nil && strings.HasPrefix(client.Network(), "udp") {
		limit = dns.MinMsgSize
	}
	e, rcode := readEDNS(r)
	if e.present && limit != dns.MaxMsgSize {
		limit = min(max(int(e.size), dns.MinMsgSize), udpSize)
	}
	switch {
	case r.Opcode != dns.OpcodeQuery:
		m.Rcode = dns.RcodeNotImplemented
	case rcode != dns.RcodeSuccess:
		m.Rcode = rcode
	case len(r.Question) != 1:
		m.Rcode = dns.RcodeFormatError
	default:
		s.query(m, &e, client)
	}
	if len(r.Question) != 1 {
		m.Question = nil
	}
	e.attach(m)
	m.Truncate(limit)
	if s.log.Enabled(context.Background(), slog.LevelDebug) && len(m.Question) == 1 {
		q := m.Question[0]
		s.log.Debug("dns query", "name", q.Name, "type", dns.Type(q.Qtype).String(), "class", dns.Class(q.Qclass).String(), "rcode", dns.RcodeToString[m.Rcode], "answers", len(m.Answer), "client", client)
	}
	return m
}

// query answers the one question of a well-formed query.
func (s *Server) query(m *dns.Msg, e *edns, client net.Addr) {
	q := m.Question[0]
	switch q.Qclass {
	case dns.ClassINET:
	case dns.ClassCHAOS:
		s.chaos(m, q, client)
		return
	default:
		m.Rcode = dns.RcodeRefused
		return
	}
	switch q.Qtype {
	case dns.TypeOPT:
		m.Rcode = dns.RcodeFormatError
	case dns.TypeAXFR, dns.TypeIXFR, dns.TypeMAILA, dns.TypeMAILB, dns.TypeTSIG, dns.TypeTKEY:
		m.Rcode = dns.RcodeRefused
		e.explain(dns.ExtendedErrorCodeProhibited, "zone transfers and transaction keys are not offered")
	default:
		(&lookup{s: s, zones: s.zones(), m: m, e: e, qtype: q.Qtype}).run(q.Name)
	}
}
