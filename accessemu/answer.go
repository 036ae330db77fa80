package accessemu

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Answer answers what is not passed on. The headers of w may hold the edge's
// own, which are kept.
func (s *State) Answer(w http.ResponseWriter, r *Request, c *Config, d Decision) {
	switch d.Verdict {
	case Login:
		s.answerLogin(w, r, c, &d)
	case Preflight:
		s.answerPreflight(w, r, d.App)
	case Unauthorized:
		if d.block {
			s.answerForbidden(w, r, c, &d)
			return
		}
		s.answerUnauthorized(w, r, c, &d)
	case Forbidden:
		s.answerForbidden(w, r, c, &d)
	case Ambiguous:
		s.show(w, r, c, page{Status: http.StatusBadRequest, Title: "Ambiguous path", Lead: d.Why + ".", Detail: d.Mend, decided: true})
	case Endpoint:
		s.serveEndpoint(w, r, c)
	default:
		s.log.Error("access: Answer was called for a request that is to be passed on", "verdict", d.Verdict.String())
		http.Error(w, "Access does not answer this request: "+d.Verdict.String(), http.StatusInternalServerError)
	}
}

func noStore(h http.Header) {
	h.Set("Cache-Control", "private, max-age=0, no-store, no-cache, must-revalidate, post-check=0, pre-check=0")
	h.Set("Expires", "Thu, 01 Jan 1970 00:00:01 GMT")
}

// challenge tells programs where to read about the sign-in.
func challenge(h http.Header, r *Request) {
	path, _ := requestPath(r.HTTP.URL)
	h.Set("Www-Authenticate", `Cloudflare-Access resource_metadata="`+r.origin(r.Host)+resourcePath+path+`"`)
	h.Set("Access-Control-Allow-Credentials", "true")
}

// answerLogin redirects to the login page on the team domain.
func (s *State) answerLogin(w http.ResponseWriter, r *Request, c *Config, d *Decision) {
	target := safePath(r.HTTP.URL.EscapedPath())
	if r.HTTP.URL.RawQuery != "" {
		target = safePath(target + "?" + r.HTTP.URL.RawQuery)
	}
	s.leadToLogin(w, r, c, d, target)
}

// leadToLogin redirects to the login page for a path of the host.
func (s *State) leadToLogin(w http.ResponseWriter, r *Request, c *Config, d *Decision, target string) {
	h := w.Header()
	session := s.appSession(w, r)
	meta, err := s.mintMeta(r, d, target, session)
	if err == nil && len(meta) > maxToken {
		// The way back would not be believed; the application's own page is.
		target = "/"
		meta, err = s.mintMeta(r, d, target, session)
	}
	if err != nil {
		s.internal(w, r, "meta token", err)
		return
	}
	noStore(h)
	challenge(h, r)
	redirect(w, r, r.origin(c.authDomain)+loginPath+r.Host+"?"+loginQuery(d.App.AUD, meta, target))
}

// mintMeta tells the login page, signed, what the edge knows of the request.
func (s *State) mintMeta(r *Request, d *Decision, target, session string) (string, error) {
	pair, err := s.keys()
	if err != nil {
		return "", err
	}
	now := s.now().Unix()
	return pair.current.sign("JWT", metaClaims{
		Type: "meta", Audience: d.App.AUD, Host: r.Host, Redirect: target,
		Expires: now + int64(lifeMeta/time.Second), NotYet: now, Issued: now,
		ServiceStatus: d.subject.service != nil,
		AuthStatus:    authNone, MTLS: mtlsAuth{Status: authNone},
		Country: countryOf(r.Client), Session: sha256Hex(session),
	})
}

const lifeMeta = 5 * time.Minute

func (s *State) answerUnauthorized(w http.ResponseWriter, r *Request, c *Config, d *Decision) {
	h := w.Header()
	noStore(h)
	challenge(h, r)
	h.Set("Access-Control-Allow-Headers", "x-requested-with")
	s.show(w, r, c, page{Status: http.StatusUnauthorized, Title: "401 Unauthorized",
		Lead: "Your session is missing or has expired. Reload the page to sign in again.", app: d.App, host: r.Host, decided: true})
}

// blocked is the JSON that the block page also carries.
type blocked struct {
	Message string `json:"message"`
	Status  int    `json:"status_code"`
	AUD     string `json:"aud"`
	Ray     string `json:"ray_id"`
}

func (s *State) answerForbidden(w http.ResponseWriter, r *Request, c *Config, d *Decision) {
	h := w.Header()
	b := blocked{
		Message: "Forbidden. You don't have permission to view this. Please contact your system administrator.",
		Status:  http.StatusForbidden, Ray: r.Ray,
	}
	title := "Forbidden"
	if d.block {
		b.Status, title = http.StatusUnauthorized, "Unauthorized"
		b.Message = "Unauthorized." + strings.TrimPrefix(b.Message, "Forbidden.")
		challenge(h, r)
	}
	noStore(h)
	h.Set("Cf-Access-Error", lowerASCII(title))
	if d.App != nil {
		b.AUD = d.App.AUD
		h.Set("Cf-Access-Aud", d.App.AUD)
		h.Set("Cf-Access-Domain", d.App.domainOn(r.Host))
	}
	data, err := json.Marshal(b)
	if err != nil {
		s.internal(w, r, "block page", err)
		return
	}
	switch {
	case wantsJSON(r.HTTP):
		writeJSON(w, r.HTTP, b.Status, data)
	case d.App != nil && d.App.doc.NonIdentityDenyURL != "" && !d.block:
		redirect(w, r, d.App.doc.NonIdentityDenyURL)
	case ownForbidden(c, d.App) != nil:
		s.showCustom(w, r, ownForbidden(c, d.App), b.Status)
	default:
		s.show(w, r, c, page{Status: b.Status, Title: title, Heading: "You don't have permission to view this",
			Lead: "Please contact your system administrator.", Detail: d.Why, app: d.App, host: r.Host,
			Facts: facts(b), JSON: string(data), decided: true})
	}
}

// ownForbidden is the user's own page in place of the block page; nil: none.
func ownForbidden(c *Config, a *App) *customPage {
	if a != nil && a.pages.forbidden != nil {
		return a.pages.forbidden
	}
	return c.ownPages.forbidden
}

func facts(b blocked) []fact {
	list := []fact{{"Status code", strconv.Itoa(b.Status)}, {"mTLS status", authNone}}
	if b.AUD != "" {
		list = append(list, fact{"App AUD", b.AUD})
	}
	if b.Ray != "" {
		list = append(list, fact{"Ray ID", b.Ray})
	}
	return list
}

// wantsJSON tells whether a program asks that reads no pages.
func wantsJSON(r *http.Request) bool {
	accept := strings.Join(r.Header["Accept"], ",")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// redirect answers 302 with the small page that goes with it.
func redirect(w http.ResponseWriter, r *Request, target string) {
	h := w.Header()
	h.Set("Location", target)
	writeBody(w, r.HTTP, http.StatusFound, "text/html", []byte(foundPage))
}

const foundPage = "<html>\r\n<head><title>302 Found</title></head>\r\n<body>\r\n" +
	"<center><h1>302 Found</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
