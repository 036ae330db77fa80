package connectortest

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/sundog-edge/sundog/tunnelemu/connector"
	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/wire"
)

// http2Conn is a TCP connection, of which the connector is the HTTP/2 server though it dialled.
type http2Conn struct {
	*conn
	ctx     context.Context
	control chan io.ReadWriteCloser
}

func (n *conn) dialHTTP2(ctx context.Context) error {
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", n.connector.o.Edge)
	if err != nil {
		return err
	}
	secure := tls.Client(raw, &tls.Config{ServerName: connector.H2Name, RootCAs: n.connector.o.Roots, CurvePreferences: curves})
	if err := secure.HandshakeContext(ctx); err != nil {
		raw.Close()
		return err
	}
	live, cancel := context.WithCancel(context.Background())
	h := &http2Conn{n, live, make(chan io.ReadWriteCloser, 1)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer cancel()
		wire.ServeHTTP2(live, secure, h)
		secure.Close()
	}()
	n.done = done
	n.shut = sync.OnceFunc(func() {
		raw.Close()
		cancel()
		<-done
		if n.control != nil {
			n.control.Close()
		}
	})
	select {
	case stream := <-h.control:
		n.control = wire.DialControl(ctx, stream, n.connector.o.Log)
		return nil
	case <-done:
		err = io.ErrUnexpectedEOF
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	n.shut()
	return err
}

// curves are what cloudflared offers; X25519 alone is not among them.
var curves = []tls.CurveID{tls.X25519MLKEM768, tls.CurveP256}

func (h *http2Conn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch upgrade := r.Header.Get(wire.HeaderUpgrade); {
	case upgrade == wire.UpgradeConfig:
		h.configure(w, r)
	case upgrade == wire.UpgradeWebSocket:
		h.proxy(w, r, true)
	case r.Header.Get(wire.HeaderTCPSrc) != "":
		h.stream(w, r)
	case upgrade == wire.UpgradeControl:
		stream := &serverStream{ReadCloser: r.Body, w: w, closed: make(chan struct{})}
		defer stream.end()
		w.WriteHeader(http.StatusOK)
		flush(w)
		h.control <- stream
		select {
		case <-stream.closed:
		case <-h.ctx.Done():
		}
	default:
		h.proxy(w, r, false)
	}
}

// serverStream is a request that lasts.
type serverStream struct {
	io.ReadCloser
	w      http.ResponseWriter
	closed chan struct{}
	once   sync.Once

	mu   sync.Mutex // guards over, and w while it is written to
	over bool
}

// Write fails when the request's handler has returned; its response writer must not be used then.
func (s *serverStream) Write(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return 0, io.ErrClosedPipe
	}
	n, err = s.w.Write(p)
	if err == nil {
		flush(s.w)
	}
	return n, err
}

// end waits for a write that is underway, and lets no more begin.
func (s *serverStream) end() {
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
}

func (s *serverStream) Close() error {
	s.once.Do(func() { close(s.closed) })
	return s.ReadCloser.Close()
}

func flush(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }

func (h *http2Conn) configure(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Version int32           `json:"version"`
		Config  json.RawMessage `json:"config"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		h.fail(w)
		return
	}
	a := h.connector.apply(body.Version, body.Config)
	answer := map[string]any{"lastAppliedVersion": a.Version, "err": nil}
	if a.Err != "" {
		answer["err"] = struct{}{} // the text is lost
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (h *http2Conn) fail(w http.ResponseWriter) {
	w.Header().Set(wire.HeaderMeta, `{"src":"cloudflared"}`)
	w.WriteHeader(http.StatusBadGateway)
}

func (h *http2Conn) proxy(w http.ResponseWriter, r *http.Request, websocket bool) {
	if hint := h.connector.o.Hint; hint != nil {
		for name, values := range hint {
			w.Header()[name] = values
		}
		w.WriteHeader(http.StatusEarlyHints)
		clear(w.Header())
	}
	resp, err := h.connector.ask(r, websocket)
	if err != nil {
		h.fail(w)
		return
	}
	defer resp.Body.Close()
	w.Header().Set(wire.HeaderMeta, `{"src":"origin"}`)
	w.Header().Set(wire.HeaderResponse, wire.FormatHeaders(resp.Header))
	if length := resp.Header.Get("Content-Length"); length != "" {
		w.Header().Set("Content-Length", length)
	}
	status := resp.StatusCode
	if status == http.StatusSwitchingProtocols {
		status = http.StatusOK
	}
	w.WriteHeader(status)
	flush(w)
	if resp.StatusCode == http.StatusSwitchingProtocols {
		join(resp.Body.(io.ReadWriteCloser), r.Body, flusher{w})
		return
	}
	if _, err := io.Copy(flusher{w}, resp.Body); err != nil {
		panic(http.ErrAbortHandler)
	}
	for name, values := range resp.Trailer {
		w.Header()[http.TrailerPrefix+name] = values
	}
}

func (h *http2Conn) stream(w http.ResponseWriter, r *http.Request) {
	to, err := h.connector.o.Dial(r.Context(), "tcp", r.Host)
	if err != nil {
		h.fail(w)
		return
	}
	defer to.Close()
	w.Header().Set(wire.HeaderMeta, `{"src":"origin"}`)
	w.WriteHeader(http.StatusOK)
	flush(w)
	join(to, r.Body, flusher{w})
}

// flusher sends each write at once.
type flusher struct{ w http.ResponseWriter }

func (f flusher) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	if err == nil {
		flush(f.w)
	}
	return n, err
}

// ask sends a request to the origin, with what the edge keeps out of it put back.
func (c *Connector) ask(r *http.Request, websocket bool) (*http.Response, error) {
	out := r.Clone(r.Context())
	out.RequestURI = ""
	out.Trailer = r.Trailer // whose values come with the body's end
	out.URL.Scheme, out.URL.Host = "http", r.Host
	for name := range out.Header {
		if strings.HasPrefix(name, wire.ReservedPrefix) {
			delete(out.Header, name)
		}
	}
	if websocket {
		out.Header.Set("Connection", "Upgrade")
		out.Header.Set("Upgrade", "websocket")
		out.Body, out.ContentLength = nil, 0
	}
	if _, ok := out.Header["User-Agent"]; !ok {
		out.Header["User-Agent"] = []string{""}
	}
	return c.o.Origin.RoundTrip(out)
}

// join copies both ways until both have ended, or one has failed.
func join(origin io.ReadWriteCloser, in io.Reader, out io.Writer) {
	go func() {
		_, err := io.Copy(origin, in)
		if half, ok := origin.(interface{ CloseWrite() error }); ok && err == nil {
			_ = half.CloseWrite()
			return
		}
		origin.Close()
	}()
	_, _ = io.Copy(out, origin)
}
