// Package piece sends the beginning of an answer: its headers in one piece with the body's first bytes
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

// FirstRead reads once, and sends the headers ahead when that takes long.
func FirstRead(w http.ResponseWriter, body io.Reader, buf []byte) (int, error) {
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
