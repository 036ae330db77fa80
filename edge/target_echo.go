package edge

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/sundog-edge/sundog/edge/echo"
	"github.com/sundog-edge/sundog/edge/problem"
)

// WithEcho lets the edge answer in place of origins that refuse connections, and of no others: with a
// page or JSON of what it received, marked as such. A WebSocket's handshake still fails, as there is nobody to talk to.
func WithEcho() Option { return func(o *options) { o.echo = true } }

// keepBody watches how much of a request's body the connector takes, for a stand-in that may come after it. Nil: there will be none.
func (q *request) keepBody(r *http.Request) *keptBody {
	if !q.edge.echo || len(r.Header["Upgrade"]) > 0 || q.rule.Rule != nil && !speaksHTTP(q.rule.Rule.Service) {
		return nil
	}
	kept := &keptBody{ReadCloser: r.Body}
	if r.Body == nil || r.Body == http.NoBody {
		kept.ReadCloser = http.NoBody
		return kept
	}
	r.Body = kept
	return kept
}

// speaksHTTP is a service that answers requests; the others carry bytes.
func speaksHTTP(service string) bool {
	scheme, _, _ := strings.Cut(strings.ToLower(service), ":")
	switch scheme {
	case "http", "https", "ws", "wss", "unix", "unix+tls":
		return true
	}
	return false
}

type keptBody struct {
	io.ReadCloser
	taken atomic.Int64
}

func (b *keptBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.taken.Add(int64(n))
	return n, err
}

// Close leaves closing to the server, whose body it is: a stand-in may still want to read it.
func (b *keptBody) Close() error { return nil }

// standIn is the target in place of an origin that refused the connection.
func (q *request) standIn(service, where string, body *keptBody) Target {
	return &echoTarget{q, service, where, body}
}

type echoTarget struct {
	*request
	service, where string
	body           *keptBody
}

func (t *echoTarget) Serve(w http.ResponseWriter, r *http.Request) error {
	q := t.request
	cause := "--echo stands in for " + t.service + ", which refuses connections"
	q.stood.Store(&cause)
	where := ""
	if t.where != "" {
		where = " (" + t.where + ")"
	}
	why := problem.OneLine(cause + where + "; start the origin to have its own answer")
	q.note.Store(&why)
	q.answered(&byEdge)
	w.Header().Set("Sundog-Why", why)

	taken := t.body.taken.Load()
	r.Body = t.body.ReadCloser
	url := q.uri
	if url == "" || url[0] == '/' || url[0] == '?' {
		url = q.admission.scheme() + "://" + q.authority() + q.uri
	}
	echo.Answer{
		By: byEdge, For: t.service, Why: cause, Where: t.where, RayID: q.Ray(), Request: echo.Read(r, url, taken),
	}.Render(w, r.Header.Get("Accept"), r.Method == http.MethodHead)
	return nil
}
