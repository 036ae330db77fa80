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

	// ALPN is what the HTTPS record of proxied names promises. Nil means "h2"; empty but
	// not nil means that there is no such record.
	ALPN []string

	// Sites are zones beside those of New, which win: for names that the edge serves
	// whatever the zones say. It is called once for each query. Nil means none.
	Sites func() *Zones

	// Queries keeps the newest questions. Nil means that none is kept.
	Queries *QueryLog

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
	alpn       []string
	sites      func() *Zones
	queries    *QueryLog
	dataCentre string
	log        *slog.Logger
}

// New makes a server. It calls zones once for each query, so a change is live at
// once; nil, or a nil result, means no zones.
func New(zones func() *Zones, o Options) *Server {
	none := func() *Zones { return nil }
	if zones == nil {
		zones = none
	}
	if o.Sites == nil {
		o.Sites = none
	}
	if o.ALPN == nil {
		o.ALPN = []string{"h2"}
	}
	s := &Server{zones: zones, own: ownZones(), alpn: o.ALPN, sites: o.Sites, queries: o.Queries, dataCentre: o.DataCentre, log: o.Log, minimum: uint32(DefaultNegativeTTL / time.Second)}
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

// maxEntries is how many questions and records a query may have. Compressed names make of a few bytes
// each a text of a thousand.
const maxEntries = 32

// Accept is a [dns.MsgAcceptFunc] that hands every query of ordinary size to the handler,
// which refuses what it must with a clean header and an OPT record of its own.
func Accept(h dns.Header) dns.MsgAcceptAction {
	const response = 1 << 15
	switch {
	case h.Bits&response != 0:
		return dns.MsgIgnore
	case int(h.Qdcount)+int(h.Ancount)+int(h.Nscount)+int(h.Arcount) > maxEntries:
		return dns.MsgReject
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
	m, _ := s.Explain(r, client)
	return m
}

// Explain is Answer, and says what decided.
func (s *Server) Explain(r *dns.Msg, client net.Addr) (*dns.Msg, Why) {
	m, why := s.explain(r, client)
	if m != nil {
		cut(m, r, client)
		s.queries.add(m, client, &why, RoleAuthoritative)
	}
	return m, why
}

// Peek is Explain for somebody who only wants to know: the question is not entered into the
// log.
func (s *Server) Peek(r *dns.Msg) (*dns.Msg, Why) {
	m, why := s.explain(r, nil)
	if m != nil {
		cut(m, r, nil)
	}
	return m, why
}

// explain leaves the answer as long as it is.
func (s *Server) explain(r *dns.Msg, client net.Addr) (m *dns.Msg, why Why) {
	if r.Response {
		return nil, why
	}
	m = new(dns.Msg)
	m.SetReply(r)
	e, rcode := readEDNS(r)
	switch {
	case r.Opcode != dns.OpcodeQuery:
		m.Rcode = dns.RcodeNotImplemented
		why.Outcome, why.Reason = Refused, "only the opcode QUERY is answered"
	case rcode != dns.RcodeSuccess:
		m.Rcode = rcode
		why.Outcome = Malformed
	case len(r.Question) != 1:
		m.Rcode = dns.RcodeFormatError
		why.Outcome = Malformed
	default:
		s.query(m, &e, &why, client)
	}
	if len(r.Question) != 1 {
		m.Question = nil
	}
	e.attach(m)
	if s.log.Enabled(context.Background(), slog.LevelDebug) && len(m.Question) == 1 {
		q := m.Question[0]
		s.log.Debug("dns query", "name", q.Name, "type", dns.Type(q.Qtype).String(), "class", dns.Class(q.Qclass).String(), "rcode", dns.RcodeToString[m.Rcode], "answers", len(m.Answer), "client", client)
	}
	return m, why
}

// cut brings an answer to q to what the asker can take.
func cut(m, q *dns.Msg, client net.Addr) {
	limit := dns.MaxMsgSize
	if client != nil && strings.HasPrefix(client.Network(), "udp") {
		limit = dns.MinMsgSize
		if e, _ := readEDNS(q); e.present {
			limit = min(max(int(e.size), dns.MinMsgSize), udpSize)
		}
	}
	m.Truncate(limit)
}

// query answers the one question of a well-formed query.
func (s *Server) query(m *dns.Msg, e *edns, why *Why, client net.Addr) {
	q := m.Question[0]
	switch q.Qclass {
	case dns.ClassINET:
	case dns.ClassCHAOS:
		why.Outcome = Itself
		s.chaos(m, q, client)
		return
	default:
		m.Rcode = dns.RcodeRefused
		why.Outcome, why.Reason = Refused, "only the classes IN and CH are answered"
		return
	}
	switch q.Qtype {
	case dns.TypeOPT:
		m.Rcode = dns.RcodeFormatError
		why.Outcome = Malformed
	case dns.TypeAXFR, dns.TypeIXFR, dns.TypeMAILA, dns.TypeMAILB, dns.TypeTSIG, dns.TypeTKEY:
		m.Rcode = dns.RcodeRefused
		why.Outcome, why.Reason = Refused, "zone transfers and transaction keys are not offered"
		e.explain(dns.ExtendedErrorCodeProhibited, why.Reason)
	default:
		if s.whoami(m, q, client) {
			why.Outcome = Itself
			return
		}
		(&lookup{s: s, zones: s.zones(), m: m, e: e, why: why, qtype: q.Qtype}).run(q.Name)
	}
}
