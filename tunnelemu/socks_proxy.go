package tunnelemu

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
)

// socksProxy is the service socks-proxy: a SOCKS5 server inside a WebSocket, for the destinations that ipRules allow.
type socksProxy struct {
	dial   *dial
	policy ipPolicy
}

func newSocksProxy(d *dial, rules []IPRule) *socksProxy {
	return &socksProxy{d, newIPPolicy(rules)}
}

func (s *socksProxy) serve(t *Tunnel, w http.ResponseWriter, r *http.Request, d Decision) error {
	c, err := t.acceptWebSocket(w, r, d)
	if c == nil {
		return err
	}
	defer c.close()
	q, err := c.socksConnect()
	if err != nil {
		return nil
	}
	addr, err := s.resolve(r.Context(), t, &q)
	if err != nil {
		_ = c.socksReply(socksDenied, netip.AddrPort{})
		return nil
	}
	to := netip.AddrPortFrom(addr, q.port)
	if !s.policy.allows(to) {
		_ = c.socksReply(socksDenied, to)
		return nil
	}
	origin, err := s.dial.connect(r.Context(), q.host())
	if err != nil {
		_ = c.socksReply(socksFailure(err), netip.AddrPort{})
		return nil
	}
	defer origin.Close()
	stop := context.AfterFunc(r.Context(), func() { origin.Close() })
	defer stop()
	if c.socksReply(socksGranted, addrPortOf(origin.LocalAddr())) == nil {
		c.join(origin)
	}
	return nil
}

// resolve gives the address that the rules are asked about, and makes it the request's when it is to be dialled.
func (s *socksProxy) resolve(ctx context.Context, t *Tunnel, q *socksRequest) (netip.Addr, error) {
	if q.addr.IsValid() {
		return q.addr, nil
	}
	if addr, err := netip.ParseAddr(q.name); err == nil {
		return addr, nil
	}
	lookup := t.options.Resolve
	if lookup == nil {
		lookup = lookupSystem
	}
	list, err := lookup(ctx, q.name)
	if err == nil && len(list) == 0 {
		err = &net.DNSError{Name: q.name, IsNotFound: true}
	}
	if err != nil {
		return netip.Addr{}, err
	}
	addr := list[0].Unmap()
	if t.options.Resolve == nil {
		q.addr = addr
	}
	return addr, nil
}

// lookupSystem puts IPv4 first.
func lookupSystem(ctx context.Context, host string) ([]netip.Addr, error) {
	list, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	slices.SortStableFunc(list, func(a, b netip.Addr) int { return a.Unmap().BitLen() - b.Unmap().BitLen() })
	return list, err
}

func socksFailure(err error) socksCode {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return socksRefused
	case errors.Is(err, syscall.ENETUNREACH):
		return socksNoNetwork
	}
	return socksNoHost
}

// socksConnect is the handshake up to a client's CONNECT. What cannot be served is answered here.
func (c *wsConn) socksConnect() (socksRequest, error) {
	free, err := readSocksMethods(c)
	if err != nil {
		return socksRequest{}, err
	}
	method := byte(socksNoAuth)
	if !free {
		method, err = socksNoMethods, errSocksMethod
	}
	if werr := c.sendBinary([]byte{socksVersion, method}); err != nil || werr != nil {
		return socksRequest{}, errors.Join(err, werr)
	}
	q, err := readSocksRequest(c)
	switch {
	case errors.Is(err, errSocksAddress):
		_ = c.socksReply(socksNoAddressType, netip.AddrPort{})
	case err == nil && q.command != socksCommandConnect:
		_ = c.socksReply(socksNoCommand, netip.AddrPort{})
		err = errSocksCommand
	}
	return q, err
}

func (c *wsConn) socksReply(code socksCode, bound netip.AddrPort) error {
	var space [22]byte
	return c.sendBinary(appendSocksReply(space[:0], code, bound))
}

// sendBinary sends a short message.
func (c *wsConn) sendBinary(payload []byte) error {
	return c.send(append(appendFrameHeader(make([]byte, 0, 2+len(payload)), finBit|opBinary, len(payload)), payload...))
}
