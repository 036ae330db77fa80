package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"

	capnp "zombiezen.com/go/capnproto2"
	"zombiezen.com/go/capnproto2/rpc"
	rpccapnp "zombiezen.com/go/capnproto2/std/capnp/rpc"
)

// Limits of an RPC stream.
const (
	// maxStranger is how long a message of somebody may be who has not registered.
	maxStranger = 64 << 10
	// maxTrusted is how long one may be afterwards: it can hold a whole configuration.
	maxTrusted = 4 << 20
	// maxOpen is how many questions may be open at once. A connector has two.
	maxOpen = 16
	// maxBootstraps is how often the main object may be asked for. A connector does once.
	maxBootstraps = 4
	// maxTransform is how long the path in a promised answer may be. A connector's is empty.
	maxTransform = 4
)

// transport carries RPC messages over a stream, and lets through only what the protocol has: the library trusts its peer
// with sizes, tables and references, which this one does not.
type transport struct {
	rwc  io.ReadWriteCloser
	from *source
	dec  *capnp.Decoder
	out  appender
	enc  *capnp.Encoder

	limit     atomic.Int64 // bytes of a message
	closeOnce sync.Once

	mu         sync.Mutex          // guards what is below
	open       map[uint32]struct{} // questions of the peer that it has not finished
	bootstraps int
	released   bool
	changed    chan struct{} // closed when open shrinks
}

func newTransport(rwc io.ReadWriteCloser) *transport {
	t := &transport{rwc: rwc, from: &source{r: rwc}, open: map[uint32]struct{}{}, changed: make(chan struct{})}
	t.dec = capnp.NewDecoder(t.from)
	t.enc = capnp.NewEncoder(&t.out)
	t.limit.Store(maxStranger)
	return t
}

func (t *transport) SendMessage(_ context.Context, msg rpccapnp.Message) error {
	t.out.b = t.out.b[:0]
	if err := t.enc.Encode(msg.Segment().Message()); err != nil {
		return err
	}
	_, err := t.rwc.Write(t.out.b)
	return err
}

// RecvMessage returns the next message that may pass. Its error ends the RPC.
func (t *transport) RecvMessage(ctx context.Context) (rpccapnp.Message, error) {
	t.dec.MaxMessageSize = uint64(t.limit.Load())
	decoded := make(chan error, 1)
	var msg *capnp.Message
	go func() {
		var err error
		msg, err = t.dec.Decode()
		decoded <- err
	}()
	select {
	case err := <-decoded:
		if err != nil {
			return rpccapnp.Message{}, t.from.blame(err)
		}
		return t.admit(msg)
	case <-ctx.Done(): // a goodbye may still be written; Close ends the reading
		return rpccapnp.Message{}, ctx.Err()
	}
}

func (t *transport) Close() (err error) {
	t.closeOnce.Do(func() { err = t.rwc.Close() })
	return err
}

// admit looks through a message.
func (t *transport) admit(msg *capnp.Message) (m rpccapnp.Message, err error) {
	defer guard(&err)
	if err := weigh(msg, uint64(t.limit.Load())); err != nil {
		return m, malformed(err)
	}
	if m, err = rpccapnp.ReadRootMessage(msg); err != nil {
		return m, malformed(err)
	}
	switch m.Which() {
	case rpccapnp.Message_Which_bootstrap:
		err = t.admitBootstrap(m)
	case rpccapnp.Message_Which_call:
		err = t.admitCall(m)
	case rpccapnp.Message_Which_return:
		err = admitReturn(m)
	case rpccapnp.Message_Which_finish:
		err = t.admitFinish(m)
	case rpccapnp.Message_Which_release:
		t.mu.Lock()
		t.released = true
		t.mu.Unlock()
	case rpccapnp.Message_Which_abort, rpccapnp.Message_Which_unimplemented:
	case rpccapnp.Message_Which_disembargo, rpccapnp.Message_Which_resolve:
		err = fmt.Errorf("%w: RPC message %v: no capability was ever sent that it could be about", ErrMalformed, m.Which())
	default: // the library answers that it does not know it
	}
	return m, err
}

// weigh follows all that a message points at, within a budget: the same bytes may be pointed at many times, and the
// library copies them each time.
func weigh(msg *capnp.Message, limit uint64) error {
	msg.TraverseLimit = 2 * limit
	msg.ReadLimiter().Reset(2 * limit)
	root, err := msg.RootPtr()
	if err != nil {
		return err
	}
	copied, _, err := capnp.NewMessage(capnp.SingleSegment(nil))
	if err != nil {
		return err
	}
	if err := copied.SetRootPtr(root); err != nil {
		return err
	}
	msg.ReadLimiter().Reset(16 * limit)
	return nil
}

func (t *transport) ask(id uint32) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.open[id]; ok {
		return fmt.Errorf("%w: RPC question %d is asked twice", ErrMalformed, id)
	}
	if len(t.open) >= maxOpen {
		return fmt.Errorf("%w: more than %d RPC questions are open", ErrMalformed, maxOpen)
	}
	t.open[id] = struct{}{}
	return nil
}

func (t *transport) admitBootstrap(m rpccapnp.Message) error {
	b, err := m.Bootstrap()
	if err != nil {
		return malformed(err)
	}
	t.mu.Lock()
	t.bootstraps++
	late := t.released || t.bootstraps > maxBootstraps
	t.mu.Unlock()
	if late {
		return fmt.Errorf("%w: RPC bootstrap after a release, or more than %d of them", ErrMalformed, maxBootstraps)
	}
	return t.ask(b.QuestionId())
}

func (t *transport) admitCall(m rpccapnp.Message) error {
	call, err := m.Call()
	if err != nil {
		return malformed(err)
	}
	target, err := call.Target()
	if err != nil {
		return malformed(err)
	}
	if target.Which() == rpccapnp.MessageTarget_Which_promisedAnswer {
		promised, err := target.PromisedAnswer()
		if err != nil {
			return malformed(err)
		}
		path, err := promised.Transform()
		if err != nil {
			return malformed(err)
		}
		if path.Len() > maxTransform {
			return fmt.Errorf("%w: an RPC call with a path of %d steps", ErrMalformed, path.Len())
		}
	}
	params, err := call.Params()
	if err != nil {
		return malformed(err)
	}
	if !params.IsValid() {
		return fmt.Errorf("%w: an RPC call without parameters", ErrMalformed)
	}
	caps, err := params.CapTable()
	if err != nil {
		return malformed(err)
	}
	if caps.Len() != 0 {
		return fmt.Errorf("%w: an RPC call that passes %d capabilities", ErrMalformed, caps.Len())
	}
	return t.ask(call.QuestionId())
}

func admitReturn(m rpccapnp.Message) error {
	ret, err := m.Return()
	if err != nil {
		return malformed(err)
	}
	if ret.Which() != rpccapnp.Return_Which_results {
		return nil
	}
	results, err := ret.Results()
	if err != nil {
		return malformed(err)
	}
	content, err := results.ContentPtr()
	if err != nil {
		return malformed(err)
	}
	if !content.IsValid() {
		return fmt.Errorf("%w: an RPC return without a payload", ErrMalformed)
	}
	caps, err := results.CapTable()
	if err != nil {
		return malformed(err)
	}
	if caps.Len() > 1 {
		return fmt.Errorf("%w: an RPC return with %d capabilities", ErrMalformed, caps.Len())
	}
	if caps.Len() == 1 && caps.At(0).Which() != rpccapnp.CapDescriptor_Which_senderHosted {
		return fmt.Errorf("%w: an RPC return whose capability is not the peer's own", ErrMalformed)
	}
	if in := content.Interface(); in.IsValid() && int(in.Capability()) >= caps.Len() {
		return fmt.Errorf("%w: an RPC return with capability %d of %d", ErrMalformed, in.Capability(), caps.Len())
	}
	return nil
}

func (t *transport) admitFinish(m rpccapnp.Message) error {
	f, err := m.Finish()
	if err != nil {
		return malformed(err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, f.QuestionId())
	close(t.changed)
	t.changed = make(chan struct{})
	return nil
}

// settled waits until the peer has finished every question: it has read the answers.
func (t *transport) settled(ctx context.Context, ended <-chan struct{}) {
	for {
		t.mu.Lock()
		n, changed := len(t.open), t.changed
		t.mu.Unlock()
		if n == 0 {
			return
		}
		select {
		case <-changed:
		case <-ended:
			return
		case <-ctx.Done():
			return
		}
	}
}

// rpcLog puts what the library says about its peer into a log.
type rpcLog struct{ log *slog.Logger }

func (l rpcLog) Infof(ctx context.Context, format string, args ...any) {
	if l.log.Enabled(ctx, slog.LevelDebug) {
		l.log.DebugContext(ctx, "rpc: "+fmt.Sprintf(format, args...))
	}
}

func (l rpcLog) Errorf(ctx context.Context, format string, args ...any) {
	l.Infof(ctx, format, args...)
}

// endOf is the reason an RPC connection ended with; nil when the peer said goodbye.
func endOf(conn *rpc.Conn) error {
	err := conn.Err()
	var abort rpc.Abort
	switch {
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, rpc.ErrConnClosed):
		return nil
	case errors.As(err, &abort):
		if reason, _ := abort.Reason(); reason == "rpc: shutdown" {
			return nil
		}
	}
	return err
}
