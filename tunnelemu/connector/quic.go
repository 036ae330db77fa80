package connector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"

	"github.com/quic-go/quic-go"

	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/wire"
)

// quicLink is a QUIC connection, of which the edge is the server.
type quicLink struct {
	conn *quic.Conn
	log  *slog.Logger
}

// Bounds of what a connector may open towards the edge: its control stream, and streams about UDP sessions.
const maxIncomingStreams = 16

func (s *Server) quicConfig() *quic.Config {
	return &quic.Config{
		EnableDatagrams: true, MaxIdleTimeout: s.options.Idle, HandshakeIdleTimeout: s.options.Idle,
		MaxIncomingStreams: maxIncomingStreams, MaxIncomingUniStreams: -1,
	}
}

// acceptQUIC serves one QUIC connection, whose handshake is over.
func (s *Server) acceptQUIC(conn *quic.Conn) {
	remote := addrPort(conn.RemoteAddr())
	registerBy, cancel := context.WithTimeout(s.ctx, s.options.RegisterWithin)
	defer cancel()
	l := &quicLink{conn, s.options.Log}
	defer l.end("")
	if !s.admit(registerBy, QUIC, remote) {
		return
	}
	control, err := conn.AcceptStream(registerBy)
	if err != nil {
		if conn.ConnectionState().TLS.ServerName != ProbeName {
			s.ended(QUIC, remote, "no control stream: "+err.Error())
		}
		return
	}
	s.work.Go(func() { l.refuseStreams(s.ctx) })
	s.run(l, remote, &quicStream{control}, registerBy)
}

// refuseStreams ends every stream that a connector opens beside its control stream: they are about UDP sessions, which
// the edge opens none of.
func (l *quicLink) refuseStreams(ctx context.Context) {
	for {
		stream, err := l.conn.AcceptStream(ctx)
		if err != nil {
			return
		}
		stream.CancelRead(0)
		stream.CancelWrite(0)
		l.log.Debug("stream refused", slog.Int64("stream", int64(stream.StreamID())), slog.String("reason", "UDP sessions are not supported yet, and connectors open streams for nothing else"))
	}
}

func (l *quicLink) protocol() Protocol    { return QUIC }
func (l *quicLink) done() <-chan struct{} { return l.conn.Context().Done() }
func (l *quicLink) end(reason string)     { _ = l.conn.CloseWithError(0, reason) }

// quicStream is a stream as an io.ReadWriteCloser: Close ends both directions.
type quicStream struct{ *quic.Stream }

func (q *quicStream) Close() error {
	q.CancelRead(0)
	err := q.Stream.Close()
	return err
}

func (l *quicLink) push(ctx context.Context, version int32, config []byte) (a wire.Applied, err error) {
	stream, err := l.conn.OpenStreamSync(ctx)
	if err != nil {
		return a, err
	}
	q := &quicStream{stream}
	if err := wire.WriteRPCHead(q); err != nil {
		q.Close()
		return a, err
	}
	return wire.UpdateConfiguration(ctx, q, version, config, l.log)
}

func (l *quicLink) dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	stream, resp, err := l.request(ctx, &wire.ConnectRequest{Dest: to.String(), Type: wire.ConnectTCP})
	if err != nil {
		return nil, err
	}
	if resp.Error != "" {
		cancelStream(stream)
		return nil, connectFailure(resp)
	}
	return &quicConn{stream, l.conn.LocalAddr(), to}, nil
}

// request opens a request stream and waits for the head of its answer.
func (l *quicLink) request(ctx context.Context, head *wire.ConnectRequest) (*quic.Stream, *wire.ConnectResponse, error) {
	stream, err := l.send(ctx, head)
	if err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { cancelStream(stream) })
	resp, err := readAnswer(stream)
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		cancelStream(stream)
		return nil, nil, answerFailure(ctx, err)
	}
	return stream, resp, nil
}

// send opens a stream and writes a head. Its errors mean that the connector has not got a whole one.
func (l *quicLink) send(ctx context.Context, head *wire.ConnectRequest) (*quic.Stream, error) {
	stream, err := l.conn.OpenStreamSync(ctx)
	if err != nil {
		return nil, notSent(ctx, err)
	}
	stop := context.AfterFunc(ctx, func() { stream.CancelWrite(0) })
	defer stop()
	if err := wire.WriteConnectRequest(stream, head); err != nil {
		cancelStream(stream)
		return nil, notSent(ctx, err)
	}
	return stream, nil
}

func notSent(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fail(KindCanceled, context.Cause(ctx))
	}
	return fail(KindNotSent, err)
}

func readAnswer(r io.Reader) (*wire.ConnectResponse, error) {
	kind, err := wire.ReadKind(r)
	if err != nil {
		return nil, err
	}
	if kind != wire.KindRequest {
		return nil, fmt.Errorf("%w: a request is answered with RPC", wire.ErrMalformed)
	}
	return wire.ReadConnectResponse(r)
}

func answerFailure(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return fail(KindCanceled, context.Cause(ctx))
	case errors.Is(err, wire.ErrMalformed):
		return fail(KindMalformed, err)
	}
	return fail(KindLost, err)
}

// connectFailure is a connector's own answer in place of an origin's.
func connectFailure(resp *wire.ConnectResponse) error {
	for _, m := range resp.Metadata {
		if m.Key == wire.KeyRateLimited && m.Val == "true" {
			return fail(KindRateLimited, errRateLimited)
		}
	}
	return fail(KindOrigin, errors.New("the connector says: "+resp.Error))
}

func cancelStream(s *quic.Stream) {
	s.CancelRead(0)
	s.CancelWrite(0)
}
