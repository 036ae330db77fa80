package admin

import (
	"net/http"

	"github.com/sundog-edge/sundog/edge/audit"
)

// Auditor audits what is served.
type Auditor interface {
	// Audit says of every entrypoint who may enter, and what of that is probably a mistake.
	Audit() audit.Report
}

func (s *server) audit(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, s.backend.Audit())
}
