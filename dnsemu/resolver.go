package dnsemu

import (
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/miekg/dns"
)

// DefaultCacheSize is how many answers a caching resolver keeps.
const DefaultCacheSize = 10_000

// ResolverOptions are the knobs of a [Resolver]; the zero value does not cache.
type ResolverOptions struct {
	// Cache keeps answers for as long as their TTLs say, negative ones too, as the
	// resolver of an operating system or a router does. False: each question meets the
	// zones as they are, which is what 1.1.1.1 should do for somebody who has just made a
	// record.
	Cache bool

	// CacheSize bounds the answers that are kept; those unused for longest go first. 0
	// means DefaultCacheSize.
	CacheSize int

	// Now is the time that TTLs count down by. Nil means the system's clock.
	Now func() time.Time
}

// Resolver answers as a recursive resolver does that knows nothing but a server's zones:
// AA is clear and RA is set, and what lies in no zone is SERVFAIL, since nobody is asked.
// It is a [dns.Handler], safe for concurrent use.
type Resolver struct {
	server *Server
	now    func() time.Time

	mu    sync.Mutex                             // guards cache
	cache *simplelru.LRU[cacheKey, *cachedReply] // nil: nothing is kept
}

type cacheKey struct {
	name  string // lower case
	qtype uint16
}

// cachedReply is an answer as it came; nobody changes its records.
type cachedReply struct {
	at             time.Time
	ttl            uint32 // seconds that it lives
	rcode          int
	answer, ns     []dns.RR
	why            Why
	reason         *dns.EDNS0_EDE
	nameInQuestion string
}

// NewResolver makes a resolver of a server's zones.
func NewResolver(s *Server, o ResolverOptions) *Resolver {
	r := &Resolver{server: s, now: o.Now}
	if r.now == nil {
		r.now = time.Now
	}
	if o.Cache {
		if o.CacheSize <= 0 {
			o.CacheSize = DefaultCacheSize
		}
		r.cache, _ = simplelru.NewLRU[cacheKey, *cachedReply](o.CacheSize, nil) // it fails for sizes below 1
	}
	return r
}

// ServeDNS implements [dns.Handler].
func (r *Resolver) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	if m := r.Answer(q, w.RemoteAddr()); m != nil {
		if err := w.WriteMsg(m); err != nil {
			r.server.log.Debug("dns answer not sent", "err", err)
		}
	}
}

// Answer is the reply to q, as [Server.Answer] has it.
func (r *Resolver) Answer(q *dns.Msg, client net.Addr) *dns.Msg {
	m, _ := r.Explain(q, client)
	return m
}

// Explain is Answer, and says what decided. Of an answer from the cache that is what
// decided when it was put there, with the outcome [Cached].
func (r *Resolver) Explain(q *dns.Msg, client net.Addr) (*dns.Msg, Why) {
	m, why := r.explain(q, client)
	if m != nil {
		r.server.queries.add(m, client, &why, RoleResolver)
	}
	return m, why
}

func (r *Resolver) explain(q *dns.Msg, client net.Addr) (*dns.Msg, Why) {
	key, keeps := r.key(q)
	if keeps {
		if c := r.kept(key); c != nil {
			return r.fromCache(q, c, client)
		}
	}
	m, why := r.server.explain(q, client)
	if m == nil {
		return nil, why
	}
	m.Authoritative, m.RecursionAvailable = false, true
	if unresolved := r.unresolved(m, &why); unresolved != "" {
		m.Rcode = dns.RcodeServerFailure
		m.Answer, m.Ns = nil, nil
		m.Extra = slices.DeleteFunc(m.Extra, func(rr dns.RR) bool { return rr.Header().Rrtype != dns.TypeOPT })
		why.Outcome, why.Reason = Failed, unresolved
		setReason(m, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeNoReachableAuthority, ExtraText: unresolved})
	}
	if keeps {
		r.keep(key, m, why)
	}
	cut(m, q, client)
	return m, why
}

// unresolved is why a resolver could not finish what the zones begin; "": it could.
func (r *Resolver) unresolved(m *dns.Msg, why *Why) string {
	const offline = ", and this resolver asks nobody else"
	switch why.Outcome {
	case NotHere:
		return why.Reason + offline
	case Delegated:
		return "the name is delegated to other name servers" + offline
	case Records:
		last, ok := lastCNAME(m)
		if ok && why.Target != "" {
			return last + " is in no zone here" + offline
		}
	}
	return ""
}

// lastCNAME is where an answer ends that has a CNAME as its last record although another
// type was asked for.
func lastCNAME(m *dns.Msg) (target string, ok bool) {
	if len(m.Answer) == 0 || len(m.Question) != 1 || m.Rcode != dns.RcodeSuccess || len(m.Ns) > 0 {
		return "", false
	}
	switch m.Question[0].Qtype {
	case dns.TypeCNAME, dns.TypeANY:
		return "", false
	}
	c, ok := m.Answer[len(m.Answer)-1].(*dns.CNAME)
	if !ok {
		return "", false
	}
	return c.Target, true
}

// setReason puts an extended error into the OPT record of an answer that has one.
func setReason(m *dns.Msg, reason *dns.EDNS0_EDE) {
	opt := m.IsEdns0()
	if opt == nil || reason == nil {
		return
	}
	opt.Option = slices.DeleteFunc(opt.Option, func(o dns.EDNS0) bool { return o.Option() == dns.EDNS0EDE })
	opt.Option = append(opt.Option, reason)
}

// Flush forgets what is cached, as resolvectl flush-caches does.
func (r *Resolver) Flush() {
	if r.cache == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cache.Purge()
}

// key is under what a question's answer is kept; keeps is false when it is not.
func (r *Resolver) key(q *dns.Msg) (key cacheKey, keeps bool) {
	if r.cache == nil || q.Response || q.Opcode != dns.OpcodeQuery || len(q.Question) != 1 || q.Question[0].Qclass != dns.ClassINET {
		return key, false
	}
	if _, rcode := readEDNS(q); rcode != dns.RcodeSuccess {
		return key, false
	}
	return cacheKey{strings.ToLower(q.Question[0].Name), q.Question[0].Qtype}, true
}

func (r *Resolver) kept(key cacheKey) *cachedReply {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.cache.Get(key)
	if !ok {
		return nil
	}
	if now.Sub(c.at) >= time.Duration(c.ttl)*time.Second || now.Before(c.at) {
		r.cache.Remove(key)
		return nil
	}
	return c
}

func (r *Resolver) keep(key cacheKey, m *dns.Msg, why Why) {
	if m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError || why.Outcome == Itself {
		return
	}
	ttl, any := LeastTTL(m)
	if !any || ttl == 0 {
		return
	}
	c := &cachedReply{at: r.now(), ttl: ttl, rcode: m.Rcode, why: why, answer: slices.Clone(m.Answer), ns: slices.Clone(m.Ns), nameInQuestion: m.Question[0].Name}
	c.why.Outcome = Cached
	if opt := m.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			c.reason, _ = o.(*dns.EDNS0_EDE)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cache.Add(key, c)
}

// LeastTTL is how long an answer may be kept: the least TTL of its answer section, or of
// its SOA when it is negative (RFC 2308 section 5). ok is false when it has neither.
func LeastTTL(m *dns.Msg) (seconds uint32, ok bool) {
	for _, section := range [][]dns.RR{m.Answer, m.Ns} {
		for _, rr := range section {
			if ttl := rr.Header().Ttl; !ok || ttl < seconds {
				seconds, ok = ttl, true
			}
		}
	}
	return seconds, ok
}

// fromCache answers with what was kept, its TTLs counted down.
func (r *Resolver) fromCache(q *dns.Msg, c *cachedReply, client net.Addr) (*dns.Msg, Why) {
	m := new(dns.Msg).SetReply(q)
	m.RecursionAvailable, m.Rcode = true, c.rcode
	past := uint32(r.now().Sub(c.at) / time.Second)
	older := func(list []dns.RR) []dns.RR {
		if len(list) == 0 {
			return nil
		}
		aged := make([]dns.RR, len(list))
		for i, rr := range list {
			rr = dns.Copy(rr)
			h := rr.Header()
			h.Ttl -= min(past, h.Ttl)
			if strings.EqualFold(h.Name, c.nameInQuestion) {
				h.Name = q.Question[0].Name
			}
			aged[i] = rr
		}
		return aged
	}
	m.Answer, m.Ns = older(c.answer), older(c.ns)
	e, _ := readEDNS(q)
	e.reason = c.reason
	e.attach(m)
	cut(m, q, client)
	return m, c.why
}
