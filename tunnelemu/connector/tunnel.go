package connector

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/wire"
)

// Tunnel is what the edge knows of a tunnel.
type Tunnel struct {
	ID         string // UUID, in either case
	AccountTag string // 32 hex digits
	Secret     []byte // 32 bytes or more
	Name       string // for logs; "": the id
	// Managed says that configuration comes from the edge. A connector of a tunnel that is not reports its own.
	Managed bool
}

// token is what a connector takes as TUNNEL_TOKEN, before base64.
type token struct {
	Account string `json:"a"`
	Tunnel  string `json:"t"`
	Secret  []byte `json:"s"`
}

// Token is what `cloudflared tunnel run --token` takes.
func (t Tunnel) Token() string {
	b, _ := json.Marshal(token{t.AccountTag, t.ID, t.Secret}) // strings and bytes always marshal
	return base64.StdEncoding.EncodeToString(b)
}

// ParseToken reads a token back; Name and Managed are not in it.
func ParseToken(s string) (Tunnel, error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return Tunnel{}, fmt.Errorf("tunnel token: %w", err)
	}
	var k token
	if err := json.Unmarshal(b, &k); err != nil {
		return Tunnel{}, fmt.Errorf("tunnel token: %w", err)
	}
	return checkTunnel("tunnel token", Tunnel{ID: k.Tunnel, AccountTag: k.Account, Secret: k.Secret})
}

// credentials is the file that `cloudflared tunnel create` writes.
type credentials struct {
	AccountTag   string
	TunnelSecret []byte
	TunnelID     string
}

// Credentials is the content of a credentials file.
func (t Tunnel) Credentials() []byte {
	b, _ := json.Marshal(credentials{t.AccountTag, t.Secret, t.ID})
	return b
}

// ParseCredentials reads a credentials file; Name and Managed are not in it.
func ParseCredentials(file []byte) (Tunnel, error) {
	var c credentials
	if err := json.Unmarshal(file, &c); err != nil {
		return Tunnel{}, fmt.Errorf("tunnel credentials: %w", err)
	}
	return checkTunnel("tunnel credentials", Tunnel{ID: c.TunnelID, AccountTag: c.AccountTag, Secret: c.TunnelSecret})
}

func checkTunnel(what string, t Tunnel) (Tunnel, error) {
	id, ok := parseID(t.ID)
	if !ok {
		return Tunnel{}, fmt.Errorf("%s: the tunnel id is %.60q; a UUID is needed", what, t.ID)
	}
	t.ID = formatID(id)
	return t, nil
}

// parseID reads a UUID.
func parseID(s string) (id wire.ID, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, false
	}
	digits := [32]byte{}
	copy(digits[:], s[:8])
	copy(digits[8:], s[9:13])
	copy(digits[12:], s[14:18])
	copy(digits[16:], s[19:23])
	copy(digits[20:], s[24:])
	_, err := hex.Decode(id[:], digits[:])
	return id, err == nil
}

func formatID(id wire.ID) string {
	h := hex.EncodeToString(id[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
