package edge

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/api"
	"github.com/sundog-edge/sundog/edge/trace"
)

// Control returns the handler of the admin port: /v1, and the REST API under /client/v4.
// hosts are names beside loopback that its Host header may have.
func (e *Edge) Control(version string, hosts ...string) http.Handler {
	return e.countedControl(admin.New((*backend)(e), admin.Options{
		Token: e.Token(), Hosts: hosts, API: e.rest, Reload: e.reload, Version: version, Log: e.log,
		Reach: e.reach, Metrics: e.metrics(),
	}))
}

// Token opens the admin port; it is random per edge.
func (e *Edge) Token() string { return e.secrets.admin }

// APIToken opens the REST API; it is random per edge.
func (e *Edge) APIToken() string { return e.secrets.api }

// newAPI is the REST API, under /client/v4.
func (e *Edge) newAPI() http.Handler {
	return api.New(api.Options{Token: e.secrets.api, Store: (*store)(e), Log: e.log, Now: e.clock.Now, Rand: e.random, Pages: e.pagesVersion})
}

// whenAsked is a handler that is made for its first request.
func whenAsked(handler func() http.Handler) http.Handler {
	handler = sync.OnceValue(handler)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler().ServeHTTP(w, r) })
}

// Age makes everything that was granted d older: sessions, PINs, tokens, keys, what the system's resolver keeps. New
// claims keep the clock's time. It returns the sum of all ages.
func (e *Edge) Age(d time.Duration) time.Duration {
	sum := e.access.Age(d)
	e.aged.Store(int64(sum))
	return sum
}

// backend is the edge as the admin port sees it.
type backend Edge

func (b *backend) WaitOTP(ctx context.Context, email, nonce string) (admin.Mail, error) {
	code, err := b.access.WaitOTP(ctx, email, nonce)
	if err != nil {
		return admin.Mail{}, err
	}
	mail := admin.Mail{Email: email, Code: code, Nonce: nonce}
	for _, m := range slices.Backward(b.access.Inbox()) {
		if m.Code == code && strings.EqualFold(m.To, email) && (nonce == "" || m.Nonce == nonce) {
			mail = admin.Mail{Email: m.To, Code: code, Nonce: m.Nonce, App: m.Host, Sent: m.At}
			break
		}
	}
	return mail, nil
}

func (b *backend) Age(d time.Duration) time.Duration { return (*Edge)(b).Age(d) }

func (b *backend) Explain(r *http.Request, client, as string) *trace.Trace {
	return (*Edge)(b).ExplainAs(r, client, as)
}

func (b *backend) ServiceTokenHeaders(name string) (http.Header, error) {
	return (*Edge)(b).ServiceTokenHeaders(name)
}

func (b *backend) Traces(n int) []*trace.Trace { return b.ring.Last(n) }

func (b *backend) Trace(ray string) (*trace.Trace, bool) { return b.ring.Find(ray) }

func (b *backend) Refusals(since uint64) []admin.Refusal { return b.refusals.since(since) }

func (b *backend) World() any { return (*Edge)(b).Summary() }

func (b *backend) Dig(q admin.DigQuestion) (admin.Dig, error) { return (*Edge)(b).Dig(q) }

func (b *backend) Queries(n int, name string) []admin.Query {
	s := b.snap.Load()
	var all []admin.Query
	for _, q := range b.queries.Last(n, name) {
		one := admin.Query{
			Seq: q.Seq, Time: q.Time, Name: q.Name, Type: dns.Type(q.Type).String(), Status: dns.RcodeToString[q.Rcode], Answers: q.Answers,
			Transport: q.Transport, Role: q.Role.String(), Outcome: q.Why.Outcome.String(),
			Record: s.recordText(q.Why.Record), Where: s.recordMark(q.Why.Record),
		}
		if q.Client.IsValid() {
			one.Client = q.Client.String()
		}
		all = append(all, one)
	}
	return all
}
