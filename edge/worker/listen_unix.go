//go:build unix

package worker

import (
	"context"
	"net"
	"path/filepath"
)

// listen opens a socket that the runtime connects to.
func listen(dir, name string) (net.Listener, string, error) {
	path := filepath.Join(dir, name+".sock")
	l, err := net.Listen("unix", path)
	return l, "unix:" + path, err
}

// socketAddress is where the runtime is to open a socket.
func socketAddress(dir, name string) (string, error) {
	return "unix:" + filepath.Join(dir, name+".sock"), nil
}

func dialSocket(ctx context.Context, address string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "unix", address[len("unix:"):])
}
