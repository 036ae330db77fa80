package problem

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

//go:embed page.html
var pageSource string

//go:embed style.css
var style string

// Style is how the pages look that the edge makes itself.
func Style() template.CSS { return template.CSS(style) }

// Parsed when the first page is shown: a command that shows none starts sooner.
var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{"sentence": sentence, "style": Style}).Parse(pageSource))
})

// headline is the title as StatusText would write it, to say each once.
func headline(p *Problem) string {
	if strings.EqualFold(p.Title, StatusText(p.Status)) {
		return StatusText(p.Status)
	}
	return p.Title
}

// sentence begins a cause or a mend as a page does: with a capital, unless it begins with a name.
func sentence(s string) string {
	word, _, _ := strings.Cut(s, " ")
	if s == "" || strings.ContainsAny(word, ".:/") {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// About is what the renderer knows of the request.
type About struct {
	Ray    string // with the data-centre code: "8f0c4d1b2a3e4f50-SUN"
	Host   string
	Accept string // the request's Accept header
	Head   bool   // true: headers only
}

// Render writes the problem in the form that the client asks for: HTML when Accept
// names text/html, problem+json when it names JSON, and otherwise the short text of
// the real edge.
func (p *Problem) Render(w http.ResponseWriter, a About) {
	h := w.Header()
	body, kind := p.body(a)
	for _, k := range []string{"Content-Length", "Content-Encoding", "Etag", "Last-Modified", "Set-Cookie"} {
		h.Del(k)
	}
	Private(h, kind == htmlType)
	h.Set("Cf-Error-Type", strconv.Itoa(p.Code))
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Vary", "Accept")
	w.WriteHeader(p.Status)
	if !a.Head {
		w.Write(body) // a client that left needs no error
	}
}

// Private sets the headers of an answer that the edge made: it is not kept, and a page loads and runs nothing.
func Private(h http.Header, page bool) {
	h.Set("Cache-Control", "private, max-age=0, no-store, no-cache, must-revalidate, post-check=0, pre-check=0")
	h.Set("Expires", "Thu, 01 Jan 1970 00:00:01 GMT")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("X-Content-Type-Options", "nosniff")
	if page {
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'")
	}
}

const htmlType = "text/html; charset=UTF-8"

func (p *Problem) body(a About) (body []byte, kind string) {
	switch Form(a.Accept) {
	case "html":
		var b strings.Builder
		err := page().Execute(&b, struct {
			*Problem
			About
			StatusText, Headline string
		}{p, a, StatusText(p.Status), headline(p)})
		if err == nil {
			return []byte(b.String()), htmlType
		}
	case "json":
		b, err := json.Marshal(p.details(a))
		if err == nil {
			return append(b, '\n'), "application/problem+json"
		}
	}
	return []byte("error code: " + strconv.Itoa(p.Code)), "text/plain; charset=UTF-8"
}

// Details is the JSON form of a problem (RFC 9457, with what the edge adds).
type Details struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	ErrorCode int    `json:"error_code"`
	RayID     string `json:"ray_id"`
	Mend      string `json:"what_you_should_do,omitempty"`
	Where     string `json:"where,omitempty"`
	By        string `json:"answered_by"`
}

func (p *Problem) details(a About) Details {
	ray, _, _ := strings.Cut(a.Ray, "-")
	return Details{
		Type: "about:blank", Title: p.Title, Status: p.Status, Detail: p.Cause,
		ErrorCode: p.Code, RayID: ray, Mend: p.Mend, Where: p.Where, By: p.AnsweredBy(),
	}
}

// Form is the form of an error answer that an Accept header asks for: "html",
// "json" or "text". The first of HTML and JSON that it names wins; wildcards ask for nothing.
func Form(accept string) string {
	for part := range strings.SplitSeq(accept, ",") {
		kind, params, _ := strings.Cut(part, ";")
		if strings.Contains(strings.ReplaceAll(params, " ", ""), "q=0;") || strings.HasSuffix(strings.ReplaceAll(params, " ", ""), "q=0") {
			continue
		}
		switch strings.ToLower(strings.TrimSpace(kind)) {
		case "text/html", "application/xhtml+xml":
			return "html"
		case "application/json", "application/problem+json":
			return "json"
		}
	}
	return "text"
}
