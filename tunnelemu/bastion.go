package tunnelemu

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

const jumpHeader = "Cf-Access-Jump-Destination"

// bastionDest is where the client of a bastion wants to go: the header's host and port, without scheme, user and path.
func bastionDest(r *http.Request) (string, error) {
	dest := r.Header.Get(jumpHeader)
	if dest == "" {
		return "", fmt.Errorf("%w: the client sent no %s (cloudflared access sends it with --destination)", errNoAddress, jumpHeader)
	}
	if u, err := url.Parse(dest); err == nil && u.Host != "" {
		dest = u.Host
	}
	dest, _, _ = strings.Cut(dest, "/")
	return dest, nil
}
