package tunnelemu

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"time"
)

// echo is hello_world's WebSocket: every message comes back as it is.
func (t *Tunnel) echo(w http.ResponseWriter, r *http.Request, d Decision) error {
	key := r.Header.Get("Sec-Websocket-Key")
	if !isWebSocket(r) || key == "" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Sec-Websocket-Version", "13")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, "this address speaks WebSocket only\n")
		return nil
	}
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return t.originError(KindUpgrade, d, err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Time{})
	stop := context.AfterFunc(r.Context(), func() { conn.Close() })
	defer stop()

	h := w.Header()
	h["Upgrade"], h["Connection"] = upgradeWebSocket, connUpgrade
	h.Set("Sec-Websocket-Accept", acceptKey(key))
	if writeSwitch(rw.Writer, h) == nil {
		_ = echoFrames(rw)
	}
	return nil
}

// maxEchoFrame bounds one frame.
const maxEchoFrame = 1 << 20

// echoFrames returns each frame unmasked, with its fragmentation: a pong for a ping, and the last one for a close.
func echoFrames(rw *bufio.ReadWriter) error {
	for {
		first, payload, err := readFrame(rw.Reader)
		if err != nil {
			return err
		}
		switch first & 0x0f {
		case opPong:
			continue
		case opPing:
			first = first&0xf0 | opPong
		}
		if err := writeFrame(rw.Writer, first, payload); err != nil || first&0x0f == opClose {
			return err
		}
	}
}

// readFrame is one frame's first byte (FIN and opcode) and payload.
func readFrame(r *bufio.Reader) (first byte, payload []byte, err error) {
	f, err := readFrameHeader(r)
	switch {
	case err != nil:
		return 0, nil, err
	case f.size > maxEchoFrame:
		return 0, nil, errFrameTooLong
	case !f.masked:
		return 0, nil, errUnmasked
	}
	payload = make([]byte, f.size)
	if _, err = io.ReadFull(r, payload); err != nil {
		return 0, nil, err
	}
	f.unmask(payload)
	return f.first, payload, nil
}

func writeFrame(w *bufio.Writer, first byte, payload []byte) error {
	_, _ = w.Write(appendFrameHeader(make([]byte, 0, 10), first, len(payload)))
	_, _ = w.Write(payload)
	return w.Flush()
}
