package listen

import (
	"context"
	"net"
	"net/http"
	"net/netip"
)

// A proxy that has left loopback must not open what listens on loopback alone: the
// services of this machine rely on being out of others' reach, the admin port among
// them. So a connection to loopback is for clients of this machine, whatever name or
// address led to it.

type afarKey struct{}

// fromAfar is the context of a request, marked when its client is not on loopback.
func fromAfar(r *http.Request) context.Context {
	if client, err := netip.ParseAddrPort(r.RemoteAddr); err == nil && client.Addr().Unmap().IsLoopback() {
		return r.Context()
	}
	return context.WithValue(r.Context(), afarKey{}, r.RemoteAddr)
}

// ownMachineError is a target on loopback that a client of another machine asked for.
type ownMachineError struct{ target, client string }

func (e *ownMachineError) Error() string {
	return e.target + " is on the loopback of the proxy's machine, and " + e.client + " is not: the proxy connects its own machine's clients alone to it"
}

// nearOnly refuses loopback to whom fromAfar has marked. The address that was reached
// decides, since a name may lead anywhere; of an address that is written out it is known
// before anything is dialled.
func nearOnly(dial DialFunc) DialFunc {
	return func(ctx context.Context, network, target string) (net.Conn, error) {
		client, afar := ctx.Value(afarKey{}).(string)
		if !afar {
			return dial(ctx, network, target)
		}
		refused := &ownMachineError{target, client}
		if addr, err := netip.ParseAddrPort(target); err == nil && isOwn(addr.Addr()) {
			return nil, refused
		}
		c, err := dial(ctx, network, target)
		if err != nil {
			return nil, err
		}
		if at, ok := c.RemoteAddr().(*net.TCPAddr); ok && isOwn(at.AddrPort().Addr()) {
			c.Close()
			return nil, refused
		}
		return c, nil
	}
}

// isOwn says whether an address leads to this machine's loopback; the unspecified one
// does on most systems.
func isOwn(addr netip.Addr) bool {
	addr = addr.Unmap()
	return addr.IsLoopback() || addr.IsUnspecified()
}
