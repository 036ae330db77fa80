package connector

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/textproto"
	"net/url"
	"sync/atomic"

	"golang.org/x/net/http2"

	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/wire"
)

func (l *http2Link) roundTrip(t *trip) (*http.Response, error) {
	var sent atomic.Bool
	ctx := httptrace.WithClientTrace(t.request.Context(), &httptrace.ClientTrace{
		WroteHeaders: func() { sent.Store(true) },
		Got1xxResponse: func(status int, h textproto.MIMEHeader) error {
			if t.hint != nil {
				t.hint(status, http.Header(h))
			}
			return nil
		},
	})
	out := t.request.WithContext(ctx)
	out.URL = &url.URL{Scheme: "http", Host: out.Host, Path: out.URL.Path, RawPath: out.URL.RawPath, RawQuery: out.URL.RawQuery, ForceQuery: out.URL.ForceQuery}
	var feed *io.PipeWriter
	if t.websocket {
		var body *io.PipeReader
		body, feed = io.Pipe()
		out.Body, out.ContentLength = body, -1
		out.Header = out.Header.Clone()
		out.Header[wire.HeaderUpgrade] = []string{wire.UpgradeWebSocket}
	}
	resp, err := l.conn.RoundTrip(out)
	if err == nil {
		if err = translate(resp); err != nil {
			resp.Body.Close()
		}
	} else {
		err = http2Failure(ctx, err, sent.Load(), t.body.untouched())
	}
	if err != nil {
		if feed != nil {
			feed.CloseWithError(io.ErrClosedPipe)
		}
		return nil, err
	}
	if feed == nil {
		return resp, nil
	}
	if !accepted(resp.Header) {
		feed.Close()
		return resp, nil
	}
	becomeUpgrade(resp)
	from := resp.Body
	resp.Body = &duplex{Reader: from, Writer: feed, closeWrite: feed.Close, end: func() {
		feed.CloseWithError(io.ErrClosedPipe)
		from.Close()
	}}
	return resp, nil
}

// http2Failure says what the client's error means for the request.
func http2Failure(ctx context.Context, err error, sent, untouched bool) error {
	var stream http2.StreamError
	switch {
	case ctx.Err() != nil:
		return fail(KindCanceled, context.Cause(ctx))
	case !sent, untouched && errors.As(err, &stream) && stream.Code == http2.ErrCodeRefusedStream:
		return fail(KindNotSent, err)
	}
	return fail(KindLost, err)
}

// translate puts the origin's own headers in place of those of the transport.
func translate(resp *http.Response) error {
	carried := resp.Header
	meta := wire.ParseMeta(carried.Get(wire.HeaderMeta))
	switch {
	case meta.Source != wire.FromConnector || resp.StatusCode != http.StatusBadGateway:
	case meta.RateLimited:
		return fail(KindRateLimited, errRateLimited)
	default:
		return fail(KindOrigin, errOrigin)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 999 {
		return fail(KindMalformed, fmt.Errorf("the connector answers with status %d", resp.StatusCode))
	}
	h := make(http.Header, 8)
	if err := wire.ParseHeaders(h, carried.Get(wire.HeaderResponse)); err != nil {
		return fail(KindMalformed, err)
	}
	if length, ok := carried["Content-Length"]; ok && len(h["Content-Length"]) == 0 {
		h["Content-Length"] = length
	}
	resp.Header = h
	return nil
}

// accepted says whether an origin has agreed to a WebSocket; the status cannot say it over HTTP/2.
func accepted(h http.Header) bool {
	return len(h["Sec-Websocket-Accept"]) > 0 || len(h["Upgrade"]) > 0
}

func becomeUpgrade(resp *http.Response) {
	resp.StatusCode, resp.Status = http.StatusSwitchingProtocols, "101 Switching Protocols"
	resp.ContentLength = -1
	resp.Header["Connection"], resp.Header["Upgrade"] = []string{"Upgrade"}, []string{"websocket"}
	delete(resp.Header, "Content-Length")
}

func (l *http2Link) dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	r := &http.Request{Method: http.MethodGet, URL: &url.URL{Scheme: "http", Host: to.String(), Path: "/"}, Host: to.String(),
		Header: http.Header{wire.HeaderTCPSrc: {"127.0.0.1"}, "User-Agent": noAgent}}
	stream, resp, err := l.open(ctx, r)
	if err != nil {
		return nil, http2Failure(ctx, err, true, true)
	}
	if resp.StatusCode != http.StatusOK {
		stream.Close()
		return nil, fail(KindOrigin, errors.New("the connector could not connect to "+to.String()))
	}
	return newStreamConn(stream, l.tcp.LocalAddr(), to), nil
}

// maxAnswer bounds the answer to a configuration.
const maxAnswer = 64 << 10

func (l *http2Link) push(ctx context.Context, version int32, config []byte) (a wire.Applied, err error) {
	body, err := json.Marshal(struct {
		Version int32           `json:"version"`
		Config  json.RawMessage `json:"config"`
	}{version, config})
	if err != nil {
		return a, err
	}
	r := (&http.Request{Method: http.MethodPost, URL: &url.URL{Scheme: "http", Host: H2Name, Path: "/"}, Host: H2Name,
		Header: http.Header{wire.HeaderUpgrade: {wire.UpgradeConfig}, "User-Agent": noAgent},
		Body:   io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body))}).WithContext(ctx)
	resp, err := l.conn.RoundTrip(r)
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return a, err
	}
	return wire.ParseApplied(answer)
}
