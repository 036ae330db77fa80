package edge

import (
	"fmt"
	"strings"
	"time"

	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/fault"
)

func (b *backend) Faults() (list []admin.Fault) {
	s := b.snap.Load()
	for _, a := range b.faults.List() {
		one := admin.Fault{ID: a.ID, Tunnel: strings.TrimPrefix(a.Target, "tunnel:"), Toxic: string(a.Toxic), Match: a.Match, Count: a.Count, Chance: a.Chance, Seed: a.Seed, Hits: a.Hits, Since: a.Since}
		if t, ok := find(s.tunnels, one.Tunnel); ok {
			one.Tunnel = t.def.Label()
		}
		if a.For > 0 {
			one.For = a.For.String()
		}
		if a.Delay > 0 {
			one.Delay = a.Delay.String()
		}
		list = append(list, one)
	}
	return list
}

func (b *backend) AddFault(f admin.Fault) (admin.Fault, error) {
	made := fault.Fault{Toxic: fault.Toxic(f.Toxic), Match: f.Match, Count: f.Count, Chance: f.Chance, Seed: f.Seed}
	for _, d := range []struct {
		name, text string
		to         *time.Duration
	}{{"for", f.For, &made.For}, {"delay", f.Delay, &made.Delay}} {
		if d.text == "" {
			continue
		}
		var err error
		if *d.to, err = time.ParseDuration(d.text); err != nil {
			return f, fmt.Errorf("%s: %q; allowed: a duration, as 30s", d.name, d.text)
		}
	}
	id, err := (*Edge)(b).InjectFault(f.Tunnel, made)
	f.ID, f.Since = id, b.clock.Now()
	return f, err
}

func (b *backend) EndFaults(id int) int {
	if id == 0 {
		return b.faults.Clear()
	}
	if b.faults.Remove(id) {
		return 1
	}
	return 0
}
