package tunnelemu

import (
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/internal/nearest"
)

// Quirk is a documented limit of the connector, or of a transport between edge and connector, that a Tunnel shows.
type Quirk struct {
	Name      string // as Options.Quirks knows it: "quic-drops-trailers"
	Transport string // where it shows: "quic", "http2", "quic, http2", or "" for the connector whatever the transport
	What      string // what happens, in one sentence
	Source    string // where it is known from
}

// profile is what a Tunnel shows of its transport: what it drops, holds back or frames anew. The zero profile has no
// quirks.
type profile struct {
	dropsTrailers    bool
	needsChunked     bool
	chunksEmptyBody  bool
	dropsControl     bool
	holdsKnownLength bool
	refusesUnixWS    bool
	joinsCookies     bool
	consumesExpect   bool
	unixTLSLocalhost bool
	swallowsHints    bool
	unframedBody     bool
	topAccessIgnored bool
}

const (
	onQUIC  = "quic"
	onHTTP2 = "http2"
	onBoth  = "quic, http2"
)

var quirks = []struct {
	Quirk
	in func(*profile) *bool
}{
	{Quirk{"quic-drops-trailers", onQUIC, "Trailers of requests and responses are lost, and with them the status of gRPC calls.",
		"cloudflared connection/quic_connection.go"}, func(p *profile) *bool { return &p.dropsTrailers }},
	{Quirk{"quic-needs-chunked", onQUIC, "A request body of unknown length is carried only when the edge sent Transfer-Encoding: chunked; else the origin gets no body.",
		"cloudflared connection/quic_connection.go"}, func(p *profile) *bool { return &p.needsChunked }},
	{Quirk{"http2-chunks-empty-body", onHTTP2, "POST, PUT and PATCH without a body reach the origin as Transfer-Encoding: chunked with a zero chunk, in place of Content-Length: 0.",
		"cloudflared proxy/proxy.go over net/http's HTTP/2 server"}, func(p *profile) *bool { return &p.chunksEmptyBody }},
	{Quirk{"http2-drops-control-headers", onHTTP2, "Response headers of the origin that begin with cf-int-, cf-cloudflared- or cf-proxy- are dropped.",
		"cloudflared connection/header.go"}, func(p *profile) *bool { return &p.dropsControl }},
	{Quirk{"http2-holds-known-length", onHTTP2, "A response with Content-Length is held back until 4096 bytes or its end, unless it is an event stream, gRPC or ndjson.",
		"cloudflared connection/connection.go, connection/http2.go"}, func(p *profile) *bool { return &p.holdsKnownLength }},
	{Quirk{"http2-refuses-unix-websocket", onHTTP2, "A WebSocket to a unix: or unix+tls: service is always a 502.",
		"cloudflared connection/http2.go"}, func(p *profile) *bool { return &p.refusesUnixWS }},
	{Quirk{"http2-joins-cookies", onHTTP2, `Several Cookie lines of a request become one, joined with "; ".`,
		"RFC 9113, section 8.2.3"}, func(p *profile) *bool { return &p.joinsCookies }},
	{Quirk{"http2-consumes-expect", onHTTP2, "Expect: 100-continue is answered by the connector, and the origin never sees it.",
		"net/http's HTTP/2 server"}, func(p *profile) *bool { return &p.consumesExpect }},
	{Quirk{"http2-unix-tls-localhost", onHTTP2, "The TLS server name for unix+tls: is localhost unless originServerName is set; over QUIC it is the request's host.",
		"cloudflared connection/http2.go"}, func(p *profile) *bool { return &p.unixTLSLocalhost }},
	{Quirk{"swallows-early-hints", onBoth, "Informational responses of the origin, such as 103 Early Hints, never reach the client.",
		"cloudflared proxy/proxy.go"}, func(p *profile) *bool { return &p.swallowsHints }},
	{Quirk{"disable-chunked-unframed", onBoth, "With disableChunkedEncoding a body of unknown length is sent with neither Content-Length nor Transfer-Encoding, so HTTP/1.1 origins see an empty one.",
		"cloudflared proxy/proxy.go"}, func(p *profile) *bool { return &p.unframedBody }},
	{Quirk{"top-level-access-ignored", "", "originRequest.access at top level is read and reported, but no request is checked.",
		"https://github.com/cloudflare/cloudflared/issues/784"}, func(p *profile) *bool { return &p.topAccessIgnored }},
}

// Quirks lists every quirk, those of QUIC first.
func Quirks() []Quirk {
	list := make([]Quirk, len(quirks))
	for i, q := range quirks {
		list[i] = q.Quirk
	}
	return list
}

var transports = []string{"auto", "quic", "http2", "none"}

// transport is what a Tunnel behaves as: the option, else config.yml's protocol, else auto.
func (c *Config) transport(option string) (string, *Error) {
	if option != "" {
		if !slices.Contains(transports, option) {
			return "", &Error{Class: ClassOption, Field: "Options.Transport", Found: quoted(option), Allowed: strings.Join(transports, ", "), Hint: didYouMean(option, transports)}
		}
	} else {
		option, _ = c.Settings["protocol"].(string)
		known := []string{"auto", "quic", "http2", "h2mux"}
		if option != "" && !slices.Contains(known, option) {
			return "", c.errorAt("protocol", &Error{Class: ClassProtocol, Found: quoted(option), Allowed: "auto, quic, http2", Hint: didYouMean(option, known)})
		}
	}
	switch option {
	case "", "auto":
		return "quic", nil
	case "h2mux": // the name of a transport that is gone
		return "http2", nil
	}
	return option, nil
}

// profileOf has the transport's quirks, but for those that chosen turns on or off.
func profileOf(transport string, chosen map[string]bool) (profile, Errors) {
	var p profile
	names := make([]string, len(quirks))
	for i, q := range quirks {
		names[i] = q.Name
		on, said := chosen[q.Name]
		*q.in(&p) = said && on || !said && (q.Transport == "" || strings.Contains(q.Transport, transport))
	}
	var errs Errors
	for name := range chosen {
		if !slices.Contains(names, name) {
			errs = append(errs, &Error{Class: ClassOption, Field: "Options.Quirks", Found: "no quirk is called " + quoted(name), Allowed: strings.Join(names, ", "), Hint: didYouMean(name, names)})
		}
	}
	slices.SortFunc(errs, func(a, b *Error) int { return strings.Compare(a.Found, b.Found) })
	return p, errs
}

func didYouMean(word string, known []string) string {
	if near := nearest.Word(word, known); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}
