package edge

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/sundog-edge/sundog/edge/mark"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/tunnelemu"
)

// Probe is what came of connecting to the origin of an ingress rule.
type Probe struct {
	Service string `json:"service"`         // as the first rule that names it says: "http://localhost:8080"
	Tunnel  string `json:"tunnel"`          // its name and id
	Where   string `json:"where,omitempty"` // file:line:column of that rule
	Up      bool   `json:"up"`
	State   string `json:"state"`          // "up", "refused", "missing" (a socket), "name", "timeout", "outside" (not in this world), "dial"
	Why     string `json:"why,omitempty"`  // when it is not up
	Mend    string `json:"mend,omitempty"` // likewise
}

// Bounds of a probe: how many origins are dialled at a time, and how long each may take.
const (
	probeWidth = 16
	probeLimit = 3 * time.Second
)

// probed is what the last probe found, of one generation of the world.
type probed struct {
	generation uint64
	origins    []Probe
}

// Probe connects to the origin of every ingress rule, the way that a request would, and sends nothing. Each
// address is tried once. The order is that of the files. Summary has the result until the world changes. When
// ctx ends first there is none.
func (e *Edge) Probe(ctx context.Context) []Probe {
	s := e.snap.Load()
	list, places := s.probes()
	turns := make(chan struct{}, probeWidth)
	var running sync.WaitGroup
	for i := range list {
		turns <- struct{}{}
		running.Go(func() {
			defer func() { <-turns }()
			e.probe(ctx, places[i], &list[i])
		})
	}
	running.Wait()
	if ctx.Err() != nil {
		return nil
	}
	e.probed.Store(&probed{s.generation, list})
	return list
}

// probes are the origins of the world, each address once, and where each is.
func (s *snapshot) probes() (list []Probe, places []place) {
	seen := map[place]bool{}
	for _, doc := range s.inFileOrder(world.KindTunnel) {
		t, ok := find(s.tunnels, doc.Value.(*world.Tunnel).UUID)
		if !ok || t.embedded == nil {
			continue
		}
		for rule := range ingressRules(t.def.Config) {
			at, ok := placeOf(rule.Service)
			if at.network != "unix" {
				at.addr = strings.ToLower(at.addr)
			}
			if !ok || seen[at] {
				continue
			}
			seen[at] = true
			p := Probe{Service: rule.Service, Tunnel: tunnelName(t)}
			if rule.Line > 0 {
				p.Where = mark.At(t.def.Config.File, rule.Line, rule.Column).String()
			}
			list, places = append(list, p), append(places, at)
		}
	}
	return list, places
}

func (e *Edge) probe(ctx context.Context, at place, p *Probe) {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	conn, err := e.dial(ctx, at.network, at.addr)
	if err == nil {
		conn.Close()
		p.Up, p.State = true, "up"
		return
	}
	var outside *EgressError
	if errors.As(err, &outside) {
		p.State, p.Why, p.Mend = "outside", outside.Addr+" is outside this world", outside.Mend
		return
	}
	kind := dialTrouble(err)
	p.State = string(kind)
	p.Why, p.Mend = originTrouble(kind, p.Service, err)
	if kind == tunnelemu.KindRefused && e.echo && speaksHTTP(p.Service) {
		p.Why += ", so --echo stands in for it"
	}
}

// dialTrouble sorts an error of a dial as the connector does.
func dialTrouble(err error) tunnelemu.Kind {
	var name *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &name):
		return tunnelemu.KindName
	case errors.Is(err, syscall.ECONNREFUSED):
		return tunnelemu.KindRefused
	case errors.Is(err, fs.ErrNotExist):
		return tunnelemu.KindMissing
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return tunnelemu.KindTimeout
	}
	return tunnelemu.KindDial
}
