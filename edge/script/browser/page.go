package browser

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Hop is one answer on the way to a page.
type Hop struct {
	Method string
	URL    *url.URL
	Status int
	Header http.Header
}

// Page is an answer that is no redirect.
type Page struct {
	Hop
	Trail []Hop // the redirects that led here, in order
	Body  []byte
	Title string // of an HTML page
	Text  string // what an HTML page shows, one block a line; else the body
	Forms []Form
	Links []*url.URL // absolute, in the order of the page
	Named []string   // the texts of Links
}

// Form is one form of a page.
type Form struct {
	Method string   // "GET" or "POST"
	Action *url.URL // absolute
	Fields []Field
	// Buttons are those with a name, which a click sends with the fields.
	Buttons []Field
}

// Field is one input of a form.
type Field struct {
	Name, Type, Value string // Type in lower case, "text" when the page gives none
}

// Field finds the input that a person would type that kind of thing into: by its name,
// or by its type.
func (f *Form) Field(name string) (Field, bool) {
	i := slices.IndexFunc(f.Fields, func(in Field) bool {
		return in.Type != "hidden" && (in.Name == name || in.Type == name)
	})
	if i < 0 {
		return Field{}, false
	}
	return f.Fields[i], true
}

// Form is the first form of the page that has such a field; nil: none has.
func (p *Page) Form(field string) *Form {
	for i := range p.Forms {
		if _, ok := p.Forms[i].Field(field); ok {
			return &p.Forms[i]
		}
	}
	return nil
}

// header is a header of the page's own answer.
func (p *Page) header(name string) string { return p.Hop.Header.Get(name) }

// read fills in what the body says.
func (p *Page) read() {
	kind, _, _ := strings.Cut(p.header("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "text/html") {
		p.Text = strings.TrimSpace(string(p.Body))
		return
	}
	root, err := html.Parse(strings.NewReader(string(p.Body)))
	if err != nil {
		return // html.Parse fails on a broken reader only
	}
	var text strings.Builder
	p.walk(root, nil, &text)
	p.Text = lines(text.String())
}

// blocks end a line of text.
var blocks = []atom.Atom{
	atom.P, atom.Div, atom.H1, atom.H2, atom.H3, atom.Li, atom.Form, atom.Label, atom.Button, atom.Br, atom.Main,
	atom.Section, atom.Header, atom.Footer, atom.Summary, atom.Details, atom.Dt, atom.Dd, atom.Tr, atom.Title,
}

func (p *Page) walk(n *html.Node, form *Form, text *strings.Builder) {
	if n.Type == html.TextNode {
		text.WriteString(n.Data)
		return
	}
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Template, atom.Noscript:
		return
	case atom.Title:
		p.Title = strings.Join(strings.Fields(inner(n)), " ")
		return
	case atom.Form:
		p.Forms = append(p.Forms, Form{Method: strings.ToUpper(attr(n, "method")), Action: p.resolve(attr(n, "action"))})
		form = &p.Forms[len(p.Forms)-1]
		if form.Method != http.MethodPost {
			form.Method = http.MethodGet
		}
	case atom.A:
		if href, ok := lookup(n, "href"); ok {
			p.Links, p.Named = append(p.Links, p.resolve(href)), append(p.Named, strings.Join(strings.Fields(words(n)), " "))
		}
	case atom.Button:
		if kind := strings.ToLower(attr(n, "type")); form != nil && attr(n, "name") != "" && (kind == "" || kind == "submit") {
			form.Buttons = append(form.Buttons, Field{attr(n, "name"), "submit", attr(n, "value")})
		}
	case atom.Input, atom.Textarea:
		if form != nil && attr(n, "name") != "" && sent(n) {
			form.Fields = append(form.Fields, field(n))
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		p.walk(c, form, text)
	}
	if slices.Contains(blocks, n.DataAtom) {
		text.WriteByte('\n')
	}
}

// sent says whether a browser sends an input that nobody touched.
func sent(n *html.Node) bool {
	if _, off := lookup(n, "disabled"); off {
		return false
	}
	switch strings.ToLower(attr(n, "type")) {
	case "submit", "button", "reset", "image", "file":
		return false
	case "checkbox", "radio":
		_, checked := lookup(n, "checked")
		return checked
	}
	return true
}

func field(n *html.Node) Field {
	f := Field{Name: attr(n, "name"), Type: strings.ToLower(attr(n, "type")), Value: attr(n, "value")}
	if f.Type == "" {
		f.Type = "text"
	}
	if n.DataAtom == atom.Textarea {
		f.Value = inner(n)
	}
	return f
}

func (p *Page) resolve(action string) *url.URL {
	u, err := p.URL.Parse(strings.TrimSpace(action))
	if err != nil || action == "" {
		return p.URL
	}
	u.Fragment = ""
	return u
}

func attr(n *html.Node, name string) string { v, _ := lookup(n, name); return v }

func lookup(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func inner(n *html.Node) string {
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// lines folds white space within lines and drops empty ones.
func lines(s string) string {
	var kept []string
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// words are all text inside a node.
func words(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(words(c))
	}
	return b.String()
}
