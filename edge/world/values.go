package world

import (
	"encoding/base64"
	"net/netip"
	"strconv"
	"time"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/tunnelemu"
)

// Settings is what holds for the world as a whole.
type Settings struct {
	Team             string // "acme" of acme.cloudflareaccess.com; never empty in a loaded world
	AccountID        string // 32 lower-case hex digits; derived when the file gives none
	AccountName      string
	WorkersSubdomain string // "acme" of NAME.acme.workers.dev; in a loaded world the team when no file says it

	// When what Access grants ends. All may be zero: see accessemu.Endings.
	Seats         int
	LogoutLatency time.Duration
	KeyRotation   time.Duration
}

// Record is a DNS record and the zone it lies in. In a loaded world its name
// is absolute, in lower case and punycode, without a trailing dot.
type Record struct {
	ZoneID string
	dnsemu.Record
}

// Tunnel is a tunnel, and when it is routed in process, its configuration.
type Tunnel struct {
	ID         string            `json:"id,omitempty"`          // as the file says, any string: "abc123"
	Name       string            `json:"name,omitempty"`        // unique among the tunnels of a world
	Secret     string            `json:"secret,omitempty"`      // of a tunnel that a connector dials in for
	ConfigFile string            `json:"config_file,omitempty"` // a cloudflared config.yml, relative to the world's folder
	Transport  string            `json:"transport,omitempty"`   // "auto", "quic", "http2" or "none"; empty: the configuration's protocol
	Config     *tunnelemu.Config `json:"config,omitempty"`      // read from ConfigFile, or the API's object written inline; nil: none
	UUID       string            `json:"-"`                     // ID when that is a UUID, else derived from it

	// ConnectorFile is the config.yml of a real connector, of a tunnel with a secret that is served by nobody else; "":
	// none was found.
	ConnectorFile string `json:"-"`
}

// DialledIn tells whether only a real connector serves the tunnel: it has a secret, and no config_file.
func (t *Tunnel) DialledIn() bool { return t.Secret != "" && t.ConfigFile == "" }

// Label is how a person names the tunnel: its name, else its id.
func (t *Tunnel) Label() string {
	if t.Name != "" {
		return t.Name
	}
	return t.ID
}

// secretTrouble is what is wrong with the secret; empty: nothing, or there is none.
func (t *Tunnel) secretTrouble() string {
	secret, err := base64.StdEncoding.DecodeString(t.Secret)
	switch {
	case t.Secret == "":
		return ""
	case err != nil:
		return "a text that is no base64"
	case len(secret) < 32:
		return "a secret of " + strconv.Itoa(len(secret)) + " bytes"
	}
	return ""
}

// Client is who a request comes from, chosen by name.
type Client struct {
	Name    string     `json:"-"`
	IP      netip.Addr `json:"ip,omitzero"`              // invalid: the address of the connection
	Country string     `json:"country,omitempty"`        // ISO 3166 alpha-2 in capitals, or XX or T1; empty: unknown
	ASN     uint32     `json:"asn,omitempty"`            // 0: unknown
	Posture []string   `json:"device_posture,omitempty"` // posture checks that the device passes, by their integration_uid
}

// Origin says where a dial really goes. Host header and server name stay those
// of From, whose scheme only says the port where none is written: what is dialled
// is host:port.
type Origin struct {
	From string // "http://grafana:3000", as written
	To   string // "http://127.0.0.1:13000", or "unix:/run/app.sock"
}

// Quirk turns one surprise of the real thing off or on. Names are those of
// [Quirks].
type Quirk struct {
	Name string
	On   bool
}

// Egress is one pattern of what the edge may dial outside the world.
type Egress struct {
	Pattern string // "api.github.com:443", "*.npmjs.org:443", "127.0.0.1:*"
}
