package main

import (
	"net"
	"net/netip"
	"strings"

	"github.com/spf13/pflag"

	"github.com/sundog-edge/sundog/edge/listen"
)

// listenFlags say where up listens.
type listenFlags struct {
	config listen.Config
	ports  string
	host   string
}

func (l *listenFlags) register(f *pflag.FlagSet) {
	const usage = "`ADDRESS` of the listener: port, host:port, or off"
	f.StringVar(&l.config.HTTPS, "https", "", usage+" (default "+listen.DefaultHTTPS+")")
	f.StringVar(&l.config.Proxy, "proxy", "", usage+"; proxy and plain HTTP (default "+listen.DefaultProxy+")")
	f.StringVar(&l.config.DNS, "dns", "", usage+"; UDP and TCP (default "+listen.DefaultDNS+")")
	f.StringVar(&l.config.Tunnel, "tunnel", "", usage+"; not supported yet, so only off")
	f.StringVar(&l.config.Admin, "admin", "", usage+" (default "+listen.DefaultAdmin+")")
	f.StringVar(&l.ports, "ports", "", "0 takes free ports for all listeners")
	f.StringVar(&l.host, "listen", "", "`IP` on which HTTPS listens, instead of loopback")
	f.StringVar(&l.config.ProxyPassword, "proxy-password", "", "what the proxy asks for; without it the proxy stays on loopback")
}

// read is the Config that the flags describe, and the names by which the admin port may
// be called beside loopback.
func (l *listenFlags) read() (listen.Config, []string, error) {
	c := l.config
	c.AdminToken = true
	if l.ports != "" {
		if l.ports != "0" {
			return c, nil, usagef("--ports %s: only 0 means something for all listeners; give each its own with --https, --proxy, --dns, --admin", l.ports)
		}
		free := listen.Ports0()
		for _, p := range []struct {
			field *string
			free  string
		}{{&c.HTTPS, free.HTTPS}, {&c.Proxy, free.Proxy}, {&c.DNS, free.DNS}, {&c.Admin, free.Admin}} {
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
