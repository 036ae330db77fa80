package edge

import (
	"net/http"
	"strings"

	"github.com/miekg/dns"

	"github.com/sundog-edge/sundog/edge/admin"
)

// Activity tells what the edge has seen, and what it answered itself after the request of the number since.
// Answers that differ only in the query are one.
func (e *Edge) Activity(since uint64) admin.Activity {
	a := admin.Activity{Requests: e.ring.Seq(), Opened: e.opened.Load(), Others: e.others.Load(), Answers: []admin.Answer{}}
	at := map[admin.Answer]int{}
	for _, t := range e.ring.Since(since) {
		if t.Why == "" || t.Status == 0 {
			continue
		}
		url, _, _ := strings.Cut(t.URL, "?")
		kind := admin.Answer{Status: t.Status, Method: t.Method, URL: url, By: t.AnsweredBy, Why: t.Why}
		i, ok := at[kind]
		if !ok {
			i = len(a.Answers)
			at[kind] = i
			a.Answers = append(a.Answers, kind)
		}
		a.Answers[i].Count++
		a.Answers[i].Ray = t.Ray
	}
	return a
}

func (b *backend) Activity(since uint64) admin.Activity { return (*Edge)(b).Activity(since) }

// countedDNS counts questions.
type countedDNS struct {
	dns.Handler
	edge *Edge
}

func (c countedDNS) ServeDNS(w dns.ResponseWriter, m *dns.Msg) {
	c.edge.others.Add(1)
	c.Handler.ServeDNS(w, m)
}

// countedControl counts requests of the control port, but for those that ask what was counted.
func (e *Edge) countedControl(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/activity", "/v1/refusals", "/v1/ready":
		default:
			e.others.Add(1)
		}
		h.ServeHTTP(w, r)
	})
}
