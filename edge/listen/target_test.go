package listen

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
)

var targets = []struct {
	in   string
	host string
	port int
	err  error
}{
	{"a.example.com:443", "a.example.com", 443, nil},
	{"A.Example.COM.:443", "a.example.com", 443, nil},
	{"bücher.example.com:443", "xn--bcher-kva.example.com", 443, nil},
	{"my_service.example.com:443", "my_service.example.com", 443, nil},
	{"localhost:80", "localhost", 80, nil},
	{"127.0.0.1:80", "127.0.0.1", 80, nil},
	{"[::1]:80", "::1", 80, nil},
	{"[0:0::0:1]:80", "::1", 80, nil},
	{"[::ffff:127.0.0.1]:80", "127.0.0.1", 80, nil},
	{"a.example.com", "", 0, ErrTargetPort},
	{"a.example.com:", "", 0, ErrTargetPort},
	{"a.example.com:0", "", 0, ErrTargetPort},
	{"a.example.com:+443", "", 0, ErrTargetPort},
	{"a.example.com:65536", "", 0, ErrTargetPort},
	{"a.example.com:https", "", 0, ErrTargetPort},
	{"", "", 0, ErrTargetPort},
	{":443", "", 0, ErrTargetHost},
	{".:443", "", 0, ErrTargetHost},
	{"a..b:443", "", 0, ErrTargetHost},
	{"a.example.com:443:443", "", 0, ErrTargetHost},
	{"::1:80", "", 0, ErrTargetHost},
	{"[::1:80", "", 0, ErrTargetHost},
	{"[fe80::1%eth0]:80", "", 0, ErrTargetHost},
	{"[127.0.0.1]:80", "", 0, ErrTargetHost},
	{"u@a.example.com:443", "", 0, ErrTargetHost},
	{"a.example.com/x:443", "", 0, ErrTargetHost},
	{"127.1:80", "", 0, ErrTargetHost},
	{"2130706433:80", "", 0, ErrTargetHost},
	{"0x7f000001:80", "", 0, ErrTargetHost},
	{"127.0.0.0x1:80", "", 0, ErrTargetHost},
	{"0177.0.0.1:80", "", 0, ErrTargetHost},
	{"a.example.com\x00.evil:443", "", 0, ErrTargetHost},
	{strings.Repeat("a", 64) + ".example.com:443", "", 0, ErrTargetHost},
}

func TestParseTarget(t *testing.T) {
	for _, tt := range targets {
		host, port, err := ParseTarget(tt.in)
		if host != tt.host || port != tt.port || err != tt.err {
			t.Errorf("ParseTarget(%q) = %q, %d, %v; want %q, %d, %v", tt.in, host, port, err, tt.host, tt.port, tt.err)
		}
	}
}

// What is parsed is canonical: parsing it again changes nothing, and a
// resolver cannot read a name as an address.
func FuzzParseTarget(f *testing.F) {
	for _, tt := range targets {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		host, port, err := ParseTarget(in)
		if err != nil {
			return
		}
		if port < 1 || port > 65535 {
			t.Errorf("port %d", port)
		}
		if host != strings.ToLower(host) || strings.ContainsAny(host, " \r\n\x00@/%[]") || strings.HasSuffix(host, ".") {
			t.Errorf("host %q", host)
		}
		again, p, err := ParseTarget(net.JoinHostPort(host, strconv.Itoa(port)))
		if again != host || p != port || err != nil {
			t.Errorf("%q parses as %q, which parses as %q, %v", in, host, again, err)
		}
		last := host[strings.LastIndexByte(host, '.')+1:]
		if _, err := strconv.ParseUint(last, 0, 64); err == nil && !strings.HasPrefix(last, "0b") && !strings.HasPrefix(last, "0o") && !strings.Contains(last, "_") {
			if _, err := netip.ParseAddr(host); err != nil {
				t.Errorf("%q can be read as an address", host)
			}
		}
	})
}
