package wire

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
)

// ServeHTTP2 is a connector's side of an HTTP/2 connection: it dialled, and serves the other one's requests. It returns
// when the connection has ended.
func ServeHTTP2(base context.Context, conn net.Conn, h http.Handler) {
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true) // the connection is TLS already, without ALPN
	l := &onlyListener{conn: make(chan net.Conn, 1), closed: make(chan struct{}), addr: conn.LocalAddr()}
	l.conn <- struct{ net.Conn }{conn} // hides that it is TLS, where the server would look for ALPN
	server := &http.Server{
		Handler: h, Protocols: &protocols, HTTP2: &http.HTTP2Config{MaxConcurrentStreams: 1 << 30},
		BaseContext: func(net.Listener) context.Context { return base },
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				l.Close()
			}
		},
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo),
	}
	_ = server.Serve(l)
}

// onlyListener has one connection to accept, and ends with it.
type onlyListener struct {
	conn   chan net.Conn
	closed chan struct{}
	once   sync.Once
	addr   net.Addr
}

func (l *onlyListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conn:
		return c, nil
	case <-l.closed:
		return nil, io.EOF
	}
}

func (l *onlyListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *onlyListener) Addr() net.Addr { return l.addr }
