package wire

import (
	"fmt"
	"io"
	"sync"

	capnp "zombiezen.com/go/capnproto2"

	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/schema"
)

// ConnectType says what a request stream carries.
type ConnectType uint16

// The types of request streams.
const (
	ConnectHTTP ConnectType = iota
	ConnectWebSocket
	ConnectTCP
)

// Keys of metadata. A header's key is HeaderPrefix and its name.
const (
	KeyMethod      = "HttpMethod"
	KeyHost        = "HttpHost"
	KeyStatus      = "HttpStatus"
	HeaderPrefix   = "HttpHeader:"
	KeyRateLimited = "FlowConnectRateLimited"
)

// Metadata is one entry of a stream's head.
type Metadata struct{ Key, Val string }

// ConnectRequest is the head of a request stream.
type ConnectRequest struct {
	Dest     string // http://HOST/path?query, or for TCP IP:port
	Type     ConnectType
	Metadata []Metadata
}

// ConnectResponse is the head of its answer: an error, or a status and headers.
type ConnectResponse struct {
	Error    string
	Metadata []Metadata
}

// Limits of a stream's head: what an origin may send in headers, and then some.
const (
	maxHead     = 1 << 20
	maxMetadata = 4096 // entries
)

// maxPooled bounds the buffers that wait for their next use.
const maxPooled = 64 << 10

// head is the reused message of an outgoing stream.
type head struct {
	arena []byte
	out   []byte
}

var heads = sync.Pool{New: func() any { return new(head) }}

// WriteConnectRequest writes the whole head with one call of Write.
func WriteConnectRequest(w io.Writer, c *ConnectRequest) error {
	return writeHead(w, func(s *capnp.Segment) error {
		root, err := schema.NewRootConnectRequest(s)
		if err != nil {
			return err
		}
		root.SetType(schema.ConnectionType(c.Type))
		if err := root.SetDest(c.Dest); err != nil {
			return err
		}
		list, err := root.NewMetadata(int32(len(c.Metadata)))
		if err != nil {
			return err
		}
		return fillMetadata(list, c.Metadata)
	})
}

// WriteConnectResponse writes the whole head with one call of Write.
func WriteConnectResponse(w io.Writer, c *ConnectResponse) error {
	return writeHead(w, func(s *capnp.Segment) error {
		root, err := schema.NewRootConnectResponse(s)
		if err != nil {
			return err
		}
		if err := root.SetError(c.Error); err != nil {
			return err
		}
		list, err := root.NewMetadata(int32(len(c.Metadata)))
		if err != nil {
			return err
		}
		return fillMetadata(list, c.Metadata)
	})
}

func fillMetadata(list schema.Metadata_List, entries []Metadata) error {
	for i, e := range entries {
		m := list.At(i)
		if err := m.SetKey(e.Key); err != nil {
			return err
		}
		if err := m.SetVal(e.Val); err != nil {
			return err
		}
	}
	return nil
}

func writeHead(w io.Writer, fill func(*capnp.Segment) error) error {
	h := heads.Get().(*head)
	defer heads.Put(h)
	clear(h.arena) // beyond its length an arena is zero, as the library wants it
	msg, s, err := capnp.NewMessage(capnp.SingleSegment(h.arena[:0]))
	if err != nil {
		return err
	}
	if err := fill(s); err != nil {
		return err
	}
	h.out = append(h.out[:0], requestHead...)
	to := appender{h.out}
	err = capnp.NewEncoder(&to).Encode(msg)
	h.out = to.b
	if h.arena = s.Data(); cap(h.arena) > maxPooled {
		h.arena = nil
	}
	if err != nil {
		return err
	}
	_, err = w.Write(h.out)
	if cap(h.out) > maxPooled {
		h.out = nil
	}
	return err
}

type appender struct{ b []byte }

func (a *appender) Write(p []byte) (int, error) {
	a.b = append(a.b, p...)
	return len(p), nil
}

// ReadConnectRequest reads what follows the signature, and not a byte more.
func ReadConnectRequest(r io.Reader) (c *ConnectRequest, err error) {
	defer guard(&err)
	msg, err := readHead(r)
	if err != nil {
		return nil, err
	}
	root, err := schema.ReadRootConnectRequest(msg)
	if err != nil {
		return nil, malformed(err)
	}
	c = &ConnectRequest{Type: ConnectType(root.Type())}
	if c.Dest, err = root.Dest(); err != nil {
		return nil, malformed(err)
	}
	list, err := root.Metadata()
	if err != nil {
		return nil, malformed(err)
	}
	c.Metadata, err = takeMetadata(list)
	return c, err
}

// ReadConnectResponse reads what follows the signature, and not a byte more.
func ReadConnectResponse(r io.Reader) (c *ConnectResponse, err error) {
	defer guard(&err)
	msg, err := readHead(r)
	if err != nil {
		return nil, err
	}
	root, err := schema.ReadRootConnectResponse(msg)
	if err != nil {
		return nil, malformed(err)
	}
	c = new(ConnectResponse)
	if c.Error, err = root.Error(); err != nil {
		return nil, malformed(err)
	}
	list, err := root.Metadata()
	if err != nil {
		return nil, malformed(err)
	}
	c.Metadata, err = takeMetadata(list)
	return c, err
}

func takeMetadata(list schema.Metadata_List) ([]Metadata, error) {
	n := list.Len()
	if n > maxMetadata {
		return nil, fmt.Errorf("%w: %d entries of metadata; %d are allowed", ErrMalformed, n, maxMetadata)
	}
	entries := make([]Metadata, n)
	for i := range entries {
		m := list.At(i)
		var err error
		if entries[i].Key, err = m.Key(); err != nil {
			return nil, malformed(err)
		}
		if entries[i].Val, err = m.Val(); err != nil {
			return nil, malformed(err)
		}
	}
	return entries, nil
}

func readHead(r io.Reader) (*capnp.Message, error) {
	from := &source{r: r}
	d := capnp.NewDecoder(from)
	d.MaxMessageSize = maxHead
	msg, err := d.Decode()
	if err != nil {
		return nil, from.blame(err)
	}
	// A text may be pointed at from many places; what is copied out is bounded all the same.
	msg.TraverseLimit = 2 * maxHead
	return msg, nil
}

// source keeps the error of reading, which tells it from an error about what was read.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil {
		s.err = err
	}
	return n, err
}

func (s *source) blame(err error) error {
	if s.err != nil {
		return err // io.ErrUnexpectedEOF, or what the reader says
	}
	return malformed(err)
}

// guard makes an error of a panic, by which the library answers some messages that no encoder writes.
func guard(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%w: %v", ErrMalformed, r)
	}
}

func malformed(err error) error {
	return fmt.Errorf("%w: %v", ErrMalformed, err)
}
