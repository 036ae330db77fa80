package accessemu

import (
	"cmp"
	"net/http"
	"strconv"

	"github.com/sundog-edge/sundog/internal/derive"
)

// CustomPage is a page that is shown in place of one of Access's own, with the
// REST API's field names.
type CustomPage struct {
	ID   string `json:"uid,omitempty"` // UUID; empty: derived from the name
	Name string `json:"name"`
	Type string `json:"type"`        // "identity_denied": after a sign-in that no policy admits; "forbidden": where no sign-in helps
	HTML string `json:"custom_html"` // whole, as it is sent
}

// OrganizationPages are the custom pages of applications that have none of their
// own, by id or name.
type OrganizationPages struct {
	Forbidden      string `json:"forbidden,omitempty"`
	IdentityDenied string `json:"identity_denied,omitempty"`
}

const (
	pageDenied    = "identity_denied"
	pageForbidden = "forbidden"
)

// customPage is a compiled custom page.
type customPage struct{ doc CustomPage }

func (p *customPage) key() (id, name string) { return p.doc.ID, p.doc.Name }

// customPages are the pages of an application or of the organization.
type customPages struct{ denied, forbidden *customPage }

func compileCustomPage(doc CustomPage, account string) (*customPage, error) {
	f := faults{kind: "custom_page", id: doc.ID}
	types := []string{pageDenied, pageForbidden}
	if doc.Name == "" {
		f.add("name", `""`, "a name", "")
	}
	doc.ID = cmp.Or(doc.ID, derive.UUID(account, "access_custom_page", doc.Name))
	f.id = doc.ID
	if doc.Type != pageDenied && doc.Type != pageForbidden {
		f.add("type", quote(doc.Type), either(types), suggest(doc.Type, types))
	}
	if doc.HTML == "" {
		f.add("custom_html", `""`, "the page", "")
	}
	return &customPage{doc}, f.err()
}

// pages finds an application's custom pages.
func (x *resolver) pages(refs []string, f *faults) (found customPages) {
	for i, ref := range refs {
		at := "custom_pages[" + strconv.Itoa(i) + "]"
		p, ok := find(x.c.pages, ref, "custom page", at, f)
		if !ok {
			continue
		}
		place := &found.forbidden
		if p.doc.Type == pageDenied {
			place = &found.denied
		}
		if *place != nil {
			f.add(at, quote(ref)+", a second page of the type "+p.doc.Type, "one page of a type", "")
		}
		*place = p
	}
	return found
}

// orgPages finds the organization's custom pages.
func (c *Config) orgPages(x *resolver) []error {
	f := faults{kind: "organization"}
	c.ownPages = customPages{}
	if refs := c.org.CustomPages; refs != nil {
		one := func(ref, kind string) (p *customPage) {
			if ref == "" {
				return nil
			}
			at := "custom_pages." + kind
			p, ok := find(x.c.pages, ref, "custom page", at, &f)
			if ok && p.doc.Type != kind {
				f.add(at, quote(ref)+", a page of the type "+p.doc.Type, "a page of the type "+kind, "")
			}
			return p
		}
		c.ownPages = customPages{one(refs.IdentityDenied, pageDenied), one(refs.Forbidden, pageForbidden)}
	}
	return f.list
}

// showCustom writes a page of the user's own, which may load and run what it
// likes, but not in a frame of another site.
func (s *State) showCustom(w http.ResponseWriter, r *Request, p *customPage, status int) {
	h := w.Header()
	noStore(h)
	h.Set("Content-Security-Policy", "frame-ancestors 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	writeBody(w, r.HTTP, status, "text/html; charset=utf-8", []byte(p.doc.HTML))
}
