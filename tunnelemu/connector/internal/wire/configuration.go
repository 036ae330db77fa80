package wire

import (
	"context"
	"io"
	"log/slog"

	"zombiezen.com/go/capnproto2/rpc"

	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/schema"
)

// Applied is a connector's answer to a configuration.
type Applied struct {
	Version int32  // the newest that it has applied
	Err     string // why it did not apply this one; "": it did, or has a newer one
}

// UpdateConfiguration sends a configuration on a signed RPC stream, and closes the stream.
func UpdateConfiguration(ctx context.Context, rwc io.ReadWriteCloser, version int32, config []byte, log *slog.Logger) (a Applied, err error) {
	defer guard(&err)
	t := newTransport(rwc)
	conn := rpc.NewConn(t, rpc.ConnLog(rpcLog{log}))
	stop := context.AfterFunc(ctx, func() { t.Close() })
	defer func() {
		stop()
		conn.Close()
		<-conn.Done()
	}()
	manager := schema.ConfigurationManager{Client: conn.Bootstrap(ctx)}
	promise := manager.UpdateConfiguration(ctx, func(p schema.ConfigurationManager_updateConfiguration_Params) error {
		p.SetVersion(version)
		return p.SetConfig(config)
	})
	result, err := promise.Result().Struct()
	if err != nil {
		return a, err
	}
	a.Version = result.LatestAppliedVersion()
	a.Err, err = result.Err()
	return a, err
}

// ServeConfiguration answers the RPC of a configuration stream until the edge ends it.
func ServeConfiguration(rwc io.ReadWriteCloser, apply func(version int32, config []byte) Applied, log *slog.Logger) {
	t := newTransport(rwc)
	t.limit.Store(maxTrusted)
	o := &object{Client: schema.ConfigurationManager_ServerToClient(configuration(apply)).Client}
	defer o.Close()
	<-rpc.NewConn(t, o.bootstrap(), rpc.ConnLog(rpcLog{log})).Done()
}

type configuration func(version int32, config []byte) Applied

func (apply configuration) UpdateConfiguration(call schema.ConfigurationManager_updateConfiguration) error {
	config, err := call.Params.Config()
	if err != nil {
		return err
	}
	a := apply(call.Params.Version(), append([]byte(nil), config...))
	result, err := call.Results.NewResult()
	if err != nil {
		return err
	}
	result.SetLatestAppliedVersion(a.Version)
	return result.SetErr(a.Err)
}
