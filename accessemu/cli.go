package accessemu

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
)

const cliPath = accessPath + "cli"

// cliRequest is what cloudflared asks for on the page that it opens.
type cliRequest struct {
	key publicKey
	app *App
	org bool // the team domain's token, too
}

// readCLI reads it, or answers why not.
func (s *State) readCLI(w http.ResponseWriter, r *Request, c *Config) (cliRequest, bool) {
	q := r.HTTP.URL.Query()
	key, ok := readPublicKey(q.Get("token"))
	if !ok {
		s.show(w, r, c, page{Status: http.StatusBadRequest, Title: "This link is not cloudflared's",
			Lead:   "It carries no public key to seal the tokens for. Run “cloudflared access login” again, and open the link that it prints, whole.",
			reason: Reason{Why: "token is no public key of 32 bytes in URL-safe base64 with padding"}})
		return cliRequest{}, false
	}
	app, ok := c.AppByAUD(q.Get("aud"))
	if !ok || !c.covers(app, r, r.Host) {
		s.show(w, r, c, page{Status: http.StatusNotFound, Title: "Unable to find your Access application",
			Lead:   "No application of this team has the audience tag of this link and covers its host.",
			reason: Reason{Why: "aud is not the audience tag of an application that covers " + r.Host}})
		return cliRequest{}, false
	}
	return cliRequest{key, app, q.Get("send_org_token") == "true"}, true
}

// serveCLI is the page that cloudflared opens in a browser: who is signed in, or signs in first,
// grants its tokens to the run of cloudflared that holds the key's other half.
func (s *State) serveCLI(w http.ResponseWriter, r *Request, c *Config) {
	switch r.HTTP.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		methodNotAllowed(w, r, "GET, HEAD, POST")
		return
	}
	noStore(w.Header())
	ask, ok := s.readCLI(w, r, c)
	if !ok {
		return
	}
	who, policy := s.signedInFor(w, r, c, ask.app)
	if who == nil {
		return
	}
	if seen, _ := oneCookie(r.HTTP.Header, cookieCLI); !equal(seen, s.sealCLI(r.Host, appSessionOf(r), who)) {
		s.signInForCLI(w, r, c, ask.app)
		return
	}
	session := s.appSession(w, r)
	approved := ask.app.doc.SkipInterstitial && r.HTTP.Method == http.MethodGet
	if r.HTTP.Method == http.MethodPost {
		if !s.form(w, r, c) {
			return
		}
		if !equal(r.HTTP.PostFormValue("grant"), s.sealGrant(r.Host, session, ask.key)) {
			s.invalidSession(w, r, c, "Run “cloudflared access login” again.", "the form was not shown to this browser")
			return
		}
		approved = true
	}
	if !approved {
		s.show(w, r, c, page{Status: http.StatusOK, Title: "Approve cloudflared · " + ask.app.Name, Heading: "Let cloudflared in?",
			Lead:    "cloudflared on a command line asks for access to " + ask.app.Name + " in your name. Approve only what you started yourself.",
			Facts:   []fact{{"Application", ask.app.Name}, {"Host", r.Host}, {"Signed in as", who.email}},
			Confirm: cliPath + "?" + r.HTTP.URL.RawQuery, Grant: s.sealGrant(r.Host, session, ask.key), app: ask.app, host: r.Host})
		return
	}
	g := granted{}
	var err error
	if g.App, _, err = s.mintApp(c, ask.app, policy, who, r.Host); err == nil && ask.org {
		g.Org, _, err = s.mintOrg(c, who)
	}
	if err == nil {
		err = s.deposit(ask.key, g)
	}
	if err != nil {
		s.internal(w, r, "tokens for cloudflared", err)
		return
	}
	s.show(w, r, c, page{Status: http.StatusOK, Title: "Approved", Heading: "cloudflared is in",
		Lead: "It has received its tokens, sealed for it alone. You can close this window, and go back to the command line.", app: ask.app, host: r.Host})
}

// cookieCLI shows that a browser has come to the page by the team domain. The application's token is
// not enough there: every origin sees that, and would get the team's token for it. No origin sees this
// cookie, whose path is Access's own.
const cookieCLI = "Sundog_CLI"

func (s *State) sealCLI(host, session string, who *session) string {
	m := hmac.New(sha256.New, s.secret[:])
	m.Write([]byte("cli by the team domain\x00" + host + "\x00" + session + "\x00" + who.nonce))
	return hex.EncodeToString(m.Sum(nil))
}

// appSessionOf is the CF_AppSession of a request; empty: none, or several.
func appSessionOf(r *Request) string {
	value, several := oneCookie(r.HTTP.Header, cookieAppSession)
	if several {
		return ""
	}
	return value
}

// signInForCLI leads a browser over the team domain, which asks nothing of who is signed in there.
func (s *State) signInForCLI(w http.ResponseWriter, r *Request, c *Config, app *App) {
	if r.HTTP.Method == http.MethodPost {
		s.invalidSession(w, r, c, "Run “cloudflared access login” again.", "the browser has not come to this page by the team domain, or more than "+until(lifeMeta)+" ago")
		return
	}
	r.tell(Reason{Why: app.label() + ": cloudflared's page wants the browser to come by the team domain", Mend: "follow the redirect in a browser that is signed in there"})
	s.answerLogin(w, r, c, &Decision{App: app, Destination: app.primary(), subject: subjectFrom(r.Client)})
}

// signedInFor is the sign-in of a request that an application admits, and the policy that does. For
// anybody else it answers as the application would.
func (s *State) signedInFor(w http.ResponseWriter, r *Request, c *Config, app *App) (*session, *appPolicy) {
	d := Decision{App: app, Destination: app.primary(), subject: subjectFrom(r.Client), header: r.HTTP.Header, config: c}
	anonymous := app.evaluate(d.subject)
	if !s.authenticate(c, app, r.HTTP.Header, &d) {
		d.forbid("two different people are signed in at once", "delete the CF_Authorization cookies of this host and its parent domains")
		r.tell(d.reason())
		s.answerForbidden(w, r, c, &d)
		return nil, nil
	}
	result := anonymous
	if d.Identity != nil {
		sub := d.signedInSubject()
		if result = app.evaluate(sub); !app.admitsProvider(sub.traits) {
			result.allow = false
		} else if result.allow && len(d.assertion) > 0 {
			if v, problem := s.verify(d.assertion[0]); problem == "" {
				return s.sessionOf(c, v, r.Client), result.policy
			}
		}
	}
	d.refuse(anonymous, result, r)
	if r.Reticent {
		d.hush()
	}
	r.tell(d.reason())
	if d.Verdict == Forbidden || d.Identity != nil {
		s.answerForbidden(w, r, c, &d)
	} else {
		s.answerLogin(w, r, c, &d)
	}
	return nil, nil
}

// sealGrant binds the form of the page to the browser that it was shown to.
func (s *State) sealGrant(host, session string, key publicKey) string {
	m := hmac.New(sha256.New, s.secret[:])
	m.Write([]byte("cli\x00" + host + "\x00" + session + "\x00"))
	m.Write(key[:])
	return hex.EncodeToString(m.Sum(nil))
}
