// Package echo answers in place of an origin that is not there: with a page, or
// JSON, of the request that the origin would have got.
//
// What looks like a secret (cookies, tokens, Authorization, such parameters of the
// query) is shown by its length alone. The body is shown as it came.
package echo

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/sundog-edge/sundog/edge/problem"
)

// Answer is what is told about a request.
type Answer struct {
	By      string  `json:"answered_by"`     // "edge": no origin said this
	For     string  `json:"stands_in_for"`   // the service as the rule says it: "http://localhost:8080"
	Why     string  `json:"why"`             // one line
	Where   string  `json:"where,omitempty"` // file:line:column of the rule
	RayID   string  `json:"ray_id"`
	Request Request `json:"request"`
}

// Request is what was received.
type Request struct {
	Method  string              `json:"method"`
	URL     string              `json:"url"`
	Headers map[string][]string `json:"headers"`
	Body    Body                `json:"body"`
}

// Body is what came of a body.
type Body struct {
	Bytes     int64  `json:"bytes"`               // that came, MaxBody at most
	Complete  bool   `json:"complete"`            // false: there is more, or it broke off
	Note      string `json:"note,omitempty"`      // why it is not complete
	Text      string `json:"text,omitempty"`      // its beginning, when that is UTF-8
	Base64    string `json:"base64,omitempty"`    // its beginning otherwise
	Shortened bool   `json:"shortened,omitempty"` // Text or Base64 is not all that came
}

// Limits of what is read and shown of a body.
const (
	MaxBody = 1 << 20
	MaxHead = 4 << 10
)

// Read takes a request down. url is the whole URL as the client asked for it. before is how much of
// the body an earlier reader has taken away. It reads the body, MaxBody bytes of it at most.
func Read(r *http.Request, url string, before int64) Request {
	return Request{Method: r.Method, URL: maskURL(url), Headers: maskHeaders(r.Host, r.Header), Body: readBody(r.Body, before)}
}

func readBody(from io.Reader, before int64) Body {
	if from == nil || from == http.NoBody {
		return Body{Complete: true}
	}
	var head bytes.Buffer
	n, err := io.CopyN(&limited{&head}, from, MaxBody)
	b := Body{Bytes: before + n, Shortened: n > int64(head.Len())}
	switch {
	case before > 0:
		b.Note = strconv.FormatInt(before, 10) + " bytes were taken before the origin was found missing"
	case errors.Is(err, io.EOF):
		b.Complete = true
	case err != nil:
		b.Note = "it broke off: " + err.Error()
	default:
		b.Note = "no more than " + strconv.Itoa(MaxBody) + " bytes were read"
	}
	if text := wholeRunes(head.Bytes(), b.Shortened); utf8.Valid(text) {
		b.Text = string(text)
	} else {
		b.Base64 = base64.StdEncoding.EncodeToString(head.Bytes())
	}
	return b
}

// limited keeps the first MaxHead bytes and drops the rest.
type limited struct{ head *bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if room := MaxHead - l.head.Len(); room > 0 {
		l.head.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// wholeRunes leaves out a rune that was cut.
func wholeRunes(b []byte, wasCut bool) []byte {
	for i := 1; wasCut && i <= utf8.UTFMax && i <= len(b); i++ {
		if utf8.RuneStart(b[len(b)-i]) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}

//go:embed page.html
var source string

// Parsed when the first page is shown.
var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("echo").Funcs(template.FuncMap{"style": problem.Style}).Parse(source))
})

// Header is one line of a request's headers.
type Header struct{ Name, Value string }

// Lines are the headers sorted by name, a line for each value.
func (r Request) Lines() (lines []Header) {
	for name, values := range r.Headers {
		for _, v := range values {
			lines = append(lines, Header{name, v})
		}
	}
	slices.SortStableFunc(lines, func(a, b Header) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	return lines
}

// Render writes the answer with status 200: a page where accept asks for HTML, else JSON.
func (a Answer) Render(w http.ResponseWriter, accept string, head bool) {
	var b bytes.Buffer
	kind := "application/json"
	html := problem.Form(accept) == "html" && page().Execute(&b, a) == nil
	if html {
		kind = "text/html; charset=UTF-8"
	} else {
		b.Reset()
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(a); err != nil {
			panic(err) // texts, numbers and maps of them always have a JSON form
		}
	}
	h := w.Header()
	problem.Private(h, html)
	h.Set("Vary", "Accept")
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(http.StatusOK)
	if !head {
		w.Write(b.Bytes()) // a client that left needs no error
	}
}
