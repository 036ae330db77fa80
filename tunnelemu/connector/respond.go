package connector

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/sundog-edge/sundog/internal/piece"
	"github.com/sundog-edge/sundog/internal/reqbody"
)

// ServeTunnel carries a request to the origin behind a tunnel and its response to w. Bodies stream both ways; upgrades,
// flushes, informational responses and trailers pass where the transport has them. A returned error is an *Error, and
// nothing was written then. When either side breaks off after the response has begun, ServeTunnel panics with
// http.ErrAbortHandler.
func (s *Server) ServeTunnel(w http.ResponseWriter, r *http.Request, tunnelID string) error {
	var body *reqbody.Body
	if r.Body != nil && r.Body != http.NoBody {
		body = reqbody.New(r.Body)
		defer body.Stop()
		r = r.WithContext(r.Context())
		r.Body = body
	}
	hints := &hints{w: w}
	resp, err := s.roundTrip(r, tunnelID, true, hints.pass)
	hints.stop()
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if body != nil {
		body.AnswerEarly(w)
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return s.upgrade(w, r, tunnelID, resp)
	}
	h := w.Header()
	for name, values := range resp.Header {
		switch name {
		case "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade":
			continue
		}
		h[name] = append(h[name], values...)
	}
	if _, ok := h["Content-Type"]; !ok {
		h["Content-Type"] = nil // an entry without values keeps the server from guessing one
	}
	w.WriteHeader(resp.StatusCode)
	if err := copyBody(w, resp); err != nil {
		panic(http.ErrAbortHandler)
	}
	for name, values := range resp.Trailer {
		h[http.TrailerPrefix+name] = values
	}
	if body != nil {
		body.Leave(w, r)
	}
	return nil
}

// hints passes informational responses on, as long as the final one has not come.
type hints struct {
	w    http.ResponseWriter
	mu   sync.Mutex
	over bool
}

func (i *hints) pass(status int, h http.Header) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.over || status <= http.StatusSwitchingProtocols || status > 199 {
		return // 100 comes from the client's own server, when the body is first read
	}
	own := i.w.Header()
	before := own.Clone()
	for name, values := range h {
		own[name] = values
	}
	i.w.WriteHeader(status)
	clear(own)
	for name, values := range before {
		own[name] = values
	}
}

func (i *hints) stop() {
	i.mu.Lock()
	i.over = true
	i.mu.Unlock()
}

const bufferSize = piece.BufferSize

var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// copyBody sends each piece on as it comes.
func copyBody(w http.ResponseWriter, resp *http.Response) error {
	if resp.ContentLength == 0 || resp.Body == http.NoBody {
		return nil
	}
	buf := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buf)
	return piece.Copy(w, resp.Body, resp.ContentLength, false, buf)
}

// upgrade joins client and origin after a 101.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request, tunnelID string, resp *http.Response) error {
	back, ok := resp.Body.(*duplex)
	if !ok {
		return &Error{Kind: KindMalformed, Tunnel: tunnelID, Err: errors.New("101 Switching Protocols without a WebSocket request")}
	}
	h := w.Header()
	own := h.Clone()
	for name, values := range resp.Header {
		h[name] = values
	}
	client, buffered, err := http.NewResponseController(w).Hijack() // which may finish the headers, as a writer of the caller's does
	if err != nil {
		clear(h)
		for name, values := range own {
			h[name] = values
		}
		return &Error{Kind: KindUpgrade, Tunnel: tunnelID, Err: err}
	}
	defer client.Close()
	_ = client.SetDeadline(time.Time{})
	if writeSwitch(buffered.Writer, h) != nil {
		return nil
	}
	end := func() {
		client.Close()
		back.Close()
	}
	stop := context.AfterFunc(r.Context(), end)
	defer stop()
	done := make(chan error, 2)
	go func() { done <- pipe(client, back) }()
	go func() { done <- pipe(back, ahead(buffered.Reader, client)) }()
	if err := <-done; err != nil {
		end()
	}
	<-done
	return nil
}

func writeSwitch(w *bufio.Writer, h http.Header) error {
	var b strings.Builder
	_ = h.Write(&b)
	_, _ = w.WriteString("HTTP/1.1 101 Switching Protocols\r\n" + b.String() + "\r\n")
	return w.Flush()
}

// ahead reads what the server had read ahead, then the connection itself.
func ahead(buffered *bufio.Reader, conn io.Reader) io.Reader {
	n := buffered.Buffered()
	if n == 0 {
		return conn
	}
	return io.MultiReader(io.LimitReader(buffered, int64(n)), conn)
}

// pipe copies one direction and passes its end on. Where a connection cannot be closed by half, its end ends the other
// direction too.
func pipe(to io.Writer, from io.Reader) error {
	buf := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buf)
	if _, err := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, buf[:]); err != nil {
		return err
	}
	half, ok := to.(interface{ CloseWrite() error })
	if !ok {
		return http.ErrNotSupported
	}
	return half.CloseWrite()
}
