package origins

import (
	"io"
	"net"
	"sync"
)

// rawServer hands connections to a function. Close ends it and them, and Serve returns
// when the functions have.
type rawServer struct {
	speak   func(net.Conn)
	mu      sync.Mutex // guards what follows
	closed  bool
	open    map[io.Closer]bool // listeners and connections
	running sync.WaitGroup
}

// keep says false when the server is closed; else Close closes c too.
func (s *rawServer) keep(c io.Closer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	if s.open == nil {
		s.open = make(map[io.Closer]bool)
	}
	s.open[c] = true
	return true
}

func (s *rawServer) drop(c io.Closer) {
	s.mu.Lock()
	delete(s.open, c)
	s.mu.Unlock()
	c.Close()
}

// Serve accepts until the listener or the server is closed.
func (s *rawServer) Serve(l net.Listener) error {
	defer l.Close()
	if !s.keep(l) {
		return net.ErrClosed
	}
	defer s.running.Wait()
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		if !s.keep(conn) {
			conn.Close()
			return net.ErrClosed
		}
		s.running.Go(func() {
			defer s.drop(conn)
			s.speak(conn)
		})
	}
}

// Close ends all connections.
func (s *rawServer) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for c := range s.open {
		c.Close()
	}
	return nil
}
