package tunnelemu

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
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

	// RFC 6455, section 1.3.
	accept := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	h := w.Header()
	h["Upgrade"], h["Connection"] = upgradeWebSocket, connUpgrade
	h.Set("Sec-Websocket-Accept", base64.StdEncoding.EncodeToString(accept[:]))
	if writeSwitch(rw.Writer, h) == nil {
		_ = echoFrames(rw)
	}
	return nil
}

const (
	opClose, opPing, opPong = 8, 9, 10
	maxEchoFrame            = 1 << 20
)

var (
	errFrameTooLong = errors.New("WebSocket frame too long")
	errUnmasked     = errors.New("WebSocket frame of a client without mask")
)

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
	var head [14]byte
	if _, err = io.ReadFull(r, head[:2]); err != nil {
		return 0, nil, err
	}
	size := uint64(head[1] & 0x7f)
	switch size {
	case 126:
		_, err = io.ReadFull(r, head[2:4])
		size = uint64(binary.BigEndian.Uint16(head[2:4]))
	case 127:
		_, err = io.ReadFull(r, head[2:10])
		size = binary.BigEndian.Uint64(head[2:10])
	}
	switch {
	case err != nil:
		return 0, nil, err
	case size > maxEchoFrame:
		return 0, nil, errFrameTooLong
	case head[1]&0x80 == 0:
		return 0, nil, errUnmasked
	}
	mask := head[10:14]
	if _, err = io.ReadFull(r, mask); err != nil {
		return 0, nil, err
	}
	payload = make([]byte, size)
	if _, err = io.ReadFull(r, payload); err != nil {
		return 0, nil, err
	}
	for i := range payload {
		payload[i] ^= mask[i%4]
	}
	return head[0], payload, nil
}

func writeFrame(w *bufio.Writer, first byte, payload []byte) error {
	head := append(make([]byte, 0, 10), first)
	switch n := len(payload); {
	case n < 126:
		head = append(head, byte(n))
	case n < 1<<16:
		head = binary.BigEndian.AppendUint16(append(head, 126), uint16(n))
	default:
		head = binary.BigEndian.AppendUint64(append(head, 127), uint64(n))
	}
	_, _ = w.Write(head)
	_, _ = w.Write(payload)
	return w.Flush()
}
