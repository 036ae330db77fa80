package connectortest

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/quic-go/quic-go"

	"github.com/sundog-edge/sundog/tunnelemu/connector"
	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/wire"
)

// What cloudflared's connections have.
const (
	quicIdle      = 5 * time.Second
	quicKeepAlive = time.Second
)

func (n *conn) dialQUIC(ctx context.Context) error {
	c, err := quic.DialAddr(ctx, n.connector.o.Edge,
		&tls.Config{ServerName: connector.QUICName, RootCAs: n.connector.o.Roots, NextProtos: []string{wire.ALPN}, CurvePreferences: curves},
		&quic.Config{EnableDatagrams: true, HandshakeIdleTimeout: quicIdle, MaxIdleTimeout: quicIdle, KeepAlivePeriod: quicKeepAlive,
			MaxIncomingStreams: 1 << 60, MaxIncomingUniStreams: 1 << 60})
	if err != nil {
		return err
	}
	stream, err := c.OpenStreamSync(ctx)
	if err != nil {
		return err
	}
	n.control = wire.DialControl(ctx, &quicStream{stream}, n.connector.o.Log)
	var running sync.WaitGroup
	n.done = c.Context().Done()
	accepting := make(chan struct{})
	go func() {
		defer close(accepting)
		for {
			stream, err := c.AcceptStream(context.Background())
			if err != nil {
				return
			}
			running.Go(func() { n.serveStream(&quicStream{stream}) })
		}
	}()
	n.shut = sync.OnceFunc(func() {
		_ = c.CloseWithError(0, "")
		n.control.Close()
		<-accepting
		running.Wait()
	})
	return nil
}

// quicStream is a stream as an io.ReadWriteCloser.
type quicStream struct{ *quic.Stream }

func (q *quicStream) Close() error {
	q.CancelRead(0)
	return q.Stream.Close()
}

func (q *quicStream) reset() {
	q.CancelRead(0)
	q.CancelWrite(0)
}

func (n *conn) serveStream(q *quicStream) {
	kind, err := wire.ReadKind(q)
	switch {
	case err != nil:
		q.reset()
	case kind == wire.KindRPC:
		wire.ServeConfiguration(q, n.connector.apply, n.connector.o.Log)
	default:
		n.serveRequest(q)
	}
}

func (n *conn) serveRequest(q *quicStream) {
	head, err := wire.ReadConnectRequest(q)
	if err != nil {
		q.reset()
		return
	}
	if head.Type == wire.ConnectTCP {
		n.serveTCP(q, head)
		return
	}
	r, err := request(head, q)
	if err != nil {
		n.fail(q, err)
		return
	}
	ctx, cancel := context.WithCancel(q.Context())
	defer cancel()
	websocket := head.Type == wire.ConnectWebSocket
	resp, err := n.connector.ask(r.WithContext(ctx), websocket)
	if err != nil {
		n.fail(q, err)
		return
	}
	defer resp.Body.Close()
	answer := &wire.ConnectResponse{Metadata: []wire.Metadata{{Key: wire.KeyStatus, Val: strconv.Itoa(resp.StatusCode)}}}
	for name, values := range resp.Header {
		for _, v := range values {
			answer.Metadata = append(answer.Metadata, wire.Metadata{Key: wire.HeaderPrefix + name, Val: v})
		}
	}
	if wire.WriteConnectResponse(q, answer) != nil {
		q.reset()
		return
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		join(resp.Body.(io.ReadWriteCloser), q, q)
		q.Close()
		return
	}
	if _, err := io.Copy(q, resp.Body); err != nil {
		q.reset()
		return
	}
	q.Close()
}

func (n *conn) fail(q *quicStream, err error) {
	_ = wire.WriteConnectResponse(q, &wire.ConnectResponse{Error: err.Error()})
	q.Close()
}

func (n *conn) serveTCP(q *quicStream, head *wire.ConnectRequest) {
	to, err := n.connector.o.Dial(q.Context(), "tcp", head.Dest)
	if err != nil {
		n.fail(q, err)
		return
	}
	defer to.Close()
	if wire.WriteConnectResponse(q, new(wire.ConnectResponse)) != nil {
		q.reset()
		return
	}
	join(to, q, q)
	q.Close()
}

// request is what a connector makes of a stream's head: a body only where one is announced.
func request(head *wire.ConnectRequest, body io.ReadCloser) (*http.Request, error) {
	u, err := url.Parse(head.Dest)
	if err != nil {
		return nil, err
	}
	r := &http.Request{URL: u, Header: http.Header{}, ProtoMajor: 1, ProtoMinor: 1, Body: http.NoBody}
	for _, m := range head.Metadata {
		name, isHeader := strings.CutPrefix(m.Key, wire.HeaderPrefix)
		switch {
		case m.Key == wire.KeyMethod:
			r.Method = m.Val
		case m.Key == wire.KeyHost:
			r.Host = m.Val
		case isHeader:
			r.Header.Add(name, m.Val)
		}
	}
	switch {
	case r.Header.Get("Transfer-Encoding") == "chunked":
		r.Header.Del("Transfer-Encoding")
		r.Body, r.ContentLength = io.NopCloser(body), -1
	case r.Header.Get("Content-Length") != "":
		if r.ContentLength, err = strconv.ParseInt(r.Header.Get("Content-Length"), 10, 64); err != nil {
			return nil, err
		}
		if r.ContentLength > 0 {
			r.Body = io.NopCloser(body)
		}
	}
	return r, nil
}
