package tunnelemu

import (
	"bufio"
	"io"
	"net/http"
	"sync"

	"github.com/sundog-edge/sundog/internal/piece"
)

// holdSize is how much the connector's HTTP/2 server gathers before it sends.
const holdSize = 4096

var holders = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, holdSize) }}

// hold copies a body in pieces that are as large as the transport wants them. What it holds is lost when the origin
// breaks off.
func hold(w http.ResponseWriter, body io.Reader) error {
	held := holders.Get().(*bufio.Writer)
	to := &sender{w: w}
	held.Reset(to)
	defer func() {
		held.Reset(nil)
		holders.Put(held)
	}()
	buf := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buf)
	for {
		n, err := body.Read(buf[:])
		if n > 0 {
			if _, werr := held.Write(buf[:n]); werr != nil {
				return werr
			}
		}
		if err == io.EOF {
			to.last = true
			return held.Flush()
		}
		if err != nil {
			return err
		}
	}
}

// sender sends every write at once, but for the last one, which the end of the handler sends.
type sender struct {
	w    http.ResponseWriter
	last bool
}

func (s *sender) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err == nil && !s.last {
		err = piece.Flush(s.w)
	}
	return n, err
}
