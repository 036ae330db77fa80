package edge

import (
	"net/http"
	"strings"
)

// hopByHop are the headers that concern one connection only (RFC 9110, section 7.6.1).
var hopByHop = []string{
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Transfer-Encoding", "Upgrade",
}

// removeHopByHop cleans a header map of what concerned the last connection, the headers that
// Connection names included, and keeps "TE: trailers", which gRPC needs. It says whether the
// request asked to become a WebSocket. It runs before anything of ours is set, so that a client
// cannot name our headers in Connection.
func removeHopByHop(h http.Header) (websocket bool) {
	if len(h["Connection"]) == 0 && len(h["Te"]) == 0 && len(h["Upgrade"]) == 0 && len(h["Proxy-Connection"]) == 0 &&
		len(h["Keep-Alive"]) == 0 && len(h["Proxy-Authorization"]) == 0 && len(h["Proxy-Authenticate"]) == 0 {
		return false
	}
	trailers := false
	for _, v := range h["Te"] {
		trailers = trailers || hasToken(v, "trailers")
	}
	upgrade := false
	for _, v := range h["Connection"] {
		for name := range strings.SplitSeq(v, ",") {
			name = http.CanonicalHeaderKey(strings.TrimSpace(name))
			if name == "Upgrade" {
				upgrade = true // read below, then deleted
				continue
			}
			delete(h, name)
		}
	}
	if upgrade {
		for _, v := range h["Upgrade"] {
			websocket = websocket || hasToken(v, "websocket")
		}
	}
	for _, name := range hopByHop {
		delete(h, name)
	}
	if trailers {
		h["Te"] = trailersOnly
	}
	if websocket {
		h["Connection"] = upgradeOnly
		h["Upgrade"] = websocketOnly
	}
	return websocket
}

// Shared by all requests; nobody writes into a header's slice.
var (
	trailersOnly   = []string{"trailers"}
	closeOnly      = []string{"close"}
	chunkedOnly    = []string{"chunked"}
	upgradeOnly    = []string{"Upgrade"}
	websocketOnly  = []string{"websocket"}
	schemeHTTP     = []string{"http"}
	schemeHTTPS    = []string{"https"}
	visitorHTTP    = []string{`{"scheme":"http"}`}
	visitorHTTPS   = []string{`{"scheme":"https"}`}
	loopFirst      = []string{"cloudflare; loops=1"}
	encodingBoth   = []string{"gzip, br"}
	encodingGzip   = []string{"gzip"}
	encodingBrotli = []string{"br"}
	encodingNone   = []string{"identity"}
	encodingWorker = []string{"br, gzip"}
	serverName     = []string{"cloudflare"}
)

func hasToken(list, token string) bool {
	for part := range strings.SplitSeq(list, ",") {
		part, _, _ = strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(part), token) {
			return true
		}
	}
	return false
}

// removeEdgeHeaders takes away what only an edge may say. Cf-Access-* is left to Access,
// which has to read it first.
func removeEdgeHeaders(h http.Header) {
	for name := range h {
		if len(name) < 4 {
			continue
		}
		switch name[0] {
		case 'C':
			if strings.HasPrefix(name, "Cf-") && !strings.HasPrefix(name, "Cf-Access-") {
				delete(h, name)
			}
		case 'S':
			if strings.HasPrefix(name, "Sundog-") {
				delete(h, name)
			}
		}
		if odd(name) && readsAsOurs(name) {
			delete(h, name)
		}
	}
}

// odd is a name with a byte that an origin could read as a dash.
func odd(name string) bool {
	for i := 0; i < len(name); i++ {
		if c := name[i]; c != '-' && !letterOrDigit(c) {
			return true
		}
	}
	return false
}

func letterOrDigit(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// readsAsOurs is a name that an origin which reads odd bytes as dashes (CGI and its heirs do) takes
// for one of the edge's.
func readsAsOurs(name string) bool {
	name = http.CanonicalHeaderKey(strings.Map(func(r rune) rune {
		if r < 0x80 && letterOrDigit(byte(r)) {
			return r
		}
		return '-'
	}, name))
	return strings.HasPrefix(name, "Cf-") || strings.HasPrefix(name, "Sundog-") || strings.HasPrefix(name, "X-Forwarded-") || name == "Cdn-Loop"
}

// acceptEncoding narrows the client's Accept-Encoding to what the edge itself asks origins
// for. A client that sends none gets an answer without encoding or what the connector makes of it.
func acceptEncoding(h http.Header) {
	values := h["Accept-Encoding"]
	if len(values) == 0 {
		return
	}
	gzip, brotli := false, false
	for _, v := range values {
		for part := range strings.SplitSeq(v, ",") {
			coding, params, _ := strings.Cut(part, ";")
			if refused(params) {
				continue
			}
			switch coding = strings.TrimSpace(coding); {
			case strings.EqualFold(coding, "gzip"), coding == "*":
				gzip = true
			case strings.EqualFold(coding, "br"):
				brotli = true
			}
		}
	}
	switch {
	case gzip && brotli:
		h["Accept-Encoding"] = encodingBoth
	case gzip:
		h["Accept-Encoding"] = encodingGzip
	case brotli:
		h["Accept-Encoding"] = encodingBrotli
	default:
		h["Accept-Encoding"] = encodingNone
	}
}

// refused reads "q=0" in its ways of being written: 0, 0.0, 0.000.
func refused(params string) bool {
	_, q, ok := strings.Cut(strings.ReplaceAll(strings.ToLower(params), " ", ""), "q=")
	return ok && strings.HasPrefix(q, "0") && strings.Trim(q, "0.") == ""
}
