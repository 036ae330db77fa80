package tunnelemu

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf8"
)

// maxMessage is how much of a client's message the connector delivers; the rest of it is lost.
const maxMessage = 16 << 10

// errClosed says that a close frame came.
var errClosed = errors.New("the WebSocket was closed")

// messageReader reads a client's messages off a WebSocket that carries TCP.
type messageReader struct {
	in      *bufio.Reader
	control func(op byte, payload []byte) error // sends an answer to a control frame
}

// next reads the next binary message into buf, and as much of it as buf takes. Text carries nothing and is skipped;
// control frames are answered on the way. errClosed ends an orderly WebSocket.
func (m *messageReader) next(buf []byte) (int, error) {
	kept, inside, binary := 0, false, false
	for {
		f, err := readFrameHeader(m.in)
		if err == nil {
			err = f.check(inside)
		}
		if err != nil {
			return 0, err
		}
		if f.op() >= opClose {
			if err := m.answer(&f); err != nil {
				return 0, err
			}
			continue
		}
		if f.op() != opContinuation {
			binary = f.op() == opBinary
		}
		if binary {
			n := int(min(f.size, uint64(len(buf)-kept)))
			piece := buf[kept : kept+n]
			if _, err := io.ReadFull(m.in, piece); err != nil {
				return 0, err
			}
			f.unmask(piece)
			kept += n
			f.size -= uint64(n)
		}
		if _, err := io.CopyN(io.Discard, m.in, int64(f.size)); err != nil {
			return 0, err
		}
		if inside = !f.fin(); !inside && binary {
			return kept, nil
		}
	}
}

// answer reads a control frame and answers a ping with its payload, a close with its status.
func (m *messageReader) answer(f *frame) error {
	var space [maxControl]byte
	payload := space[:f.size]
	if _, err := io.ReadFull(m.in, payload); err != nil {
		return err
	}
	f.unmask(payload)
	switch f.op() {
	case opPing:
		return m.control(opPong, payload)
	case opClose:
		if err := m.control(opClose, closeAnswer(payload)); err != nil {
			return err
		}
		return errClosed
	}
	return nil
}

// closeAnswer is the payload that answers a close frame's: its status code, or 1002 where it is no valid one.
func closeAnswer(payload []byte) []byte {
	if len(payload) == 0 {
		return nil
	}
	if len(payload) >= 2 && utf8.Valid(payload[2:]) {
		switch code := binary.BigEndian.Uint16(payload); {
		case code >= 1000 && code <= 1003, code >= 1007 && code <= 1011, code >= 3000:
			return payload[:2]
		}
	}
	return []byte{0x03, 0xea}
}
