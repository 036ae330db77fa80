// Package reqbody is the body of a client's request on its way onwards, where the answer may come before its end.
package reqbody

import (
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// Body is read by one goroutine, which may still do so when the handler has the answer. Closing it does nothing: it is
// its server's, and a body that was not read yet may be sent again.
type Body struct {
	from   io.Reader
	turn   chan struct{} // holds one while somebody reads
	over   atomic.Bool   // nobody is to read any more
	ended  atomic.Bool
	broken atomic.Bool
}

// New is for the body of a request that a server got.
func New(from io.Reader) *Body { return &Body{from: from, turn: make(chan struct{}, 1)} }

func (b *Body) Read(p []byte) (int, error) {
	b.turn <- struct{}{}
	defer func() { <-b.turn }()
	if b.over.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	n, err := b.from.Read(p)
	switch {
	case err == io.EOF:
		b.ended.Store(true)
	case err != nil:
		b.broken.Store(true)
	}
	return n, err
}

// Close does nothing.
func (b *Body) Close() error { return nil }

// Open says that there may be more of it.
func (b *Body) Open() bool { return !b.ended.Load() && !b.broken.Load() }

// Broken says that the client broke off.
func (b *Body) Broken() bool { return b.broken.Load() }

// AnswerEarly is for an answer that begins while the body is open. A server of HTTP/1 would first read the rest away; a
// connection that was told not to cannot be used again (go.dev/issue/68560).
func (b *Body) AnswerEarly(w http.ResponseWriter) {
	if b.Open() && http.NewResponseController(w).EnableFullDuplex() == nil {
		w.Header().Set("Connection", "close")
	}
}

// lastRead is how long a read may take of what a client sends without a pause.
const lastRead = 100 * time.Millisecond

// Stop ends the reading, but for a read that is under way.
func (b *Body) Stop() { b.over.Store(true) }

// Leave ends the reading, and is for the end of the handler that has answered. A server of HTTP/1 breaks off a read that is under way,
// knows no more of the body then, and closes the connection with what the client still sends unread; that takes the
// answer from the client. A read that gets nothing is left to the server: then there is nothing unread.
func (b *Body) Leave(w http.ResponseWriter, r *http.Request) {
	b.Stop()
	if r.ProtoMajor != 1 || !b.Open() {
		return
	}
	select {
	case b.turn <- struct{}{}:
		<-b.turn
		return
	default:
	}
	_ = http.NewResponseController(w).Flush()
	t := time.NewTimer(lastRead)
	defer t.Stop()
	select {
	case b.turn <- struct{}{}:
		<-b.turn
	case <-t.C:
	}
}
