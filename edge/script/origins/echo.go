package origins

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"unicode/utf8"
)

// Seen is one request as an origin got it.
type Seen struct {
	Method, URI, Proto, Host string
	Header                   http.Header
	Body                     []byte // at most 1 MiB of it
}

// String is the request as text: request line, Host, the headers sorted by name, an
// empty line, the body.
func (s *Seen) String() string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s %s\nHost: %s\n", s.Method, s.URI, s.Proto, s.Host)
	WriteHeader(&b, s.Header)
	if len(s.Body) > 0 {
		b.WriteByte('\n')
		if utf8.Valid(s.Body) {
			b.Write(bytes.TrimSuffix(s.Body, []byte("\n")))
		} else {
			fmt.Fprintf(&b, "(%d bytes that are no text)", len(s.Body))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Values are the values of a header, of which Host is one.
func (s *Seen) Values(name string) []string {
	if http.CanonicalHeaderKey(name) == "Host" {
		return []string{s.Host}
	}
	return s.Header.Values(name)
}

// WriteHeader writes headers sorted by name, one value a line.
func WriteHeader(w io.Writer, h http.Header) {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range h[name] {
			fmt.Fprintf(w, "%s: %s\n", name, v)
		}
	}
}

// Echo is an origin that remembers what it received and answers as it is told. The zero
// value answers 200 and, as text, the request. It is safe for concurrent use.
type Echo struct {
	mu     sync.Mutex // guards all below
	answer Answer
	seen   []*Seen
}

// Answer is what an Echo answers.
type Answer struct {
	Status int         // 0: 200
	Header http.Header // beside Content-Type: text/plain, which it may overrule
	Body   *string     // nil: the request as text
	Hold   bool        // after the body, keep the response open until the client leaves
}

// maxSeen bounds what is kept of one body.
const maxSeen = 1 << 20

// Answer sets what is answered from now on.
func (e *Echo) Answer(a Answer) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answer = a
}

// Seen are the requests so far, the oldest first.
func (e *Echo) Seen() []*Seen {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.seen)
}

// ServeHTTP answers one request. Unless it was told what to answer, a WebSocket and a
// gRPC call get each of their messages back.
func (e *Echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if speak := e.conversation(r); speak != nil {
		speak(w, r)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxSeen))
	if err != nil {
		panic(http.ErrAbortHandler) // the request never came whole
	}
	seen := &Seen{Method: r.Method, URI: r.RequestURI, Proto: r.Proto, Host: r.Host, Header: r.Header.Clone(), Body: body}
	e.mu.Lock()
	e.seen = append(e.seen, seen)
	a := e.answer
	e.mu.Unlock()

	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	for name, values := range a.Header {
		h[name] = values
	}
	if a.Status != 0 {
		w.WriteHeader(a.Status)
	}
	text := seen.String()
	if a.Body != nil {
		text = *a.Body
	}
	if !a.Hold {
		io.WriteString(w, text)
		return
	}
	lines(w, text)
	<-r.Context().Done()
}

// conversation is what goes on longer than one answer; nil: nothing does. The request
// is seen before it ends.
func (e *Echo) conversation(r *http.Request) func(http.ResponseWriter, *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.answer.Status != 0 || e.answer.Body != nil {
		return nil
	}
	var speak func(http.ResponseWriter, *http.Request)
	switch {
	case isWebSocket(r):
		speak = webSocket
	case isGRPC(r):
		speak = grpc
	default:
		return nil
	}
	e.seen = append(e.seen, &Seen{Method: r.Method, URI: r.RequestURI, Proto: r.Proto, Host: r.Host, Header: r.Header.Clone()})
	return speak
}
