package connector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/quic-go/quic-go"

	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/wire"
)

func (l *quicLink) roundTrip(t *trip) (*http.Response, error) {
	r := t.request
	ctx := r.Context()
	head := quicHead(t)
	stream, err := l.send(ctx, head)
	if err != nil {
		return nil, err
	}
	// From here on the client's leaving cancels both directions, and with them the origin's request.
	stop := context.AfterFunc(ctx, func() { cancelStream(stream) })
	switch {
	case t.websocket:
	case t.body == nil:
		_ = stream.Close()
	default:
		go sendBody(stream, t.body)
	}
	resp, err := quicResponse(ctx, stream, r.Method)
	if err != nil {
		stop()
		cancelStream(stream)
		closeBody(t)
		return nil, err
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		if !t.websocket {
			stop()
			cancelStream(stream)
			closeBody(t)
			return nil, fail(KindMalformed, errors.New("the connector answers 101 to a request that is no WebSocket"))
		}
		becomeUpgrade(resp)
		resp.Body = &duplex{Reader: stream, Writer: stream, closeWrite: stream.Close, end: func() {
			stop()
			_ = stream.Close() // what was written still arrives
			stream.CancelRead(0)
		}}
		return resp, nil
	}
	if t.websocket {
		_ = stream.Close()
	}
	resp.Body = &quicBody{stream: stream, left: bodyLength(resp, r.Method), stop: stop, trip: t}
	return resp, nil
}

// sendBody copies a request's body, and ends the stream's direction as the body ends.
func sendBody(stream *quic.Stream, body io.Reader) {
	buf := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buf)
	if _, err := io.CopyBuffer(struct{ io.Writer }{stream}, body, buf[:]); err != nil {
		stream.CancelWrite(0)
		return
	}
	_ = stream.Close()
}

// closeBody ends the reading of a request's body that nobody wants any more. A body may be held by a read, so nobody
// waits for it.
func closeBody(t *trip) {
	if t.body != nil {
		go t.body.Close()
	}
}

// quicHead writes a request as metadata.
func quicHead(t *trip) *wire.ConnectRequest {
	r := t.request
	n := 3
	for _, values := range r.Header {
		n += len(values)
	}
	head := &wire.ConnectRequest{Dest: "http://" + r.Host + r.URL.RequestURI(), Metadata: make([]wire.Metadata, 0, n)}
	add := func(key, val string) { head.Metadata = append(head.Metadata, wire.Metadata{Key: key, Val: val}) }
	add(wire.KeyMethod, r.Method)
	add(wire.KeyHost, r.Host)
	for name, values := range r.Header {
		if strings.IndexByte(name, ':') >= 0 {
			continue // the connector would refuse the whole request
		}
		for _, v := range values {
			add(wire.HeaderPrefix+name, v)
		}
	}
	switch {
	case t.websocket:
		head.Type = wire.ConnectWebSocket
	case r.ContentLength > 0:
		add(wire.HeaderPrefix+"Content-Length", strconv.FormatInt(r.ContentLength, 10))
	case t.body != nil:
		add(wire.HeaderPrefix+"Transfer-Encoding", "chunked")
	case r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch:
		add(wire.HeaderPrefix+"Content-Length", "0")
	}
	return head
}

// quicResponse reads the head of an answer.
func quicResponse(ctx context.Context, stream io.Reader, method string) (*http.Response, error) {
	answer, err := readAnswer(stream)
	if err != nil {
		return nil, answerFailure(ctx, err)
	}
	if answer.Error != "" {
		return nil, connectFailure(answer)
	}
	return responseOf(answer, method)
}

// responseOf reads the metadata of an answer.
func responseOf(answer *wire.ConnectResponse, method string) (*http.Response, error) {
	resp := &http.Response{Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: make(http.Header, len(answer.Metadata)), ContentLength: -1}
	for _, m := range answer.Metadata {
		if name, ok := strings.CutPrefix(m.Key, wire.HeaderPrefix); ok {
			if err := wire.AddHeader(resp.Header, name, m.Val); err != nil {
				return nil, fail(KindMalformed, err)
			}
		} else if m.Key == wire.KeyStatus {
			status, err := strconv.Atoi(m.Val)
			if err != nil || status != http.StatusSwitchingProtocols && (status < 200 || status > 999) {
				return nil, fail(KindMalformed, fmt.Errorf("the connector answers with status %.20q", m.Val))
			}
			resp.StatusCode = status
		}
	}
	if resp.StatusCode == 0 {
		return nil, fail(KindMalformed, errors.New("the connector answers without a status"))
	}
	resp.Status = strconv.Itoa(resp.StatusCode) + " " + http.StatusText(resp.StatusCode)
	if lengths := resp.Header["Content-Length"]; len(lengths) > 0 {
		n, err := strconv.ParseUint(lengths[0], 10, 63)
		if err != nil {
			return nil, fail(KindMalformed, fmt.Errorf("the connector answers with Content-Length %.20q", lengths[0]))
		}
		resp.ContentLength = int64(n)
	}
	return resp, nil
}

// bodyLength is how many bytes follow; -1: until the stream's end.
func bodyLength(resp *http.Response, method string) int64 {
	switch {
	case method == http.MethodHead, resp.StatusCode == http.StatusNoContent, resp.StatusCode == http.StatusNotModified:
		return 0
	}
	return resp.ContentLength
}

// quicBody is a response's body.
type quicBody struct {
	stream *quic.Stream
	left   int64 // -1: unknown
	stop   func() bool
	trip   *trip
	once   sync.Once
}

func (b *quicBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	if b.left > 0 && int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.stream.Read(p)
	if b.left > 0 {
		b.left -= int64(n)
	}
	switch {
	case err == io.EOF && b.left > 0:
		err = io.ErrUnexpectedEOF
	case err == nil && b.left == 0:
		err = io.EOF
	}
	return n, err
}

// Close cancels what has not ended: the origin's request too, when its response was not read to the end.
func (b *quicBody) Close() error {
	b.once.Do(func() {
		b.stop()
		cancelStream(b.stream)
		closeBody(b.trip)
	})
	return nil
}
