package wire

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	capnp "zombiezen.com/go/capnproto2"
	"zombiezen.com/go/capnproto2/rpc"
	"zombiezen.com/go/capnproto2/server"

	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/schema"
)

// ID is a UUID as the protocol carries it.
type ID [16]byte

// Registration is what a connector says when it registers a connection.
type Registration struct {
	AccountTag  string
	Secret      []byte
	Tunnel      ID
	Index       uint8
	Connector   ID
	Features    []string
	Version     string
	Arch        string
	LocalIP     netip.Addr // zero: none that can be read
	Replace     bool
	Compression uint8
	Attempts    uint8 // failures so far
}

// maxFeatures bounds the list of features.
const maxFeatures = 64

// Details is the answer to a registration.
type Details struct {
	ID       ID
	Location string
	Managed  bool
}

// Refusal is the other answer.
type Refusal struct {
	Cause      string
	Retry      bool
	RetryAfter time.Duration
}

// Error is the cause.
func (r *Refusal) Error() string { return r.Cause }

// Registrar answers a connector. Its methods are called concurrently, and ctx ends with the RPC.
type Registrar interface {
	// Register's error is a *Refusal, or becomes an RPC exception.
	Register(ctx context.Context, r Registration) (Details, error)
	Unregister(ctx context.Context) error
	Report(ctx context.Context, config []byte) error
}

// Control is a control stream on the edge's side.
type Control struct {
	conn      *rpc.Conn
	transport *transport
	object    *object
}

// object is what a stream's RPC begins with. The library counts references to it, closes it when there is none, and
// would close it only with the next garbage collection when the peer has let go of none; closing it twice is a panic.
type object struct {
	capnp.Client
	once sync.Once
}

// Close ends it.
func (o *object) Close() (err error) {
	o.once.Do(func() { err = o.Client.Close() })
	return err
}

func (o *object) bootstrap() rpc.ConnOption {
	return rpc.BootstrapFunc(func(context.Context) (capnp.Client, error) { return o, nil })
}

// ServeControl answers the RPC that arrives on a stream, until either side ends it.
func ServeControl(rwc io.ReadWriteCloser, r Registrar, log *slog.Logger) *Control {
	t := newTransport(rwc)
	o := &object{Client: schema.RegistrationServer_ServerToClient(registration{r}).Client}
	return &Control{rpc.NewConn(t, o.bootstrap(), rpc.ConnLog(rpcLog{log})), t, o}
}

// Trust lets the peer send long messages.
func (c *Control) Trust() { c.transport.limit.Store(maxTrusted) }

// Done is closed when the stream has ended.
func (c *Control) Done() <-chan struct{} { return c.conn.Done() }

// Err is why it ended; nil when the peer ended it in good order.
func (c *Control) Err() error { return endOf(c.conn) }

// Settled waits until the peer has seen every answer, or the stream or ctx has ended. A peer whose stream ends now may
// still take its last answer for lost: its library, which is cloudflared's too, chooses at random between the two.
func (c *Control) Settled(ctx context.Context) { c.transport.settled(ctx, c.conn.Done()) }

// Parted waits until the peer has ended the stream, as it does once it has no more to ask, or ctx has ended.
func (c *Control) Parted(ctx context.Context) {
	select {
	case <-c.conn.Done():
	case <-ctx.Done():
	}
}

// Close ends the stream and waits for what runs on it.
func (c *Control) Close() {
	c.transport.Close()
	c.conn.Close()
	<-c.conn.Done()
	c.object.Close()
}

// registration decodes calls for a Registrar. No answer of it is empty, since the connector's library cannot read one
// without a payload.
type registration struct{ r Registrar }

func (s registration) RegisterConnection(call schema.RegistrationServer_registerConnection) error {
	server.Ack(call.Options) // a registrar that takes its time does not keep the stream from ending
	in, err := readRegistration(call.Params)
	if err != nil {
		return err
	}
	details, err := s.r.Register(call.Ctx, in)
	var refused *Refusal
	if err != nil && !errors.As(err, &refused) {
		return err
	}
	out, err := call.Results.NewResult()
	if err != nil {
		return err
	}
	if refused != nil {
		return writeRefusal(out, refused)
	}
	d, err := out.Result().NewConnectionDetails()
	if err != nil {
		return err
	}
	d.SetTunnelIsRemotelyManaged(details.Managed)
	if err := d.SetLocationName(details.Location); err != nil {
		return err
	}
	return d.SetUuid(details.ID[:])
}

func writeRefusal(out schema.ConnectionResponse, r *Refusal) error {
	e, err := out.Result().NewError()
	if err != nil {
		return err
	}
	e.SetShouldRetry(r.Retry)
	e.SetRetryAfter(int64(r.RetryAfter))
	return e.SetCause(r.Cause)
}

func (s registration) UnregisterConnection(call schema.RegistrationServer_unregisterConnection) error {
	server.Ack(call.Options)
	return s.r.Unregister(call.Ctx)
}

func (s registration) UpdateLocalConfiguration(call schema.RegistrationServer_updateLocalConfiguration) (err error) {
	defer guard(&err)
	server.Ack(call.Options)
	config, err := call.Params.Config()
	if err != nil {
		return err
	}
	return s.r.Report(call.Ctx, append([]byte(nil), config...))
}

func readRegistration(p schema.RegistrationServer_registerConnection_Params) (in Registration, err error) {
	defer guard(&err)
	auth, err := p.Auth()
	if err != nil {
		return in, malformed(err)
	}
	options, err := p.Options()
	if err != nil {
		return in, malformed(err)
	}
	client, err := options.Client()
	if err != nil {
		return in, malformed(err)
	}
	in.Index = p.ConnIndex()
	in.Replace = options.ReplaceExisting()
	in.Compression = options.CompressionQuality()
	in.Attempts = options.NumPreviousAttempts()

	var errs [8]error
	var secret, ip []byte
	in.AccountTag, errs[0] = auth.AccountTag()
	secret, errs[1] = auth.TunnelSecret()
	in.Tunnel, errs[2] = takeID("tunnelId", p.TunnelId)
	in.Connector, errs[3] = takeID("clientId", client.ClientId)
	in.Version, errs[4] = client.Version()
	in.Arch, errs[5] = client.Arch()
	ip, errs[6] = options.OriginLocalIp()
	in.Features, errs[7] = takeFeatures(client)
	if err := errors.Join(errs[:]...); err != nil {
		return in, malformed(err)
	}
	in.Secret = append([]byte(nil), secret...)
	if addr, ok := netip.AddrFromSlice(ip); ok {
		in.LocalIP = addr.Unmap()
	}
	return in, nil
}

func takeID(what string, get func() ([]byte, error)) (id ID, err error) {
	b, err := get()
	if err == nil && len(b) != len(id) {
		err = errors.New(what + " is not of 16 bytes")
	}
	copy(id[:], b)
	return id, err
}

func takeFeatures(client schema.ClientInfo) ([]string, error) {
	list, err := client.Features()
	if err != nil {
		return nil, err
	}
	if list.Len() > maxFeatures {
		return nil, errors.New("too many features")
	}
	features := make([]string, list.Len())
	for i := range features {
		if features[i], err = list.At(i); err != nil {
			return nil, err
		}
	}
	return features, nil
}
