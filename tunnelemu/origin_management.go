package tunnelemu

import (
	"io"
	"net/http"
)

// managementOrigin is the connector's own service behind its management host. No management token is ever issued here,
// so every request is answered as one without a valid token.
type managementOrigin struct{}

func (managementOrigin) serve(_ *Tunnel, w http.ResponseWriter, r *http.Request, _ Decision) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = io.WriteString(w, `{"success":false,"errors":[{"code":1001,"message":"a valid access_token query parameter is needed"}]}`)
	return nil
}
