package connector

import (
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/wire"
)

// trip is one request on its way, perhaps on one connection after another.
type trip struct {
	request   *http.Request // shared with the caller but for the header map, the body and Content-Length of 0
	websocket bool
	body      *sentBody // nil: there is none
	hint      func(status int, h http.Header)
}

// newTrip makes a trip of a server's request, in which a length of 0 says that there is no body, or of a client's, in which
// it says nothing.
func newTrip(r *http.Request, server bool, hint func(int, http.Header)) *trip {
	out := r.WithContext(r.Context())
	t := &trip{request: out, websocket: wantsWebSocket(r), hint: hint}
	out.Header = make(http.Header, len(r.Header)+1)
	for name, values := range r.Header {
		if !ofOneHop(name) && !reserved(name) {
			out.Header[name] = values
		}
	}
	if _, ok := out.Header["User-Agent"]; !ok {
		out.Header["User-Agent"] = noAgent // else the transport would name itself
	}
	switch {
	case t.websocket || r.Body == nil || r.Body == http.NoBody || server && r.ContentLength == 0:
		out.Body, out.ContentLength = nil, 0
	default:
		t.body = &sentBody{from: r.Body, kept: true}
		out.Body = t.body
		if r.ContentLength == 0 {
			out.ContentLength = -1
		}
	}
	return t
}

var noAgent = []string{""}

// ofOneHop are the headers that concern the client's own connection, and those that frame a body anew.
func ofOneHop(name string) bool {
	switch name {
	case "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade", "Content-Length", "Host":
		return true
	}
	return false
}

// reserved are the headers by which the edge gives orders to a connector.
func reserved(name string) bool {
	const prefix = wire.ReservedPrefix
	return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}

// wantsWebSocket says whether a request, as the client sent it, asks for a WebSocket.
func wantsWebSocket(r *http.Request) bool {
	return r.Method == http.MethodGet && len(r.Header["Connection"]) > 0 && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// sentBody is a request's body. As long as it is kept, closing it is put off: a transport closes the body of a request
// that it could not send, and another connection is to have it.
type sentBody struct {
	from io.ReadCloser

	mu      sync.Mutex
	kept    bool
	closed  bool
	touched bool
}

func (b *sentBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	b.touched = true
	closed := b.closed
	b.mu.Unlock()
	if closed {
		return 0, http.ErrBodyReadAfterClose
	}
	return b.from.Read(p)
}

func (b *sentBody) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil
	}
	if b.kept && !b.touched {
		return nil
	}
	b.closed = true
	return b.from.Close()
}

// settle ends the keeping.
func (b *sentBody) settle() {
	if b != nil {
		b.mu.Lock()
		b.kept = false
		b.mu.Unlock()
	}
}

// untouched says that nothing of the body is gone.
func (b *sentBody) untouched() bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.touched
}
