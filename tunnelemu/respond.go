package tunnelemu

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/sundog-edge/sundog/internal/piece"
)

// respond passes a response on. It panics with http.ErrAbortHandler when either side breaks off.
func (p *profile) respond(w http.ResponseWriter, resp *http.Response) {
	h := w.Header()
	for name, values := range resp.Header {
		switch name {
		case "Connection", "Keep-Alive", "Proxy-Connection", "Upgrade", "Transfer-Encoding":
			// About the origin's connection. The edge would drop them; Go's server would obey them.
			continue
		}
		if p.dropsControl && isControl(name) {
			continue
		}
		if have := h[name]; len(have) > 0 {
			h[name] = append(have, values...)
		} else {
			h[name] = values
		}
	}
	if _, ok := h["Content-Type"]; !ok {
		// An entry without values keeps the server from guessing one.
		h["Content-Type"] = nil
	}
	announced := 0
	if !p.dropsTrailers {
		announced = announce(h, resp.Trailer)
	}
	w.WriteHeader(resp.StatusCode)
	if err := p.copy(w, resp); err != nil {
		panic(http.ErrAbortHandler)
	}
	if len(resp.Trailer) > 0 && !p.dropsTrailers {
		sendTrailers(w, resp.Trailer, announced)
	}
}

// isControl is a header of the connector's own, which the HTTP/2 transport keeps origins from setting.
func isControl(name string) bool {
	for _, prefix := range [...]string{"cf-int-", "cf-cloudflared-", "cf-proxy-"} {
		if len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
			return true
		}
	}
	return false
}

// announce names the trailers that the origin has announced.
func announce(h, trailer http.Header) int {
	if len(trailer) == 0 {
		return 0
	}
	names := make([]string, 0, len(trailer))
	for name := range trailer {
		names = append(names, name)
	}
	slices.Sort(names)
	h.Add("Trailer", strings.Join(names, ", "))
	return len(names)
}

// sendTrailers sends trailers on, declared or not. The flush keeps the server from choosing a Content-Length at the last moment.
func sendTrailers(w http.ResponseWriter, trailer http.Header, announced int) {
	_ = piece.Flush(w)
	prefix := ""
	if len(trailer) != announced {
		prefix = http.TrailerPrefix
	}
	for name, values := range trailer {
		w.Header()[prefix+name] = values
	}
}

// isStream says that the headers are wanted at once, since the first piece may be long in coming.
func isStream(resp *http.Response) bool {
	kind := resp.Header.Get("Content-Type")
	for _, prefix := range [...]string{"text/event-stream", "application/grpc", "application/x-ndjson"} {
		if len(kind) >= len(prefix) && strings.EqualFold(kind[:len(prefix)], prefix) {
			return true
		}
	}
	return false
}

const bufferSize = piece.BufferSize

var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// copy streams the body, or holds it as cloudflared does.
func (p *profile) copy(w http.ResponseWriter, resp *http.Response) error {
	if resp.ContentLength == 0 || resp.Body == http.NoBody {
		return nil
	}
	stream := isStream(resp)
	if p.holdsKnownLength && len(resp.Header["Content-Length"]) > 0 && !stream {
		return hold(w, resp.Body)
	}
	buf := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buf)
	return piece.Copy(w, resp.Body, resp.ContentLength, stream, buf)
}
