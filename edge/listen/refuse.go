package listen

import (
	"io"
	"net/http"
	"strings"
)

// refuse answers for the proxy itself: one line of text, and the same line in
// a header, because curl shows no body of a refused CONNECT.
func refuse(w http.ResponseWriter, status int, text string) {
	if status < 200 || status > 599 {
		status = http.StatusForbidden
	}
	line := oneLine(text)
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Sundog-Answered-By", "edge")
	h.Set("Sundog-Why", line)
	w.WriteHeader(status)
	io.WriteString(w, text+"\n")
}

// oneLine makes a text fit for a header field.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < ' ':
			return ' '
		case r > '~':
			return '?'
		}
		return r
	}, s)
}
