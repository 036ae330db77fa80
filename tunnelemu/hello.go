package tunnelemu

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/sundog-edge/sundog/internal/piece"
)

// hello is the hello_world service. The connector puts it on a TLS socket of its own; here the same answers come in
// process.
type hello struct {
	now   func() time.Time
	start time.Time
}

func newHello(now func() time.Time) *hello { return &hello{now: now, start: now()} }

func (s *hello) serve(t *Tunnel, w http.ResponseWriter, r *http.Request, d Decision) error {
	switch r.URL.Path {
	case "/uptime":
		s.uptime(w)
	case "/_health":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "ok")
	case "/sse":
		s.events(t, w, r)
	case "/ws":
		return t.echo(w, r, d)
	default:
		s.page(w, r)
	}
	return nil
}

func (s *hello) uptime(w http.ResponseWriter) {
	body, _ := json.Marshal(struct {
		StartTime time.Time `json:"startTime"`
		Uptime    string    `json:"uptime"`
	}{s.start, s.now().Sub(s.start).String()})
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// events counts up every ?freq= (a Go duration; default 10s) until the client leaves.
func (s *hello) events(t *Tunnel, w http.ResponseWriter, r *http.Request) {
	period, err := time.ParseDuration(r.URL.Query().Get("freq"))
	if err != nil || period <= 0 {
		period = 10 * time.Second
	}
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	if piece.Flush(w) != nil {
		return
	}
	ticks, stop := t.options.Ticker(period)
	defer stop()
	for i := 0; ; i++ {
		select {
		case <-r.Context().Done():
			return
		case <-ticks:
		}
		if _, err := fmt.Fprintf(w, "%d\n\n", i); err != nil || piece.Flush(w) != nil {
			return
		}
	}
}

var helloPage = template.Must(template.New("hello").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hello from the tunnel</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 45rem; margin: 3rem auto; padding: 0 1rem }
th { text-align: left; vertical-align: top; padding-right: 1rem; font-weight: 600 }
td, pre { font-family: ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap }
</style>
</head>
<body>
<h1>The tunnel works</h1>
<p>This page is the <code>hello_world</code> service. It received:</p>
<table>
<tr><th>Request</th><td>{{.Method}} {{.Target}} {{.Proto}}</td></tr>
<tr><th>Host</th><td>{{.Host}}</td></tr>
{{range $name, $values := .Header}}{{range $values}}<tr><th>{{$name}}</th><td>{{.}}</td></tr>
{{end}}{{end}}</table>
<h2>Body</h2>
<pre>Body: {{.Body}}</pre>
</body>
</html>
`))

// helloBody bounds how much of a request's body the page shows.
const helloBody = 64 << 10

func (s *hello) page(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, helloBody))
	var page bytes.Buffer
	err := helloPage.Execute(&page, struct {
		Method, Target, Proto, Host, Body string
		Header                            http.Header
	}{r.Method, r.URL.RequestURI(), r.Proto, r.Host, string(body), r.Header})
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page.Bytes())
}
