package tunnelemu

import (
	"bufio"
	"bytes"
	"errors"
	"testing"
)

func FuzzMessages(f *testing.F) {
	f.Add(frameOf(finBit|opBinary, []byte("a")), 16384)
	f.Add(append(append(frameOf(opBinary, []byte("abc")), frameOf(finBit|opPing, []byte("p"))...), frameOf(finBit|opContinuation, []byte("def"))...), 4)
	f.Add(append(frameOf(finBit|opText, []byte("lost")), frameOf(finBit|opClose, []byte{3, 0xe8})...), 1)
	f.Add([]byte{0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}, 0)
	f.Fuzz(func(t *testing.T, data []byte, limit int) {
		if limit < 0 || limit > maxMessage {
			return
		}
		closed := 0
		m := messageReader{in: bufio.NewReader(bytes.NewReader(data)), control: func(op byte, payload []byte) error {
			if closed > 0 || op != opClose && op != opPong || len(payload) > maxControl {
				t.Errorf("answer %#x %q after %d closes", op, payload, closed)
			}
			if op == opClose {
				closed++
			}
			return nil
		}}
		buf := make([]byte, limit)
		total := 0
		for {
			n, err := m.next(buf)
			if err != nil {
				if errors.Is(err, errClosed) != (closed == 1) {
					t.Errorf("%v after %d closes", err, closed)
				}
				break
			}
			total += n
		}
		if total > len(data) {
			t.Errorf("%d bytes out of %d", total, len(data))
		}
	})
}

// A frame read whole is the frame that was written, whatever its size.
func FuzzFrameHeader(f *testing.F) {
	f.Add(byte(0x82), uint32(125))
	f.Add(byte(0x82), uint32(126))
	f.Add(byte(0x01), uint32(65536))
	f.Fuzz(func(t *testing.T, first byte, size uint32) {
		got, err := readFrameHeader(bufio.NewReader(bytes.NewReader(appendFrameHeader(nil, first, int(size)))))
		if err != nil || got.first != first || got.size != uint64(size) || got.masked {
			t.Errorf("%+v %v", got, err)
		}
	})
}
