package tunnelemu

import (
	"math"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// Config is a parsed connector configuration: a config.yml, or the API's configuration object. Its JSON form is the
// API's object (durations in whole seconds); ParseJSON reads that form back. A Config may also be filled by hand.
type Config struct {
	File          string         `json:"-"` // as given to the parser, used in messages
	Tunnel        string         `json:"-"` // id or name that `tunnel run` falls back to; only in config.yml
	Ingress       []Rule         `json:"ingress"`
	OriginRequest OriginRequest  `json:"originRequest,omitzero"` // defaults of every rule, key by key
	WarpRouting   WarpRouting    `json:"warp-routing,omitzero"`  // parsed and checked; private routing is not emulated
	Settings      map[string]any `json:"-"`                      // the other top-level keys of config.yml, by name: "protocol", "credentials-file", ...

	root *yaml.Node // of the parsed document, for At; nil when filled by hand
	api  bool       // the API's form
}

// Rule is one ingress rule.
type Rule struct {
	Hostname      string        `json:"hostname,omitempty"` // "" and "*" match every host; "*.example.com" any host below
	Path          string        `json:"path,omitempty"`     // RE2 expression, searched anywhere in the decoded path; "" matches all
	Service       string        `json:"service"`            // "http://localhost:8080", "unix:/run/app.sock", "http_status:404", "hello_world", ...
	OriginRequest OriginRequest `json:"originRequest,omitzero"`

	Line   int `json:"-"` // where the rule begins in Config.File; 0 when unknown
	Column int `json:"-"`
}

// OriginRequest says how to talk to the origin. Nil means: not set here, so the rule takes the top-level value, and
// failing that the default.
type OriginRequest struct {
	ConnectTimeout         *Duration `json:"connectTimeout,omitempty"`         // TCP dial only; default 30s
	TLSTimeout             *Duration `json:"tlsTimeout,omitempty"`             // TLS handshake; default 10s
	TCPKeepAlive           *Duration `json:"tcpKeepAlive,omitempty"`           // period of keep-alive probes; default 30s
	NoHappyEyeballs        *bool     `json:"noHappyEyeballs,omitempty"`        // no IPv4/IPv6 race
	KeepAliveConnections   *int      `json:"keepAliveConnections,omitempty"`   // idle connections kept; default 100
	KeepAliveTimeout       *Duration `json:"keepAliveTimeout,omitempty"`       // lifetime of an idle connection; default 90s
	HTTPHostHeader         *string   `json:"httpHostHeader,omitempty"`         // replaces Host; the original goes to X-Forwarded-Host
	OriginServerName       *string   `json:"originServerName,omitempty"`       // SNI and expected certificate name
	MatchSNIToHost         *bool     `json:"matchSNItoHost,omitempty"`         // SNI is the request's host; forces HTTP/1.1
	CAPool                 *string   `json:"caPool,omitempty"`                 // PEM file added to the system roots
	NoTLSVerify            *bool     `json:"noTLSVerify,omitempty"`            // accept any certificate
	DisableChunkedEncoding *bool     `json:"disableChunkedEncoding,omitempty"` // a request body of unknown length goes out unframed
	BastionMode            *bool     `json:"bastionMode,omitempty"`            // whatever the service says, the client names the destination
	ProxyAddress           *string   `json:"proxyAddress,omitempty"`           // without effect, as in the connector
	ProxyPort              *uint     `json:"proxyPort,omitempty"`              // without effect, as in the connector
	ProxyType              *string   `json:"proxyType,omitempty"`              // "socks": the client of a tcp-like service speaks SOCKS5
	IPRules                []IPRule  `json:"ipRules,omitempty"`                // only for socks-proxy, from the rule itself; none: every destination is denied
	HTTP2Origin            *bool     `json:"http2Origin,omitempty"`            // offer h2 to https origins
	Access                 *Access   `json:"access,omitempty"`                 // ignored at top level, as in the connector
}

// IPRule is one destination rule of a socks-proxy service.
type IPRule struct {
	Prefix *string `json:"prefix,omitempty"` // CIDR
	Ports  []int   `json:"ports,omitempty"`  // none: every port
	Allow  bool    `json:"allow,omitempty"`
}

// Access asks the connector to check the Access token of every request.
type Access struct {
	Required    bool     `json:"required,omitempty"`
	TeamName    string   `json:"teamName,omitempty"`
	AudTag      []string `json:"audTag,omitempty"`
	Environment string   `json:"environment,omitempty"` // "fed" or ""
}

// WarpRouting configures the private-network dialer.
type WarpRouting struct {
	ConnectTimeout *Duration `json:"connectTimeout,omitempty"` // default 5s
	MaxActiveFlows *uint64   `json:"maxActiveFlows,omitempty"` // default 0: no limit
	TCPKeepAlive   *Duration `json:"tcpKeepAlive,omitempty"`   // default 30s
}

// Duration is a Go duration string in config.yml and a whole number of seconds in JSON.
type Duration time.Duration

// MarshalJSON writes whole seconds.
func (d Duration) MarshalJSON() ([]byte, error) {
	return strconv.AppendInt(nil, int64(time.Duration(d)/time.Second), 10), nil
}

// UnmarshalJSON reads whole seconds.
func (d *Duration) UnmarshalJSON(b []byte) error {
	seconds, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		return &Error{Class: ClassType, Found: string(b), Allowed: wholeSeconds}
	}
	*d = durationOf(seconds)
	return nil
}

func durationOf(seconds int64) Duration {
	const limit = math.MaxInt64 / int64(time.Second)
	return Duration(min(max(seconds, -limit), limit) * int64(time.Second))
}

// Position is a place in the file; the zero Position is unknown.
type Position struct{ Line, Column int }

// At is the position of a field path such as "ingress[0].originRequest.proxyType", or of its nearest parent that the
// document has.
func (c *Config) At(field string) Position {
	if c.root == nil {
		return Position{}
	}
	n := locate(c.root, field, c.api)
	return Position{n.Line, n.Column}
}
