package tunnelemu

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"strconv"
)

// SOCKS5 (RFC 1928), the server's side.
const (
	socksVersion = 5

	socksNoAuth    = 0x00
	socksNoMethods = 0xff

	socksCommandConnect = 1

	socksIPv4, socksName, socksIPv6 = 1, 3, 4
)

// socksCode is a reply's code.
type socksCode byte

const (
	socksGranted       socksCode = 0
	socksDenied        socksCode = 2 // by the rule set
	socksNoNetwork     socksCode = 3
	socksNoHost        socksCode = 4
	socksRefused       socksCode = 5
	socksNoCommand     socksCode = 7
	socksNoAddressType socksCode = 8
)

var (
	errSocksVersion = errors.New("no SOCKS5")
	errSocksMethod  = errors.New("the SOCKS client offers no method without authentication")
	errSocksAddress = errors.New("a SOCKS address of an unknown type")
	errSocksCommand = errors.New("a SOCKS command other than CONNECT")
)

// socksRequest is what a client asks for.
type socksRequest struct {
	command byte
	name    string     // "" when it gave an address
	addr    netip.Addr // not valid when it gave a name
	port    uint16
}

// host is the request's destination as a dialer takes it.
func (q *socksRequest) host() string {
	host := q.name
	if q.addr.IsValid() {
		host = q.addr.String()
	}
	return net.JoinHostPort(host, strconv.Itoa(int(q.port)))
}

// readSocksMethods reads the greeting and says whether the client can do without authentication.
func readSocksMethods(r io.Reader) (bool, error) {
	var buf [255]byte
	if _, err := io.ReadFull(r, buf[:2]); err != nil {
		return false, err
	}
	if buf[0] != socksVersion {
		return false, errSocksVersion
	}
	methods := buf[:buf[1]]
	if _, err := io.ReadFull(r, methods); err != nil {
		return false, err
	}
	for _, m := range methods {
		if m == socksNoAuth {
			return true, nil
		}
	}
	return false, nil
}

func readSocksRequest(r io.Reader) (q socksRequest, err error) {
	var buf [255]byte
	if _, err = io.ReadFull(r, buf[:4]); err != nil {
		return q, err
	}
	if buf[0] != socksVersion {
		return q, errSocksVersion
	}
	q.command = buf[1]
	switch kind := buf[3]; kind {
	case socksIPv4, socksIPv6:
		size := 4
		if kind == socksIPv6 {
			size = 16
		}
		if _, err = io.ReadFull(r, buf[:size]); err != nil {
			return q, err
		}
		q.addr, _ = netip.AddrFromSlice(buf[:size])
	case socksName:
		if _, err = io.ReadFull(r, buf[:1]); err != nil {
			return q, err
		}
		name := buf[:buf[0]]
		if _, err = io.ReadFull(r, name); err != nil {
			return q, err
		}
		q.name = string(name)
	default:
		return q, errSocksAddress
	}
	if _, err = io.ReadFull(r, buf[:2]); err != nil {
		return q, err
	}
	q.port = binary.BigEndian.Uint16(buf[:2])
	return q, nil
}

// appendSocksReply is a reply with the address that the server is bound to; an invalid one is 0.0.0.0:0.
func appendSocksReply(to []byte, code socksCode, bound netip.AddrPort) []byte {
	to = append(to, socksVersion, byte(code), 0)
	addr := bound.Addr().Unmap()
	switch {
	case addr.Is4():
		to = append(to, socksIPv4)
	case addr.Is6():
		to = append(to, socksIPv6)
	default:
		return append(to, socksIPv4, 0, 0, 0, 0, 0, 0)
	}
	return binary.BigEndian.AppendUint16(append(to, addr.AsSlice()...), bound.Port())
}

// addrPortOf is a connection's address, or none when it has no IP.
func addrPortOf(a net.Addr) netip.AddrPort {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.AddrPort()
	}
	return netip.AddrPort{}
}
