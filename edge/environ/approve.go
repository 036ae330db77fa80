package environ

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"path/filepath"
)

// cliPage is the page on which cloudflared asks for a person's tokens.
const cliPage = "/cdn-cgi/access/cli"

// asksApproval tells that a URL which a program wants a browser for is cloudflared's page.
func asksApproval(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Path == cliPage
}

// homeOf is cloudflared's home: of the edge, one for each person, so that the tokens that one command
// was given are found by the next; without an edge's folder that of the command.
func (t Tools) homeOf(dir string) string {
	if t.Home == "" {
		return filepath.Join(dir, "home")
	}
	if t.As == "" {
		return filepath.Join(t.Home, "home")
	}
	sum := sha256.Sum256([]byte(t.As))
	return filepath.Join(t.Home, hex.EncodeToString(sum[:8]), "home")
}
