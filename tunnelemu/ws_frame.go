package tunnelemu

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// Opcodes of WebSocket frames (RFC 6455, section 5.2).
const (
	opContinuation, opText, opBinary = 0, 1, 2
	opClose, opPing, opPong          = 8, 9, 10

	finBit = 0x80
)

// maxControl is the longest payload of a control frame.
const maxControl = 125

var (
	errFrameTooLong = errors.New("WebSocket frame too long")
	errUnmasked     = errors.New("WebSocket frame of a client without mask")
	errFrame        = errors.New("no valid WebSocket frame")
)

// acceptKey answers a client's Sec-WebSocket-Key (RFC 6455, section 1.3).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// frame is a frame's header.
type frame struct {
	first  byte // FIN, reserved bits and opcode
	masked bool
	mask   [4]byte
	size   uint64
}

func (f *frame) fin() bool { return f.first&finBit != 0 }
func (f *frame) op() byte  { return f.first & 0x0f }

// readFrameHeader needs a reader that holds the longest header, 14 bytes, as every bufio.Reader does.
func readFrameHeader(r *bufio.Reader) (f frame, err error) {
	head, err := r.Peek(2)
	if err != nil {
		return f, err
	}
	f.first, f.masked, f.size = head[0], head[1]&0x80 != 0, uint64(head[1]&0x7f)
	length, mask := 2, 0
	switch f.size {
	case 126:
		length += 2
	case 127:
		length += 8
	}
	if f.masked {
		mask = 4
	}
	if head, err = r.Peek(length + mask); err != nil {
		return f, err
	}
	switch length {
	case 4:
		f.size = uint64(binary.BigEndian.Uint16(head[2:]))
	case 10:
		f.size = binary.BigEndian.Uint64(head[2:])
	}
	copy(f.mask[:], head[length:])
	_, err = r.Discard(length + mask)
	return f, err
}

// unmask works on a payload from its first byte on.
func (f *frame) unmask(payload []byte) {
	if !f.masked {
		return
	}
	for i := range payload {
		payload[i] ^= f.mask[i&3]
	}
}

// check refuses what a server may not accept; inside says that a message's first frame has been read, but not its last.
func (f *frame) check(inside bool) error {
	op := f.op()
	switch {
	case !f.masked:
		return errUnmasked
	case f.first&0x70 != 0, op > opBinary && op < opClose, op > opPong, f.size>>63 != 0:
		return errFrame
	case op >= opClose:
		if !f.fin() || f.size > maxControl {
			return errFrame
		}
	case (op == opContinuation) != inside:
		return errFrame
	}
	return nil
}

// appendFrameHeader is a server's header: nothing is masked.
func appendFrameHeader(to []byte, first byte, size int) []byte {
	to = append(to, first)
	switch {
	case size < 126:
		return append(to, byte(size))
	case size < 1<<16:
		return binary.BigEndian.AppendUint16(append(to, 126), uint16(size))
	}
	return binary.BigEndian.AppendUint64(append(to, 127), uint64(size))
}
