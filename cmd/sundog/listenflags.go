package main

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/sundog-edge/sundog/edge/listen"
)

// listenFlags say where up listens.
type listenFlags struct {
	config       listen.Config
	ports        string
	host         string
	passwordFile string
}

func (l *listenFlags) register(f *pflag.FlagSet) {
	const usage = "`ADDRESS` of the listener: port, host:port, or off"
	f.StringVar(&l.config.HTTPS, "https", "", usage+" (default "+listen.DefaultHTTPS+")")
	f.StringVar(&l.config.Proxy, "proxy", "", usage+"; proxy and plain HTTP (default "+listen.DefaultProxy+")")
	f.StringVar(&l.config.DNS, "dns", "", usage+"; UDP and TCP (default "+listen.DefaultDNS+")")
	f.StringVar(&l.config.Tunnel, "tunnel", "", usage+"; connectors, over TCP and UDP (default "+listen.DefaultTunnel+")")
	f.StringVar(&l.config.Admin, "admin", "", usage+" (default "+listen.DefaultAdmin+")")
	f.StringVar(&l.ports, "ports", "", "`0` takes free ports for all listeners")
	f.StringVar(&l.host, "listen", "", "`IP` on which HTTPS listens, instead of loopback")
	f.StringVar(&l.config.ProxyPassword, "proxy-password", "", "`PASSWORD` that the proxy asks for; without one it stays on loopback (also $"+passwordVariable+")")
	f.StringVar(&l.passwordFile, "proxy-password-file", "", "read that password from `FILE`: a command line is shown to every user of the machine")
}

// passwordVariable holds the proxy's password where no flag does.
const passwordVariable = "SUNDOG_PROXY_PASSWORD"

// password is what the proxy asks for; empty: nothing.
func (l *listenFlags) password() (string, error) {
	given := l.config.ProxyPassword
	switch {
	case l.passwordFile == "" && given == "":
		return os.Getenv(passwordVariable), nil
	case l.passwordFile == "":
		return given, nil
	case given != "":
		return "", usagef("--proxy-password and --proxy-password-file are two passwords; give one")
	}
	data, err := os.ReadFile(l.passwordFile)
	if err != nil {
		return "", fmt.Errorf("--proxy-password-file: %w", err)
	}
	line, _, _ := strings.Cut(string(data), "\n")
	if line = strings.TrimSuffix(line, "\r"); line == "" {
		return "", fmt.Errorf("--proxy-password-file: the first line of %s is empty; it is the password", l.passwordFile)
	}
	return line, nil
}

// read is the Config that the flags describe, and the names by which the admin port may
// be called beside loopback.
func (l *listenFlags) read() (listen.Config, []string, error) {
	c := l.config
	c.AdminToken = true
	var err error
	if c.ProxyPassword, err = l.password(); err != nil {
		return c, nil, err
	}
	if l.ports != "" {
		if l.ports != "0" {
			return c, nil, usagef("--ports %s: only 0 means something for all listeners; give each its own with --https, --proxy, --dns, --tunnel, --admin", l.ports)
		}
		free := listen.Ports0()
		for _, p := range []struct {
			field *string
			free  string
		}{{&c.HTTPS, free.HTTPS}, {&c.Proxy, free.Proxy}, {&c.DNS, free.DNS}, {&c.Tunnel, free.Tunnel}, {&c.Admin, free.Admin}} {
			if *p.field == "" {
				*p.field = p.free
			}
		}
	}
	if l.host == "" {
		return c, nil, nil
	}
	ip, err := netip.ParseAddr(l.host)
	if err != nil {
		return c, nil, usagef("--listen %q: want an IP address, as 0.0.0.0 or 192.0.2.7", l.host)
	}
	port := c.HTTPS
	switch {
	case port == listen.Off:
		return c, nil, usagef("--listen is where HTTPS listens, and --https is off")
	case port == "":
		_, port, _ = net.SplitHostPort(listen.DefaultHTTPS)
	case port == listen.Ports0().HTTPS:
		port = "0"
	case strings.Contains(port, ":"):
		return c, nil, usagef("--listen %s and --https %s both name a host; give --https the port alone", l.host, port)
	}
	c.HTTPS = net.JoinHostPort(ip.String(), port)
	return c, []string{ip.String()}, nil
}
