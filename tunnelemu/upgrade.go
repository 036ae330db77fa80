package tunnelemu

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// upgrade joins client and origin after a 101: raw bytes both ways, each direction ending on its own.
func (t *Tunnel) upgrade(w http.ResponseWriter, r *http.Request, d Decision, resp *http.Response, asked bool) error {
	back, ok := resp.Body.(io.ReadWriteCloser)
	if !ok || !asked {
		resp.Body.Close()
		return t.originError(KindProtocol, d, errors.New("101 Switching Protocols without a WebSocket request"))
	}
	defer back.Close()
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return t.originError(KindUpgrade, d, err)
	}
	defer client.Close()
	_ = client.SetDeadline(time.Time{})
	// What the layers above set for the response goes along.
	for name, values := range w.Header() {
		if _, ok := resp.Header[name]; !ok {
			resp.Header[name] = values
		}
	}
	if writeSwitch(buffered.Writer, resp.Header) != nil {
		return nil
	}
	stop := context.AfterFunc(r.Context(), func() {
		client.Close()
		back.Close()
	})
	defer stop()

	done := make(chan error, 2)
	go func() { done <- pipe(client, back) }()
	go func() { done <- pipe(back, rest{buffered.Reader, client}) }()
	if err := <-done; err != nil {
		client.Close()
		back.Close()
	}
	<-done
	return nil
}

func writeSwitch(w *bufio.Writer, h http.Header) error {
	_, _ = w.WriteString("HTTP/1.1 101 Switching Protocols\r\n")
	_ = h.Write(w)
	_, _ = w.WriteString("\r\n")
	return w.Flush()
}

// rest reads what the server had read ahead, then the connection itself.
type rest struct {
	ahead *bufio.Reader
	conn  io.Reader
}

func (r rest) Read(p []byte) (int, error) {
	if n := r.ahead.Buffered(); n > 0 {
		return r.ahead.Read(p[:min(n, len(p))])
	}
	return r.conn.Read(p)
}

// pipe copies one direction to its end and passes the end on. Where a connection cannot be closed by half the error
// ends the other direction too.
func pipe(to io.Writer, from io.Reader) error {
	buf := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buf)
	if _, err := io.CopyBuffer(to, from, buf[:]); err != nil {
		return err
	}
	half, ok := to.(interface{ CloseWrite() error })
	if !ok {
		return http.ErrNotSupported
	}
	return half.CloseWrite()
}
