package tunnelemu

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/internal/reqbody"
)

// proxy carries requests to one HTTP origin, over TCP or a unix socket.
type proxy struct {
	transport  *http.Transport
	scheme     string // "http" or "https"
	host       string // of the request's URL: the origin's address; "localhost" for a socket
	perHost    bool   // the URL names the request's host instead: it becomes the TLS server name, and connections are kept apart by it
	hostHeader string // replaces Host; "": Host stays
	socket     bool   // a unix socket
	unchunked  bool   // disableChunkedEncoding
}

func (p *proxy) serve(t *Tunnel, w http.ResponseWriter, r *http.Request, d Decision) error {
	upgrade := isWebSocket(r)
	if upgrade && p.socket && t.profile.refusesUnixWS {
		return t.originError(KindTransport, d, errUnixWebSocket)
	}
	out := p.request(t, r, upgrade)
	if !t.profile.swallowsHints {
		stop := passHints(w, &out)
		defer stop()
	}
	fromClient := out.Body != nil && out.Body != noBytes
	if fromClient && p.unchunked && out.ContentLength < 0 && !t.profile.unframedBody {
		fromClient = false
		if err := collect(out, collectLimit); errors.Is(err, errTooLong) {
			return t.originError(KindOther, d, err)
		} else if err != nil {
			return t.originError(KindBody, d, err)
		}
	}
	var body *reqbody.Body
	if fromClient {
		body = reqbody.New(out.Body)
		out.Body = body
		// The transport may still read when the response is through; the body is the server's again by then.
		defer body.Stop()
	}
	resp, err := p.transport.RoundTrip(out)
	if err != nil {
		kind := kindOf(r.Context(), err)
		if kind != KindCanceled && body != nil && body.Broken() {
			kind = KindBody
		}
		return t.originError(kind, d, err)
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return t.upgrade(w, r, d, resp, upgrade)
	}
	defer resp.Body.Close()
	if body != nil {
		body.AnswerEarly(w)
	}
	t.profile.respond(w, resp)
	if body != nil {
		body.Leave(w, r)
	}
	return nil
}

// The header values that the connector sets; shared, since the transport only reads them.
var (
	keepAlive        = []string{"keep-alive"}
	connUpgrade      = []string{"Upgrade"}
	upgradeWebSocket = []string{"websocket"}
	webSocketVersion = []string{"13"}
)

var errUnixWebSocket = errors.New("over HTTP/2 the connector carries no WebSocket to a unix socket (quirk http2-refuses-unix-websocket)")

// request is what the connector sends to the origin for r. The header map is its own, the values are shared with r.
func (p *proxy) request(t *Tunnel, r *http.Request, upgrade bool) *http.Request {
	out := r.WithContext(r.Context())
	out.URL = &url.URL{Scheme: p.scheme, Host: p.host, Opaque: r.URL.Opaque, Path: r.URL.Path, RawPath: r.URL.RawPath, ForceQuery: r.URL.ForceQuery, RawQuery: r.URL.RawQuery}
	out.Close = false
	h := make(http.Header, len(r.Header)+4)
	for name, values := range r.Header {
		switch name {
		case "Cf-Cloudflared-Proxy-Connection-Upgrade", "Cf-Trace-Id", "Upgrade":
			// The edge's notes to the connector, and what reaches the connector out of band.
		default:
			h[name] = values
		}
	}
	if upgrade {
		h["Connection"], h["Upgrade"], h["Sec-Websocket-Version"] = connUpgrade, upgradeWebSocket, webSocketVersion
		out.Body, out.ContentLength = nil, 0
	} else {
		h["Connection"] = keepAlive
		t.profile.body(out)
	}
	out.TransferEncoding = nil
	if p.unchunked && out.Body != nil {
		out.TransferEncoding = unframed
	}
	t.profile.headers(h)
	if t.profile.dropsTrailers {
		out.Trailer = nil
	}
	for _, tag := range t.tags {
		if have := h[tag.name]; have != nil {
			h[tag.name] = append(slices.Clip(have), tag.values...)
		} else {
			h[tag.name] = tag.values
		}
	}
	if _, ok := h["User-Agent"]; !ok {
		// An entry without values keeps net/http's own name out.
		h["User-Agent"] = nil
	}
	if p.hostHeader != "" {
		h["X-Forwarded-Host"] = []string{r.Host}
		out.Host = p.hostHeader
	}
	if p.perHost && out.Host != "" {
		out.URL.Host = out.Host
	}
	out.Header = h
	return out
}

// isWebSocket is what the edge tells the connector about a request. No other upgrade exists.
func isWebSocket(r *http.Request) bool {
	upgrade := r.Header["Upgrade"]
	if len(upgrade) == 0 || !strings.EqualFold(upgrade[0], "websocket") || r.ProtoMajor != 1 {
		return false
	}
	for _, line := range r.Header["Connection"] {
		for token := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.Trim(token, " \t"), "upgrade") {
				return true
			}
		}
	}
	return false
}
