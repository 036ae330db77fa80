package wire

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"zombiezen.com/go/capnproto2/rpc"

	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/schema"
)

// ControlClient is a control stream on the connector's side.
type ControlClient struct {
	conn      *rpc.Conn
	transport *transport
	server    schema.RegistrationServer
}

// DialControl begins RPC on a stream as its client.
func DialControl(ctx context.Context, rwc io.ReadWriteCloser, log *slog.Logger) *ControlClient {
	t := newTransport(rwc)
	conn := rpc.NewConn(t, rpc.ConnLog(rpcLog{log}))
	return &ControlClient{conn, t, schema.RegistrationServer{Client: conn.Bootstrap(ctx)}}
}

// Register registers a connection. Its error is a *Refusal when the edge refused.
func (c *ControlClient) Register(ctx context.Context, r Registration) (d Details, err error) {
	promise := c.server.RegisterConnection(ctx, func(p schema.RegistrationServer_registerConnection_Params) error {
		return writeRegistration(p, r)
	})
	response, err := promise.Result().Struct()
	if err != nil {
		return d, err
	}
	switch result := response.Result(); result.Which() {
	case schema.ConnectionResponse_result_Which_error:
		e, err := result.Error()
		if err != nil {
			return d, malformed(err)
		}
		cause, err := e.Cause()
		if err != nil {
			return d, malformed(err)
		}
		return d, &Refusal{Cause: cause, Retry: e.ShouldRetry(), RetryAfter: time.Duration(e.RetryAfter())}
	case schema.ConnectionResponse_result_Which_connectionDetails:
		details, err := result.ConnectionDetails()
		if err != nil {
			return d, malformed(err)
		}
		if d.ID, err = takeID("uuid", details.Uuid); err != nil {
			return d, malformed(err)
		}
		d.Managed = details.TunnelIsRemotelyManaged()
		d.Location, err = details.LocationName()
		return d, err
	}
	return d, malformed(errors.New("a registration is answered with neither details nor an error"))
}

func writeRegistration(p schema.RegistrationServer_registerConnection_Params, r Registration) error {
	auth, err := p.NewAuth()
	if err != nil {
		return err
	}
	options, err := p.NewOptions()
	if err != nil {
		return err
	}
	client, err := options.NewClient()
	if err != nil {
		return err
	}
	features, err := client.NewFeatures(int32(len(r.Features)))
	if err != nil {
		return err
	}
	for i, f := range r.Features {
		if err := features.Set(i, f); err != nil {
			return err
		}
	}
	p.SetConnIndex(r.Index)
	options.SetReplaceExisting(r.Replace)
	options.SetCompressionQuality(r.Compression)
	options.SetNumPreviousAttempts(r.Attempts)
	ip := r.LocalIP.As16()
	return errors.Join(auth.SetAccountTag(r.AccountTag), auth.SetTunnelSecret(r.Secret), p.SetTunnelId(r.Tunnel[:]),
		client.SetClientId(r.Connector[:]), client.SetVersion(r.Version), client.SetArch(r.Arch), options.SetOriginLocalIp(ip[:]))
}

// Unregister says that no more requests are wanted.
func (c *ControlClient) Unregister(ctx context.Context) error {
	_, err := c.server.UnregisterConnection(ctx, nil).Struct()
	return err
}

// Report says what a locally managed connector serves, as JSON.
func (c *ControlClient) Report(ctx context.Context, config []byte) error {
	_, err := c.server.UpdateLocalConfiguration(ctx, func(p schema.RegistrationServer_updateLocalConfiguration_Params) error {
		return p.SetConfig(config)
	}).Struct()
	return err
}

// Done is closed when the stream has ended.
func (c *ControlClient) Done() <-chan struct{} { return c.conn.Done() }

// Close says goodbye and ends the stream.
func (c *ControlClient) Close() {
	c.conn.Close()
	<-c.conn.Done()
}
