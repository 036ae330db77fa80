package world

import (
	"strings"
	"time"
)

// checkAccepted checks an entry of audit.accept.
func (d *draft) checkAccepted(doc *Document) {
	a := doc.Value.(*Accepted)
	host, path, _ := strings.Cut(a.Host, "/")
	switch host = canonical(host); {
	case a.Host == "":
		d.report(doc, "host", "missing", "a host, or host/path", "the key is required")
	case strings.Contains(a.Host, "://"), !hostname.MatchString(strings.TrimPrefix(host, "*.")):
		d.report(doc, "host", "the text "+quote(a.Host), "a host, or host/path", "")
	default:
		a.Host = host
		if path != "" {
			a.Host += "/" + path
		}
	}
	if strings.TrimSpace(a.Reason) == "" {
		d.report(doc, "reason", "missing", "why it may be public", "the key is required")
	}
	if a.Until != "" {
		if _, err := time.Parse(time.DateOnly, a.Until); err != nil {
			d.report(doc, "until", "the text "+quote(a.Until), "a date, as 2027-01-31", "")
		}
	}
}
