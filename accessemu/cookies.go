package accessemu

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

const (
	cookieAppSession = "CF_AppSession"
	cookieSession    = "CF_Session"
	cookieDevice     = "CF_Device"

	lifeAppSession = 24 * time.Hour
	lifeSession    = 4 * time.Hour
	lifeDevice     = 30 * 24 * time.Hour
)

// setCookie writes the attributes in the order in which Access does. Every
// cookie is for one host, so there is no Domain.
func setCookie(h http.Header, name, value, path, sameSite string, expires time.Time, httpOnly bool) {
	var b strings.Builder
	b.WriteString(name + "=" + value + "; Expires=" + expires.UTC().Format(http.TimeFormat) + "; Path=" + path + "; Secure")
	if httpOnly {
		b.WriteString("; HttpOnly")
	}
	if sameSite != "" {
		b.WriteString("; SameSite=" + sameSite)
	}
	h.Add("Set-Cookie", b.String())
}

func dropCookie(h http.Header, name, path string) {
	setCookie(h, name, "", path, "", time.Unix(1, 0), true)
}

// appSession keeps the CF_AppSession that a browser has, so that two tabs can
// sign in at once, or begins one. It is set anew either way.
func (s *State) appSession(w http.ResponseWriter, r *Request) string {
	value, several := oneCookie(r.HTTP.Header, cookieAppSession)
	if several || !s.ownAppSession(r.Host, value) {
		half := s.text(8, hexDigits)
		value = "n" + half + s.sealSession(r.Host, half)
	}
	setCookie(w.Header(), cookieAppSession, value, "/", "", s.now().Add(lifeAppSession), true)
	return value
}

// ownAppSession tells whether a CF_AppSession was made here for that host. A
// page of a sibling host can set the cookie, but not make up a value.
func (s *State) ownAppSession(host, value string) bool {
	return validSession(value, hexDigits) && equal(value[9:], s.sealSession(host, value[1:9]))
}

// sealSession is the second half of a CF_AppSession.
func (s *State) sealSession(host, half string) string {
	m := hmac.New(sha256.New, s.secret[:])
	m.Write([]byte(cookieAppSession + "\x00" + host + "\x00" + half))
	return hex.EncodeToString(m.Sum(nil)[:4])
}

// loginSession keeps or begins the CF_Session of the team domain.
func (s *State) loginSession(w http.ResponseWriter, r *Request) string {
	value, several := oneCookie(r.HTTP.Header, cookieSession)
	if several || !validSession(value, alphanumeric) {
		value = "n" + s.text(16, alphanumeric)
	}
	setCookie(w.Header(), cookieSession, value, "/", "None", s.now().Add(lifeSession), true)
	return strings.Clone(value) // not a piece of the headers, which it would keep
}

func validSession(value, alphabet string) bool {
	return len(value) == 17 && value[0] == 'n' && strings.Trim(value[1:], alphabet) == ""
}

// setAppToken sets the application's cookie as the application wants it, for a browser on its way to
// a path. cloudflared's page is in no application's folder.
func setAppToken(h http.Header, rt *route, target, token string, expires time.Time) {
	doc := &rt.app.doc
	path := "/"
	if doc.PathCookie {
		if path = rt.cookiePath(); target == cliPath {
			path = cliPath
		}
	}
	sameSite := map[string]string{"none": "None", "lax": "Lax", "strict": "Strict"}[doc.SameSiteCookie]
	setCookie(h, cookieAuthorization, token, path, sameSite, expires, doc.HTTPOnlyCookie == nil || *doc.HTTPOnlyCookie)
}

// cookiePath is the folder that holds all that the route covers.
func (r *route) cookiePath() string {
	head := r.path.head()
	if r.path.stars() > 0 {
		head = head[:strings.LastIndexByte(head, '/')]
	}
	if head == "" {
		return "/"
	}
	return head
}
