package edge

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/edge/world"
)

// SignIn is who is to be signed in, and for which URL.
type SignIn struct {
	Email  string
	URL    string // absolute, https, of a host of the world
	Client string // entry of clients:; empty: the default one, in the person's own country if that has one
}

// SignedIn is what came of a SignIn.
type SignedIn struct {
	Email     string // canonical
	URL       string
	Protected bool   // false: nobody is asked to sign in there, and there are no cookies
	App       string // name of the application; empty: none covers the URL
	AUD       string
	Policy    string // that decided; empty: none did
	Why       string // one line
	Where     string // file:line:column of the deciding policy; empty: no file has it
	Expires   time.Time
	Cookies   []Cookie // of the application's host and of the team domain
}

// Cookie is a cookie with its host, as a file of cookies needs it.
type Cookie struct {
	Host string // the one host that gets it
	*http.Cookie
}

// SignInError is a sign-in that cannot be, because of what was asked for.
type SignInError struct {
	Found, Mend string
	Hosts       []string // that the world has; nil: the host is not what is wrong
}

func (e *SignInError) Error() string { return e.Found + "; " + e.Mend }

// NotAdmittedError is a sign-in that Access refused. It says so in the words of Explain.
type NotAdmittedError struct {
	Email, URL string
	Why        string // one line
	Where      string // file:line:column of what Why is about; empty: no file has it
	Mend       string
	Policies   []string // what each policy said, with its place
}

func (e *NotAdmittedError) Error() string {
	text := e.Why
	if e.Where != "" {
		text += " (" + e.Where + ")"
	}
	return text
}

// SignIn takes somebody through the login pages, as a browser would, and returns the cookies. The
// PIN is mailed to nobody, and any number of people may sign in at once. Of the application only its
// Access is asked, never its origin. An error is a *SignInError or a *NotAdmittedError.
func (e *Edge) SignIn(in SignIn) (*SignedIn, error) {
	done, _, err := e.signIn(in)
	return done, err
}

// signIn answers the browser that it was done with, too.
func (e *Edge) signIn(in SignIn) (*SignedIn, *walk, error) {
	email, ok := accessemu.CanonicalEmail(in.Email)
	if !ok {
		return nil, nil, &SignInError{Found: fmt.Sprintf("%q is no e-mail address", in.Email), Mend: "name one, as alice@example.com"}
	}
	u, err := url.Parse(in.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil, nil, &SignInError{Found: fmt.Sprintf("%q is no https URL", in.URL), Mend: "name it whole: https://HOST/PATH"}
	}
	u.Fragment = ""
	w := e.walkFor(email, in.Client)
	q, err := w.judge(u, email)
	if err != nil {
		return nil, nil, err
	}
	done := &SignedIn{Email: email, URL: u.String(), Policy: q.guard.Policy, Why: q.guard.Why, Where: q.guardMark()}
	if q.guard.App != nil {
		done.App, done.AUD = q.guard.App.Name, q.guard.App.AUD
	}
	if q.guard.Verdict != accessemu.Forward {
		return done, w, nil
	}
	done.Protected = true
	u.Host = q.admission.host.Name
	if err := w.through(u, email, q); err != nil {
		return nil, nil, err
	}
	done.Cookies = w.all()
	for _, c := range done.Cookies {
		if c.Host == u.Host && c.Name == "CF_Authorization" {
			done.Expires = c.Expires
		}
	}
	return done, w, nil
}

// countryOf is where a person's requests come from when no client is named; empty: from the
// default client's own country.
func (s *snapshot) countryOf(email, client string) string {
	if email == "" || client != "" {
		return ""
	}
	p, ok := s.access.Person(email)
	if !ok {
		return ""
	}
	return p.Country
}

func (q *request) guardMark() string {
	return q.snap.accessMark(q.guard.Kind, q.guard.ID, q.guard.Field)
}

// walk is a browser without a screen: it keeps cookies, and asks the edge without a socket.
type walk struct {
	edge    *Edge
	info    listen.Info
	cookies map[string]Cookie // by host, NUL, name
}

// judge is the decision about the URL as if the person were signed in already; refusals are errors.
func (w *walk) judge(u *url.URL, email string) (*request, error) {
	q := w.edge.beginAs(w.request(http.MethodGet, u, ""), email)
	if p := q.admission.problem; p != nil {
		return nil, &SignInError{Found: p.Cause, Mend: p.Mend}
	}
	name := q.admission.host.Name
	if q.route.site != nil || !q.route.code.is() && (q.route.zone == nil || q.route.record == nil) {
		found := name + " is no host of this world"
		if q.route.site != nil {
			found = name + " is a part of the edge itself, and no application"
		}
		return nil, &SignInError{Found: found, Mend: "name a URL of one of its hosts", Hosts: q.snap.hosts()}
	}
	switch g := &q.guard; g.Verdict {
	case accessemu.NoApplication, accessemu.Bypass, accessemu.Forward:
		return q, nil
	case accessemu.Endpoint:
		return nil, &SignInError{Found: u.EscapedPath() + " is a path of Access itself", Mend: "name a page of the application"}
	default:
		return nil, &NotAdmittedError{Email: email, URL: u.String(), Why: g.Why, Mend: g.Mend, Where: q.guardMark(), Policies: q.guardStep().More}
	}
}

// hosts are those that an application can lie on, as the world's records have them.
func (s *snapshot) hosts() []string {
	var hosts []string
	for _, doc := range s.inFileOrder(world.KindRecord) {
		if rec := doc.Value.(*world.Record); rec.Proxied && !slices.Contains(hosts, rec.Name) {
			hosts = append(hosts, rec.Name)
		}
	}
	return hosts
}

// The path of the page that takes an address is that of the login page with another word in it.
const loginWord, verifyWord = "/cdn-cgi/access/login/", "/cdn-cgi/access/verify-code/"

// through goes from the application to the login pages and back to it.
func (w *walk) through(app *url.URL, email string, judged *request) error {
	login, err := w.redirect(http.MethodGet, app, "")
	if err != nil {
		return err
	}
	if !strings.HasPrefix(login.Path, loginWord) {
		return &SignInError{Found: app.Host + " does not lead to a login page any more", Mend: "try again; its world has just changed"}
	}
	by, own := judged.snap.access.SignInWith(judged.guard.App, email)
	var back *url.URL
	switch {
	case by.Type == "onetimepin":
		back, err = w.byPIN(login, email)
	case own:
		back, err = w.byProvider(login, by.ID, email)
	default:
		err = &SignInError{Found: fmt.Sprintf("%s signs in with the identity provider %q, which is elsewhere", email, by.Name),
			Mend: "sign in with a browser, give the person another idp, or leave auth_url out of the provider, to have it played here"}
	}
	if err != nil {
		return err
	}
	_, err = w.redirect(http.MethodGet, back, "")
	if err == nil && w.cookies[app.Host+"\x00CF_Authorization"].Cookie == nil {
		err = &SignInError{Found: "the application took the login and set no cookie", Mend: "try again; its policies have just changed"}
	}
	return err
}

// byPIN goes through the pages of the one-time PIN.
func (w *walk) byPIN(login *url.URL, email string) (*url.URL, error) {
	if err := w.page(login); err != nil {
		return nil, err
	}
	verify := *login
	verify.Path = verifyWord + strings.TrimPrefix(login.Path, loginWord)
	code, err := w.redirect(http.MethodPost, &verify, url.Values{"email": {email}}.Encode())
	if err != nil {
		return nil, err
	}
	nonce := code.Query().Get("nonce")
	pin, ok := w.edge.access.OTP(email, nonce)
	if !ok {
		return nil, &SignInError{Found: "Access made no PIN for " + email, Mend: "try again; its policies have just changed"}
	}
	return w.redirect(http.MethodPost, &url.URL{Scheme: "https", Host: login.Host, Path: "/cdn-cgi/access/callback"},
		url.Values{"code": {pin}, "nonce": {nonce}}.Encode())
}

// byProvider tells the identity provider that the lookalike plays who it is.
func (w *walk) byProvider(login *url.URL, id, email string) (*url.URL, error) {
	chosen := *login
	chosen.RawQuery += "&idp=" + url.QueryEscape(id)
	asks, err := w.redirect(http.MethodGet, &chosen, "")
	if err != nil {
		return nil, err
	}
	form := url.Values{"state": {asks.Query().Get("state")}, "person": {"1"}, "email": {email}}
	asks.RawQuery = ""
	back, err := w.redirect(http.MethodPost, asks, form.Encode())
	if err != nil {
		return nil, err
	}
	return w.redirect(http.MethodGet, back, "")
}

// page asks for a page that is shown.
func (w *walk) page(u *url.URL) error {
	if a := w.ask(http.MethodGet, u, ""); a.status != http.StatusOK {
		return a.unexpected(u)
	}
	return nil
}

// redirect asks for an answer that leads on, and returns where it leads.
func (w *walk) redirect(method string, u *url.URL, form string) (*url.URL, error) {
	a := w.ask(method, u, form)
	next, err := u.Parse(a.header.Get("Location"))
	if a.status != http.StatusFound || err != nil {
		return nil, a.unexpected(u)
	}
	return next, nil
}

// ask has a request answered that no trace remembers.
func (w *walk) ask(method string, u *url.URL, form string) *answer {
	r := w.request(method, u, form)
	for _, c := range w.cookies {
		if c.Host == u.Hostname() {
			r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
	}
	a := &answer{header: make(http.Header)}
	q := w.edge.begin(r)
	defer q.close()
	if q.problem != nil || q.route.site == nil && !q.held() {
		a.status, a.why = http.StatusBadGateway, "its world has just changed"
		return a
	}
	q.out = response{ResponseWriter: a, q: q}
	q.answer(&q.out, r)
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		key := u.Hostname() + "\x00" + c.Name
		if c.Value == "" {
			delete(w.cookies, key)
			continue
		}
		w.cookies[key] = Cookie{u.Hostname(), c}
	}
	return a
}

func (w *walk) request(method string, u *url.URL, form string) *http.Request {
	to := *u
	r := &http.Request{
		Method: method, URL: &to, Host: u.Host, Header: http.Header{"Accept": {"text/html"}}, Body: http.NoBody,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, TLS: pretendTLS(u.Host),
	}
	if form != "" {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(form)), int64(len(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if to.Path == "" {
		to.Path = "/"
	}
	to.Scheme, to.Host = "", "" // the form in which a server gets it
	return r.WithContext(listen.With(context.Background(), &w.info))
}

// all are the cookies, sorted by host and name.
func (w *walk) all() []Cookie {
	list := make([]Cookie, 0, len(w.cookies))
	for _, c := range w.cookies {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b Cookie) int {
		return strings.Compare(a.Host+"\x00"+a.Name, b.Host+"\x00"+b.Name)
	})
	return list
}

// answer keeps status, headers and the page.
type answer struct {
	header http.Header
	status int
	why    string
	page   []byte
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	a.page = append(a.page, p...)
	return len(p), nil
}

// unexpected is the error of a page that is not the one on the way.
func (a *answer) unexpected(u *url.URL) error {
	why := a.why
	if why == "" {
		why = a.header.Get("Sundog-Why")
	}
	if why == "" {
		why = http.StatusText(a.status)
	}
	return &SignInError{Found: fmt.Sprintf("the login ended with status %d at https://%s%s", a.status, u.Host, u.EscapedPath()), Mend: why}
}
