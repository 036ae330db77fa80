package edge

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/accessemu/forge"
	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/attack"
	"github.com/sundog-edge/sundog/tunnelemu"
)

// Attack sends every forgery to the origin behind a URL, through the edge and straight at the
// address on which it listens, and says which were let in. The person is one whom the
// policies admit when none is named. Only this machine is ever asked.
func (e *Edge) Attack(ctx context.Context, x admin.AttackRequest) (attack.Report, error) {
	g, err := e.guardedAt(x.URL)
	if err != nil {
		return attack.Report{}, err
	}
	email := cmp.Or(x.As, g.somebody())
	if email == "" {
		return attack.Report{}, &admin.Refused{Cause: "whom the policies of application " + g.app.Name + " admit does not show from them", Mend: "name somebody with --as EMAIL"}
	}
	var materials [2]forge.Material
	for i := range materials {
		if materials[i], err = g.material(email); err != nil {
			return attack.Report{}, err
		}
	}
	if d := g.as(email); d.Verdict != accessemu.Forward {
		return attack.Report{}, &admin.Refused{Cause: email + " is nobody to compare with: " + g.note(email), Mend: "name somebody whom a policy admits with --as EMAIL, or another URL"}
	}
	straight, err := g.straight(x.Origin)
	if err != nil {
		return attack.Report{}, err
	}
	inside := e.Transport()
	defer inside.CloseIdleConnections()
	ways := []attack.Way{{Name: "edge", To: g.url.String(), URL: g.url.String(), Send: inside.RoundTrip}, straight}
	report := attack.Report{URL: g.url.String(), App: g.app.Name, Issuer: g.snap.access.Issuer(), AUD: g.app.AUD, As: email}
	for _, way := range ways {
		found, err := attack.Run(ctx, way, materials)
		if err != nil {
			return attack.Report{}, err
		}
		report.Ways = append(report.Ways, found)
	}
	return report, nil
}

// somebody is a person whom the policies admit; empty when they do not tell.
func (g *guarded) somebody() string {
	for _, p := range g.app.Policies() {
		for _, rule := range p.Include {
			email := ""
			switch v := rule.Value.(type) {
			case accessemu.EmailRule:
				email = v.Email
			case accessemu.EmailDomainRule:
				email = "sundog-attack@" + strings.TrimPrefix(v.Domain, "@")
			case accessemu.EveryoneRule:
				email = "sundog-attack@example.com"
			}
			if email != "" && g.as(email).Verdict == accessemu.Forward {
				return email
			}
		}
	}
	return ""
}

// straight is the way to the origin beside the edge: as the connector, or the edge, connects
// to it, and only where that is on this machine.
func (g *guarded) straight(origin string) (attack.Way, error) {
	if origin == "" && g.route.code.is() {
		return g.straightAtWorker(), nil
	}
	network, target, host := "tcp", origin, g.url.Host
	if origin == "" {
		target, host = g.service()
	}
	address := target
	if path, ok := strings.CutPrefix(target, "unix:"); ok {
		network, address, target = "unix", path, "http://localhost"
	} else if path, ok := strings.CutPrefix(target, "unix+tls:"); ok {
		network, address, target = "unix", path, "https://localhost"
	} else if addr, _, ok := dialAddress(target); ok {
		address = addr
	}
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return attack.Way{}, &admin.Refused{
			Cause: fmt.Sprintf("behind %s is %q, which is no HTTP origin that could be asked", g.url, target),
			Mend:  "name a URL whose service is http://, https:// or unix:, or say where the origin listens with --origin http://127.0.0.1:PORT",
		}
	}
	if err := g.edge.mine(network, address, origin != ""); err != nil {
		return attack.Way{}, err
	}
	to := *g.url
	to.Scheme, to.Host = u.Scheme, u.Host
	transport := &http.Transport{
		// A connection that an odd request has broken is not used for the next.
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return g.edge.dialMine(ctx, network, address)
		},
		// Whose certificate it is does not matter: it is on this machine, and gets no secret.
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}
	return attack.Way{Name: "origin", To: cmp.Or(g.wherever(network, address), to.Host), URL: to.String(), Send: func(r *http.Request) (*http.Response, error) {
		r.Host = cmp.Or(host, r.URL.Host)
		return transport.RoundTrip(r)
	}}, nil
}

// service is what the world has behind the URL, and the Host header that it gets there.
func (g *guarded) service() (target, host string) {
	host = g.url.Host
	switch t := g.route.tunnel; {
	case t != nil && t.embedded != nil:
		d := t.embedded.Decide(g.admission.host.Name, g.url.Path)
		if d.Rule == nil {
			return "", host
		}
		for _, o := range []tunnelemu.OriginRequest{t.def.Config.OriginRequest, d.Rule.OriginRequest} {
			if o.HTTPHostHeader != nil {
				host = cmp.Or(*o.HTTPHostHeader, g.url.Host)
			}
		}
		return d.Rule.Service, host
	case t == nil && g.route.record != nil:
		return "https://" + net.JoinHostPort(strings.TrimSuffix(g.route.record.Content, "."), "443"), host
	}
	return "", host
}

// wherever is what a dial of an origin connects to, for people.
func (g *guarded) wherever(network, address string) string {
	if to, ok := find(g.snap.origins, strings.ToLower(address)); ok && network == "tcp" {
		network, address = to.network, to.addr
	}
	if network == "unix" {
		return "unix:" + address
	}
	return address
}

// mine refuses an address that is not of this machine, as far as it can be told without
// connecting. What Go code answers for is of this machine, unless somebody typed it.
func (e *Edge) mine(network, address string, typed bool) error {
	s := e.snap.Load()
	if network == "unix" || !typed && (e.hook != nil || e.given(address)) {
		return nil
	}
	if to, ok := find(s.origins, strings.ToLower(address)); ok {
		network, address = to.network, to.addr
	}
	host, _, err := net.SplitHostPort(address)
	if network == "unix" || err != nil || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err != nil || ip.IsLoopback() {
		return nil // what a name resolves to is looked at when it is dialled
	}
	return notMine(address)
}

// given tells whether Go code has given a handler for an address.
func (e *Edge) given(address string) bool {
	_, ok := e.local.origin(address)
	return ok
}

func notMine(address string) error {
	return &admin.Refused{Cause: address + " is not on this machine, and nothing else is ever attacked", Mend: "run the origin here, and send its dials here with origins:"}
}

// dialMine is dial for attacks: nothing but this machine is connected to.
func (e *Edge) dialMine(ctx context.Context, network, address string) (net.Conn, error) {
	s, mapped := e.snap.Load(), false
	if network != "unix" {
		if conn, ok, err := e.dialGiven(ctx, network, address); ok {
			return conn, err
		}
		if to, ok := find(s.origins, strings.ToLower(address)); ok {
			mapped = true
			if network, address = to.network, to.addr; network != "unix" {
				if conn, ok, err := e.dialGiven(ctx, network, address); ok {
					return conn, err
				}
			}
		}
	}
	if network != "unix" && !mapped {
		name, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		at, where, err := s.locate(name)
		switch {
		case err != nil:
			return nil, err
		case where == served:
			return e.dialSelf(ctx, network, at, port)
		case !literal(address) && !s.names(address):
			return nil, notMine(address) // nobody is asked where that is
		}
		address = net.JoinHostPort(at, port)
	}
	return e.dialer(func(network, resolved string, _ syscall.RawConn) error {
		if strings.HasPrefix(network, "unix") {
			return nil
		}
		if ap, err := netip.ParseAddrPort(resolved); err != nil || !ap.Addr().Unmap().IsLoopback() {
			return notMine(address)
		}
		return nil
	}).DialContext(ctx, network, address)
}

func (b *backend) Attack(ctx context.Context, x admin.AttackRequest) (attack.Report, error) {
	return (*Edge)(b).Attack(ctx, x)
}
