package edge

import (
	"net/http"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/edge/world"
)

// quirks takes over what quirks: says, when that changed. Tunnels show them, and keep idle connections to where
// origins: and egress: led when they were made, so that a change of any of these renews them.
func (c *compiler) quirks(changes []world.Change) {
	changed := func(kind world.Kind) bool {
		return slices.ContainsFunc(changes, func(ch world.Change) bool { return ch.Key.Kind == kind })
	}
	quirks := changed(world.KindQuirk)
	c.renew = quirks || changed(world.KindOrigin) || changed(world.KindEgress)
	if !quirks {
		return
	}
	c.next.quirks = map[string]bool{}
	for doc := range c.next.layers.All(world.KindQuirk) {
		q := doc.Value.(*world.Quirk)
		c.next.quirks[q.Name] = q.On
	}
}

// renewTunnels compiles the tunnels that the changes did not touch anew.
func (c *compiler) renewTunnels(changes []world.Change) {
	done := make(map[world.Key]bool, len(changes))
	for _, change := range changes {
		done[change.Key] = true
	}
	for doc := range c.next.layers.All(world.KindTunnel) {
		if !done[doc.Key] {
			c.remove(doc)
			c.put(doc)
		}
	}
}

const quirkIgnoredAccess = "top-level-access-ignored"

// quirkOn says whether a quirk that shows on every transport is on.
func (s *snapshot) quirkOn(name string) bool {
	on, said := s.quirks[name]
	return on || !said
}

// quirkNotes point at the quirks that matter to the rule that takes a request.
func (q *request) quirkNotes() (notes []string) {
	t, rule := q.route.tunnel, q.rule.Rule
	if where, ok := q.snap.ignoredAccess(t, rule); ok {
		note := "quirk " + quirkIgnoredAccess + ": the access block at top level checks nothing"
		if where != "" {
			note += " [" + where + "]"
		}
		notes = append(notes, note)
	}
	const trailers = "quic-drops-trailers"
	if q.grpc && t.def.Way() == "quic" && q.snap.quirkOn(trailers) {
		notes = append(notes, "quirk "+trailers+": the status of a gRPC call is lost over QUIC; protocol: http2 keeps it")
	}
	return notes
}

func isGRPC(h http.Header) bool {
	kind := h["Content-Type"]
	return len(kind) > 0 && strings.HasPrefix(kind[0], "application/grpc")
}
