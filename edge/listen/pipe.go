package listen

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// Sizes of one direction's buffer: it starts small, because most in-memory
// connections carry heads and short bodies, and grows while its writer is
// ahead of its reader.
const (
	pipeStart = 4 << 10
	pipeMax   = 64 << 10
)

// pipe returns the two ends of an in-memory connection. Unlike net.Pipe it
// buffers, so that a writer need not meet its reader for every write, and
// either end can close its sending direction alone.
func pipe(a, b net.Addr) (*end, *end) {
	ab, ba := newFlow(), newFlow()
	return &end{in: ba, out: ab, local: a, remote: b},
		&end{in: ab, out: ba, local: b, remote: a}
}

// end is one end of an in-memory connection.
type end struct {
	in, out       *flow
	local, remote net.Addr
}

func (e *end) Read(p []byte) (int, error)  { return e.in.read(p) }
func (e *end) Write(p []byte) (int, error) { return e.out.write(p) }
func (e *end) LocalAddr() net.Addr         { return e.local }
func (e *end) RemoteAddr() net.Addr        { return e.remote }

// CloseWrite ends the sending direction: the peer reads what was written and
// then io.EOF.
func (e *end) CloseWrite() error {
	e.out.closeWriter(io.ErrClosedPipe)
	return nil
}

func (e *end) Close() error {
	e.out.closeWriter(net.ErrClosed)
	e.in.closeReader()
	return nil
}

func (e *end) SetDeadline(t time.Time) error {
	e.in.readLimit.set(t)
	e.out.writeLimit.set(t)
	return nil
}

func (e *end) SetReadDeadline(t time.Time) error {
	e.in.readLimit.set(t)
	return nil
}

func (e *end) SetWriteDeadline(t time.Time) error {
	e.out.writeLimit.set(t)
	return nil
}

// flow is one direction: a ring of bytes between a writer and a reader.
type flow struct {
	mu       sync.Mutex // guards everything below and the limits
	readable sync.Cond
	writable sync.Cond
	ring     []byte
	start, n int   // unread bytes are ring[start:start+n], wrapping
	noWriter error // no more will be written; what a write now returns
	noReader bool  // nothing more will be read

	readLimit, writeLimit limit
	writing               sync.Mutex // a Write's bytes stay together
}

func newFlow() *flow {
	f := &flow{}
	f.readable.L, f.writable.L = &f.mu, &f.mu
	f.readLimit.wake, f.readLimit.mu = &f.readable, &f.mu
	f.writeLimit.wake, f.writeLimit.mu = &f.writable, &f.mu
	return f
}

func (f *flow) read(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		switch {
		case f.noReader:
			return 0, net.ErrClosed
		case f.readLimit.passed:
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case f.n > 0:
			return f.take(p), nil
		case f.noWriter != nil:
			return 0, io.EOF
		}
		f.readable.Wait()
	}
}

// take moves unread bytes to p and wakes the writer.
func (f *flow) take(p []byte) int {
	total := 0
	for total < len(p) && f.n > 0 {
		chunk := f.ring[f.start:min(f.start+f.n, len(f.ring))]
		c := copy(p[total:], chunk)
		total += c
		f.n -= c
		if f.start += c; f.start == len(f.ring) {
			f.start = 0
		}
	}
	if f.n == 0 {
		f.start = 0
	}
	f.writable.Signal()
	return total
}

func (f *flow) write(p []byte) (int, error) {
	f.writing.Lock()
	defer f.writing.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	total := 0
	for {
		switch {
		case f.noWriter != nil:
			return total, f.noWriter
		case f.writeLimit.passed:
			return total, os.ErrDeadlineExceeded
		case f.noReader:
			return total, io.ErrClosedPipe
		case total == len(p):
			return total, nil
		}
		if f.makeRoom(len(p) - total) {
			total += f.put(p[total:])
			f.readable.Signal()
			if total == len(p) {
				return total, nil
			}
			continue
		}
		f.writable.Wait()
	}
}

// makeRoom grows the ring towards what is wanted and reports whether it has
// room for at least a byte.
func (f *flow) makeRoom(want int) bool {
	size := max(len(f.ring), pipeStart)
	for size < pipeMax && size-f.n < want {
		size *= 2
	}
	if size > len(f.ring) {
		ring := make([]byte, size)
		c := copy(ring, f.ring[f.start:min(f.start+f.n, len(f.ring))])
		copy(ring[c:f.n], f.ring)
		f.ring, f.start = ring, 0
	}
	return f.n < len(f.ring)
}

// put moves bytes of p into free room.
func (f *flow) put(p []byte) int {
	total := 0
	for total < len(p) && f.n < len(f.ring) {
		at := f.start + f.n
		room := f.ring[at%len(f.ring):]
		if at >= len(f.ring) {
			room = f.ring[at-len(f.ring) : f.start]
		}
		c := copy(room, p[total:])
		total += c
		f.n += c
	}
	return total
}

func (f *flow) closeWriter(why error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.noWriter == nil || why == net.ErrClosed {
		f.noWriter = why
	}
	f.wakeAll()
}

func (f *flow) closeReader() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.noReader, f.ring, f.n, f.start = true, nil, 0, 0
	f.wakeAll()
}

func (f *flow) wakeAll() {
	if f.noWriter != nil && f.noReader {
		f.readLimit.stop()
		f.writeLimit.stop()
	}
	f.readable.Broadcast()
	f.writable.Broadcast()
}
