package edge

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/accessemu/forge"
	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/listen"
)

// guarded is an application as a request to one of its URLs meets it.
type guarded struct {
	*request
	app *accessemu.App
	url *url.URL
}

// guardedAt finds the application that guards a URL. The error is an *admin.Refused.
func (e *Edge) guardedAt(address string) (*guarded, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, &admin.Refused{Cause: fmt.Sprintf("%q is no absolute URL", address), Mend: "name it whole, as https://HOST/PATH"}
	}
	u.Scheme, u.Fragment = "https", "" // by plain HTTP nobody gets to a guarded host
	r, err := http.NewRequest(http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, &admin.Refused{Cause: err.Error(), Mend: "name it as https://HOST/PATH"}
	}
	r = r.WithContext(listen.With(r.Context(), &listen.Info{}))
	r.TLS = pretendTLS(r.Host)
	q := e.begin(r)
	if p := q.admission.problem; p != nil {
		return nil, &admin.Refused{Cause: p.Cause, Mend: p.Mend}
	}
	app, _, ok := q.snap.access.MatchWorker(q.admission.host.Name, u.EscapedPath(), q.view.Worker)
	if !ok {
		return nil, &admin.Refused{Cause: "no Access application guards " + u.String(), Mend: "name a URL that one guards; sundog up lists who guards what"}
	}
	return &guarded{q, app, u}, nil
}

// as decides about a person's request.
func (g *guarded) as(email string) accessemu.Decision {
	view := g.view
	view.As = email
	return g.snap.access.Decide(g.edge.access, &view)
}

func (g *guarded) material(email string) (forge.Material, error) {
	m, err := g.edge.access.Forging(g.snap.access, g.app, g.admission.host.Name, email, g.admission.client)
	var field *accessemu.FieldError
	if errors.As(err, &field) {
		err = &admin.Refused{Cause: fmt.Sprintf("the e-mail address is %s", field.Found), Mend: "write " + field.Allowed}
	}
	return m, err
}

// MakeToken makes a token of the application that guards a URL, genuine or not. Policies are
// not asked: the note tells what they would say.
func (e *Edge) MakeToken(x admin.TokenRequest) (admin.Token, error) {
	g, err := e.guardedAt(x.URL)
	if err != nil {
		return admin.Token{}, err
	}
	m, err := g.material(x.Email)
	if err != nil {
		return admin.Token{}, err
	}
	t := admin.Token{App: g.app.Name, Issuer: g.snap.access.Issuer(), AUD: g.app.AUD, Note: g.note(x.Email)}
	forged := forge.Forged{Token: m.Genuine}
	switch name := x.Forge; {
	case name != "" && (x.Expired || x.AUD != ""):
		return admin.Token{}, &admin.Refused{Cause: "a forgery is wrong in one way alone", Mend: "ask for one, or for expired and aud"}
	case name != "":
		f, ok := forge.Find(name)
		if !ok {
			return admin.Token{}, unknownForgery(name)
		}
		if forged, err = f.Make(m); err != nil {
			return admin.Token{}, err
		}
		t.Forgery = &f
	case x.Expired || x.AUD != "":
		if forged.Token, err = altered(m, x); err != nil {
			return admin.Token{}, err
		}
	}
	if t.Forgery == nil {
		_, claims, err := forge.Parse(forged.Token)
		if err != nil {
			return admin.Token{}, err
		}
		var exp int64
		if _, err := fmt.Sscan(fmt.Sprintf("%s", claims.Get("exp")), &exp); err == nil {
			t.Expires = time.Unix(exp, 0).UTC()
		}
	}
	r := &http.Request{Header: http.Header{}}
	forged.Put(r)
	t.Token, t.Headers = forged.Token, r.Header
	return t, nil
}

func unknownForgery(name string) error {
	mend := "sundog token --list-forgeries lists them"
	if near := forge.Nearest(name); near != "" {
		mend = fmt.Sprintf("did you mean %q? %s", near, mend)
	}
	return &admin.Refused{Cause: fmt.Sprintf("there is no forgery %q", name), Mend: mend}
}

// altered signs the genuine claims with other times or another audience.
func altered(m forge.Material, x admin.TokenRequest) (string, error) {
	token := m.Genuine
	if x.Expired {
		f, _ := forge.Find("expired")
		forged, err := f.Make(m)
		if err != nil {
			return "", err
		}
		token = forged.Token
	}
	header, claims, err := forge.Parse(token)
	if err != nil {
		return "", err
	}
	if x.AUD != "" {
		claims = claims.With("aud", []string{x.AUD})
	}
	return forge.Sign(m.Current, header, claims)
}

// note says why the edge would not let this person through to the origin with a token.
func (g *guarded) note(email string) string {
	switch d := g.as(email); d.Verdict {
	case accessemu.Forward:
		return ""
	case accessemu.Bypass:
		return "a bypass policy lets everybody through here, and what is let through so carries no token"
	default:
		return "the edge would not let this person through: " + g.snap.accessWhy(accessemu.Reason{Why: d.Why, Mend: d.Mend, Kind: d.Kind, ID: d.ID, Field: d.Field})
	}
}

func (b *backend) MakeToken(x admin.TokenRequest) (admin.Token, error) {
	return (*Edge)(b).MakeToken(x)
}

func (b *backend) KeySet() ([]byte, error) { return b.access.KeySet() }
