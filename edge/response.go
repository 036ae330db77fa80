package edge

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
)

// response is the client's ResponseWriter with the last word on headers: what
// the edge says of itself is set, and what concerned the origin's connection removed,
// when the headers go out.
type response struct {
	http.ResponseWriter
	q     *request
	http1 bool
	wrote bool
	vals  [2]string
	stale []string // of Sundog-Config; nil: nothing is stale
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *response) WriteHeader(status int) {
	if w.wrote {
		return
	}
	if status < 200 && status != http.StatusSwitchingProtocols {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.finish(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(b []byte) (int, error) {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// ReadFrom keeps the copy that the connection's own writer can do better.
func (w *response) ReadFrom(src io.Reader) (int64, error) {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	if rf, ok := w.ResponseWriter.(io.ReaderFrom); ok {
		return rf.ReadFrom(src)
	}
	return io.Copy(struct{ io.Writer }{w.ResponseWriter}, src)
}

// FlushError and Flush send what is written.
func (w *response) FlushError() error {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *response) Flush() { w.FlushError() }

// Hijack hands over the connection for a protocol switch; the headers set so
// far are finished, since the caller writes them itself.
func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil && !w.wrote {
		w.finish(http.StatusSwitchingProtocols)
	}
	return conn, rw, err
}

func (w *response) finish(status int) {
	w.wrote = true
	q := w.q
	q.status.Store(int32(status))
	h := w.Header()
	if q.guard.Verdict == accessemu.Forward {
		q.guard.Finish(h)
	}
	closing := w.http1 && slices.ContainsFunc(h["Connection"], func(v string) bool { return hasToken(v, "close") })
	removeHopByHop(h)
	if closing { // the target answered before the request ended, so that the connection is of no further use
		h["Connection"] = closeOnly
	}
	for name := range h {
		if len(name) > 8 && name[0] == 'X' && strings.HasPrefix(name, "X-Accel-") {
			delete(h, name)
		}
	}
	if status == http.StatusSwitchingProtocols {
		h["Connection"], h["Upgrade"] = upgradeOnly, websocketOnly
	}
	by := q.by.Load()
	if by == nil {
		by = &byOrigin
		q.by.Store(by)
	}
	if *by == byOrigin || *by == byConnector { // a Worker may pass on why its own request was refused
		if q.late.Load() == nil && q.problem == nil && q.note.Load() == nil {
			delete(h, "Sundog-Why")
		}
	}
	if w.stale != nil {
		h["Sundog-Config"] = w.stale
	} else {
		delete(h, "Sundog-Config")
	}
	w.vals[0], w.vals[1] = q.ray, *by
	h["Server"] = serverName
	h["Cf-Ray"] = w.vals[0:1:1]
	h["Sundog-Answered-By"] = w.vals[1:2:2]
}
