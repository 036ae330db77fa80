package tunnelemu

import (
	"context"
	"net"
	"net/http"
	"syscall"
	"testing"
)

// tcpKeepAlive reaches the socket.
func TestTCPKeepAliveOnTheSocket(t *testing.T) {
	for option, want := range map[string]int{"tcpKeepAlive: 7s": 7, "tlsTimeout: 1s": 30} {
		origin := httpOrigin(t, func(http.ResponseWriter, *http.Request) {})
		interval := -1
		tunnel := parseWith(t, oneRule(origin.URL, option), Options{Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := ContextDialer(ctx).DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			raw, err := c.(*net.TCPConn).SyscallConn()
			if err != nil {
				return nil, err
			}
			err = raw.Control(func(fd uintptr) {
				interval, _ = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE)
			})
			return c, err
		}})
		if _, oe := ask(t, tunnel, "a"); oe != nil {
			t.Fatal(oe)
		}
		if interval != want {
			t.Errorf("%s: %d s on the socket, want %d", option, interval, want)
		}
	}
}
