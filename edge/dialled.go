package edge

import (
	"log/slog"
	"strconv"
	"sync"

	"github.com/sundog-edge/sundog/tunnelemu/connector"
)

// dialled tells the person at the terminal which connectors come and go.
type dialled struct {
	edge    *Edge
	mu      sync.Mutex                 // guards present
	present map[string]map[string]bool // by tunnel, the connectors that take requests
}

// changed hears of every event. It looks at who is there, since events of two connections may come in any order.
func (d *dialled) changed(event connector.Event) {
	switch event.Kind {
	case connector.Registered, connector.Unregistered, connector.Closed:
		d.compare(event)
	case connector.Refused:
		d.edge.log.Warn("a connector of tunnel "+d.name(event.Tunnel)+" is refused: "+event.Reason, slog.String("protocol", string(event.Protocol)),
			slog.String("mend", "sundog tunnel run-command NAME prints what connects"))
	case connector.Applied:
		d.edge.log.Info("connector "+short(event.Connector)+" of tunnel "+d.name(event.Tunnel)+" has the configuration", slog.Int("version", event.Version))
	case connector.Rejected:
		d.edge.log.Warn("connector "+short(event.Connector)+" of tunnel "+d.name(event.Tunnel)+" rejects the configuration: "+event.Reason, slog.Int("it keeps version", event.Version))
	}
}

func (d *dialled) compare(event connector.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := map[string]bool{}
	for _, c := range d.edge.connectors.Connectors(event.Tunnel) {
		if takes(c) {
			now[c.ID] = true
		}
	}
	before := d.present[event.Tunnel]
	d.present[event.Tunnel] = now
	if len(now) == 0 {
		delete(d.present, event.Tunnel)
	}
	id, log := event.Connector, d.edge.log
	embedded := false
	if t, ok := find(d.edge.snap.Load().tunnels, event.Tunnel); ok {
		embedded = t.embedded != nil
	}
	text := "connector " + short(id) + " of tunnel " + d.name(event.Tunnel)
	switch {
	case now[id] && !before[id]:
		text += " is registered over " + string(event.Protocol)
		switch {
		case len(before) > 0:
			text += "; " + strconv.Itoa(len(now)) + " take turns"
		case embedded:
			text += "; it replaces the embedded one until it leaves"
		}
		log.Info(text)
	case !now[id] && before[id]:
		text += " has left"
		switch {
		case len(now) > 0:
			text += "; " + strconv.Itoa(len(now)) + " remain"
		case embedded:
			text += "; the embedded one answers again"
		default:
			text += "; nobody answers now: error 1033"
		}
		if event.Kind == connector.Closed && event.Reason != "" {
			log.Info(text, slog.String("reason", event.Reason))
		} else {
			log.Info(text)
		}
	}
}

// takes tells whether a connector has a connection that takes requests.
func takes(c connector.Connector) bool {
	for _, n := range c.Connections {
		if !n.Draining {
			return true
		}
	}
	return false
}

// name is the tunnel's as people know it, or the id that a connector gave.
func (d *dialled) name(id string) string {
	if t, ok := find(d.edge.snap.Load().tunnels, id); ok {
		return tunnelName(t)
	}
	return id
}

// short is the beginning of a UUID, enough to tell connectors apart.
func short(id string) string { return id[:min(8, len(id))] }
