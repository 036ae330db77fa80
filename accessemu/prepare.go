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
	if own := d.App.doc.ServiceTokensHeader; own != "" {
		for name := range h {
			if len(name) == len(own) && readsAs(name, own) {
				delete(h, name)
			}
		}
	}
	oneCookieAs(h, "CF_Binding", "")
	if d.Verdict == Forward && d.state != nil {
		d.mint()
	}
	if d.Verdict == Forward && len(d.assertion) > 0 {
		h[headerAssertion] = d.assertion
		if len(d.email) > 0 {
			h[headerEmail] = d.email
		}
		oneCookieAs(h, cookieAuthorization, d.assertion[0])
		if d.cookie != "" && !oneAlready(h["Cookie"], cookieAuthorization, d.assertion[0], 1) {
			h.Add("Cookie", cookieAuthorization+"="+d.assertion[0])
		}
	}
}

// Finish adds to the headers of an answer what Access says on a request that was
// passed on: a service token's first request is given the cookie. It is called
// after Prepare, once the origin's own headers are there.
func (d *Decision) Finish(h http.Header) {
	if d.cookie != "" {
		h.Add("Set-Cookie", d.cookie)
	}
}

// accessHeader holds for the names of Access, however an origin may read them.
func accessHeader(name string) bool {
	const prefix = "cf-access-"
	return len(name) >= len(prefix) && readsAs(name[:len(prefix)], prefix)
}

// readsAs tells whether a name of the same length could be taken for another:
// software that puts headers or cookies into variables writes every byte that
// is neither letter nor digit alike, and may not heed case.
func readsAs(name, other string) bool {
	for i := range len(name) {
		if lowerByte(name[i]) != lowerByte(other[i]) && (letterOrDigit(name[i]) || letterOrDigit(other[i])) {
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

// oneCookieAs leaves of the cookies that an origin may take for the one of that
// name a single one, with this value; none when the value is empty. It adds
// none, and leaves the others as they were written.
func oneCookieAs(h http.Header, name, value string) {
	lines := h["Cookie"]
	if oneAlready(lines, name, value, 0) {
		return
	}
	var fresh []string
	for _, line := range lines {
		var kept []string
		for part := range strings.SplitSeq(line, ";") {
			part = strings.Trim(part, " \t")
			switch {
			case !cookieReadsAs(part, name):
				if part != "" {
					kept = append(kept, part)
				}
			case value != "":
				kept = append(kept, name+"="+value)
				value = ""
			}
		}
		if len(kept) > 0 {
			fresh = append(fresh, strings.Join(kept, "; "))
		}
	}
	if len(fresh) == 0 {
		delete(h, "Cookie")
		return
	}
	h["Cookie"] = fresh
}

// oneAlready tells whether there is nothing to change: no other cookie is read as
// that name, and at least so many are it.
func oneAlready(lines []string, name, value string, least int) bool {
	found := 0
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ";") {
			part = strings.Trim(part, " \t")
			if !cookieReadsAs(part, name) {
				continue
			}
			if found++; value == "" || found > 1 || len(part) != len(name)+1+len(value) || part[:len(name)] != name || part[len(name)] != '=' || part[len(name)+1:] != value {
				return false
			}
		}
	}
	return found >= least
}

// cookieReadsAs also holds for names with spaces around them, which many
// origins trim and the edge does not.
func cookieReadsAs(part, name string) bool {
	key, _, _ := strings.Cut(part, "=")
	key = strings.Trim(key, " \t\"")
	return len(key) == len(name) && readsAs(key, name)
}
