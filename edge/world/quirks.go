package world

import (
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/tunnelemu"
)

// KnownQuirk is a surprise of the real thing that the lookalike has too, unless it
// is turned off.
type KnownQuirk struct {
	Name      string `json:"name"`      // as quirks: knows it
	Transport string `json:"transport"` // the ways between edge and connector that have it, as "quic, http2"; empty: whatever the way
	What      string `json:"what"`      // what happens
	Source    string `json:"source"`    // where it is known from
}

// KnownQuirks are the quirks that quirks: can name, those of one transport together.
func KnownQuirks() []KnownQuirk {
	var all []KnownQuirk
	for _, q := range tunnelemu.Quirks() {
		all = append(all, KnownQuirk{q.Name, q.Transport, q.What, q.Source})
	}
	return all
}

func (d *draft) checkQuirk(doc *Document) {
	q := doc.Value.(*Quirk)
	var names []string
	for _, known := range KnownQuirks() {
		if known.Name == q.Name {
			return
		}
		names = append(names, known.Name)
	}
	d.report(doc, "", "the unknown quirk "+quote(q.Name), oneOf(names), didYouMean(q.Name, names))
}

// Way is how the tunnel's connector is joined to the edge: "quic", "http2" or
// "none", from Transport, and failing that from the configuration's protocol.
func (t *Tunnel) Way() string {
	way := t.Transport
	if way == "" && t.Config != nil {
		way, _ = t.Config.Settings["protocol"].(string)
	}
	switch way {
	case "http2", "h2mux":
		return "http2"
	case "none":
		return "none"
	}
	return "quic"
}

// WorldQuirk is a quirk as a world has it.
type WorldQuirk struct {
	KnownQuirk
	On      bool     `json:"on"`                // some tunnel of the world shows it
	Where   string   `json:"where,omitempty"`   // file:line:column of what quirks: says of it; empty: nothing, or not in a file
	Said    bool     `json:"said"`              // quirks: says whether it is on
	Tunnels []string `json:"tunnels,omitempty"` // that show it, by name or id
}

// Quirks are all known quirks, and whether they show in this world.
func (w *World) Quirks() []WorldQuirk {
	var all []WorldQuirk
	for _, known := range KnownQuirks() {
		q := WorldQuirk{KnownQuirk: known}
		on := false
		if doc, ok := w.Get(Key{KindQuirk, known.Name}); ok {
			q.Said, q.Where, on = true, doc.Mark.String(), doc.Value.(*Quirk).On
		}
		for doc := range w.All(KindTunnel) {
			t := doc.Value.(*Tunnel)
			if t.Config == nil || q.Said && !on || !q.Said && !known.shows(t.Way()) {
				continue
			}
			name := t.Name
			if name == "" {
				name = t.ID
			}
			q.Tunnels = append(q.Tunnels, name)
		}
		slices.Sort(q.Tunnels)
		q.On = len(q.Tunnels) > 0
		all = append(all, q)
	}
	return all
}

// shows says whether a way between edge and connector has the quirk by itself.
func (q KnownQuirk) shows(way string) bool {
	return q.Transport == "" || slices.Contains(strings.Split(q.Transport, ", "), way)
}
