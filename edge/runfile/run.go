package runfile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/netip"
	"strings"
	"time"
)

// Ready says where an edge listens and what to trust. These are the keys of
// --ready-file, all of them and no other.
type Ready struct {
	HTTPS   string `json:"https"`  // "host:port"; "" for a listener that does not exist
	Proxy   string `json:"proxy"`  // likewise
	DNS     string `json:"dns"`    // one number for UDP and TCP
	Tunnel  string `json:"tunnel"` // where connectors dial in, one number for TCP and UDP
	Admin   string `json:"admin"`
	CA      string `json:"ca"`     // path of ca.pem
	Bundle  string `json:"bundle"` // path of bundle.pem
	SPKI    string `json:"spki"`   // base64 SHA-256 of the CA's key
	Version string `json:"version"`
}

// Run is one running edge.
type Run struct {
	Address string    `json:"address"` // "host:port" of its admin listener
	Token   string    `json:"token"`   // SUNDOG_TOKEN
	PID     int       `json:"pid"`
	World   string    `json:"world"` // absolute path of the world's folder or file
	Ready   Ready     `json:"ready"`
	Started time.Time `json:"started"`
}

// name is the file of a run. Two edges of one world have two files: no two
// live edges have one address.
func (r *Run) name() string {
	return shortHash(r.World, 16) + "-" + shortHash(canonicalAddress(r.Address), 4) + ".json"
}

func shortHash(s string, n int) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:n])
}

func (r *Run) encode() ([]byte, error) {
	data, err := json.MarshalIndent(r, "", "  ")
	return append(data, '\n'), err
}

// canonicalAddress brings "http://localhost:4300/" and "127.0.0.1:4300" to
// one form; empty: it is no address.
func canonicalAddress(s string) string {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "http://"), "https://")
	s, _, _ = strings.Cut(s, "/")
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return ""
	}
	host = strings.ToLower(host)
	if ip, err := netip.ParseAddr(host); host == "" || host == "localhost" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	} else if err == nil {
		host = ip.Unmap().String()
	}
	return net.JoinHostPort(host, port)
}
