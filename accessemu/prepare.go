package accessemu

import (
	"net/http"
	"strings"
)

const (
	headerAssertion = "Cf-Access-Jwt-Assertion"
	headerToken     = "Cf-Access-Token"
	headerEmail     = "Cf-Access-Authenticated-User-Email"
	headerJump      = "Cf-Access-Jump-Destination"
	headerClientID  = "Cf-Access-Client-Id"
	headerSecret    = "Cf-Access-Client-Secret"
)

// Prepare makes the headers of a request that is passed on: all that a client
// may not say is removed, and what the decision adds is added. It is called for
// every request, also for those that no application covers.
//
// Headers named in Connection are meant for the next hop only, and a client
// must not be able to name ours. The caller therefore removes hop-by-hop
// headers before Prepare; for a caller that cannot (httputil.ReverseProxy
// removes them after Director), Prepare also takes the names of Access out of
// Connection.
func (d *Decision) Prepare(h http.Header) {
	for name := range h {
		if accessHeader(name) && !strings.EqualFold(name, headerJump) {
			delete(h, name)
		}
	}
	protectConnection(h)
	if d.App == nil {
		return
	}
	if name := d.App.doc.ServiceTokensHeader; name != "" {
		h.Del(name)
	}
	removeCookie(h, "CF_Binding")
	if d.Verdict == Forward && len(d.assertion) > 0 {
		h[headerAssertion] = d.assertion
		h[headerEmail] = d.email
	}
}

// accessHeader also holds for names with underscores: an origin that reads
// headers from its environment cannot tell them from ours.
func accessHeader(name string) bool {
	const prefix = "cf-access-"
	if len(name) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		c := name[i] | 0x20
		if name[i] == '_' || name[i] == '-' {
			c = '-'
		}
		if c != prefix[i] {
			return false
		}
	}
	return true
}

func protectConnection(h http.Header) {
	values, ok := h["Connection"]
	if !ok {
		return
	}
	var kept []string
	changed := false
	for _, value := range values {
		for name := range strings.SplitSeq(value, ",") {
			if name = strings.TrimSpace(name); accessHeader(name) {
				changed = true
			} else if name != "" {
				kept = append(kept, name)
			}
		}
	}
	switch {
	case !changed:
	case len(kept) == 0:
		delete(h, "Connection")
	default:
		h["Connection"] = []string{strings.Join(kept, ", ")}
	}
}

// removeCookie removes every cookie of one name and leaves the others as they
// were written.
func removeCookie(h http.Header, name string) {
	lines := h["Cookie"]
	for i, line := range lines {
		if !strings.Contains(line, name) {
			continue
		}
		var kept []string
		for part := range strings.SplitSeq(line, ";") {
			if key, _, _ := strings.Cut(strings.TrimSpace(part), "="); key != name && key != "" {
				kept = append(kept, strings.TrimSpace(part))
			}
		}
		fresh := append([]string(nil), lines...)
		fresh[i] = strings.Join(kept, "; ")
		lines = fresh
	}
	if len(lines) == 1 && lines[0] == "" {
		delete(h, "Cookie")
	} else if len(lines) > 0 {
		h["Cookie"] = lines
	}
}
