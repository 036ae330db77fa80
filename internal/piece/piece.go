// Package piece sends an answer on, piece by piece as it comes: its headers together with the body's first bytes
// when those come at once, and ahead of them when they do not.
package piece

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// patience is how long headers wait for the body's beginning.
const patience = time.Millisecond

// BufferSize is how much is read at once.
const BufferSize = 32 << 10

// Copy streams a body of length bytes, -1 when that is not known, through buf. Nothing stays in the server's buffers
// while the sender pauses. The last piece of a known length needs no flush, since the end of the handler is one; with
// an unknown length the flush keeps the server from counting a short body and announcing a Content-Length that the
// sender did not. With ahead the headers go at once: the first piece may be long in coming.
func Copy(w http.ResponseWriter, body io.Reader, length int64, ahead bool, buf *[BufferSize]byte) error {
	var n int
	var err error
	if ahead {
		if err := Flush(w); err != nil {
			return err
		}
		n, err = body.Read(buf[:])
	} else {
		n, err = firstRead(w, body, buf[:])
	}
	for left := length; ; n, err = body.Read(buf[:]) {
		if n > 0 {
			if left > 0 {
				left -= int64(n)
			}
			if _, err := w.Write(buf[:n]); err != nil {
				return err
			}
			if left < 0 || err == nil && left > 0 {
				if err := Flush(w); err != nil {
					return err
				}
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// firstRead reads once, and sends the headers ahead when that takes long.
func firstRead(w http.ResponseWriter, body io.Reader, buf []byte) (int, error) {
	var mu sync.Mutex
	read := false
	timer := time.AfterFunc(patience, func() {
		mu.Lock()
		defer mu.Unlock()
		if !read {
			_ = Flush(w)
		}
	})
	n, err := body.Read(buf)
	mu.Lock()
	read = true
	mu.Unlock()
	timer.Stop()
	return n, err
}

// Flush sends what was written so far. A writer that cannot is no error: its reader gets all at the end.
func Flush(w http.ResponseWriter) error {
	err := http.NewResponseController(w).Flush()
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}
