package dnsemu

import (
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
)

// Role is which of the two kinds of name server answered.
type Role uint8

const (
	RoleAuthoritative Role = iota // the name server of the zones: AA set
	RoleResolver                  // 1.1.1.1, or a resolver of one's own: RA set
)

// String is the role in a word.
func (r Role) String() string {
	if r == RoleResolver {
		return "resolver"
	}
	return "authoritative"
}

// Query is a question that was answered.
type Query struct {
	Seq       uint64     // counts questions of the log, from 1
	Time      time.Time  // by the log's clock
	Name      string     // as it was asked, absolute
	Type      uint16     // dns.TypeA
	Class     uint16     // dns.ClassINET
	Rcode     int        // dns.RcodeSuccess
	Answers   int        // records of the answer section
	Truncated bool       // the client was told to ask over TCP
	Transport string     // "udp", "tcp", "https", or another network of the address that asked; "": none
	Client    netip.Addr // invalid: unknown
	Role      Role
	Why       Why
}

// QueryLog keeps the newest questions in a ring. Writers never wait for each other or for
// readers. A nil log keeps nothing.
type QueryLog struct {
	now  func() time.Time
	seq  atomic.Uint64
	ring []atomic.Pointer[Query]
}

// DefaultQueries is how many questions a log keeps.
const DefaultQueries = 1024

// NewQueryLog makes a log of the newest size questions; 0 means [DefaultQueries]. A nil
// now is the system's clock.
func NewQueryLog(size int, now func() time.Time) *QueryLog {
	if size <= 0 {
		size = DefaultQueries
	}
	if now == nil {
		now = time.Now
	}
	return &QueryLog{now: now, ring: make([]atomic.Pointer[Query], size)}
}

func (l *QueryLog) add(m *dns.Msg, client net.Addr, why *Why, role Role) {
	if l == nil {
		return
	}
	q := &Query{Time: l.now(), Rcode: m.Rcode, Answers: len(m.Answer), Truncated: m.Truncated, Role: role, Why: *why}
	if len(m.Question) == 1 {
		q.Name, q.Type, q.Class = m.Question[0].Name, m.Question[0].Qtype, m.Question[0].Qclass
	}
	if client != nil {
		q.Transport, q.Client = client.Network(), addrOf(client)
	}
	q.Seq = l.seq.Add(1)
	l.ring[q.Seq%uint64(len(l.ring))].Store(q)
}

// Last are the newest questions, the newest first: at most n, all that are kept when n is
// 0 or less. Name, when it is not empty, selects one name, in any case and with or without
// its last dot.
func (l *QueryLog) Last(n int, name string) []*Query {
	if l == nil {
		return nil
	}
	name = strings.TrimSuffix(name, ".")
	var all []*Query
	newest := l.seq.Load()
	for i := range uint64(len(l.ring)) {
		if i >= newest || n > 0 && len(all) == n {
			break
		}
		q := l.ring[(newest-i)%uint64(len(l.ring))].Load()
		// A writer may have taken a number and not stored yet, or be a round ahead.
		if q == nil || q.Seq != newest-i {
			continue
		}
		if name == "" || strings.EqualFold(strings.TrimSuffix(q.Name, "."), name) {
			all = append(all, q)
		}
	}
	return all
}

func addrOf(client net.Addr) netip.Addr {
	switch a := client.(type) {
	case *net.UDPAddr:
		return a.AddrPort().Addr().Unmap()
	case *net.TCPAddr:
		return a.AddrPort().Addr().Unmap()
	}
	a, _ := netip.ParseAddrPort(client.String())
	return a.Addr().Unmap()
}
