package accessemu

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	accessPath   = "/cdn-cgi/access/"
	resourcePath = "/.well-known/cloudflare-access-protected-resource"
)

// Decide says what is to become of a request to any host but the team's. It
// changes nothing, and for a plain path and a credential seen before it
// allocates nothing. A nil State knows no credential.
func (c *Config) Decide(s *State, r *Request) Decision {
	if c == nil {
		return Decision{Why: whyNoApplication}
	}
	path, plain := requestPath(r.HTTP.URL)
	if reserved(path) && c.guards(r, r.Host) {
		return c.endpoint(r, path)
	}
	d := Decision{}
	if plain || !c.readDiffers(r) || c.oneReading(r, path, &d) {
		c.judge(s, r, path, &d)
	}
	if r.Reticent && !d.passes() {
		d.hush()
	}
	return d
}

// judge decides a request whose path has one meaning.
func (c *Config) judge(s *State, r *Request, path string, d *Decision) {
	rt := c.route(r, path)
	if rt == nil {
		c.unmatched(d, r.Host)
	} else {
		d.App, d.Destination = rt.app, rt.destination
		if asksMetadata(r.HTTP) {
			d.Verdict = Endpoint
			return
		}
		d.subject = subjectFrom(r.Client)
		d.header, d.route = r.HTTP.Header, rt
		d.decide(c, s, r)
	}
	if d.passes() {
		d.sayCase(c, r.Host, path)
	}
}

// passes tells whether the request goes on to the origin.
func (d *Decision) passes() bool {
	return d.Verdict == NoApplication || d.Verdict == Bypass || d.Verdict == Forward
}

// reserved holds for the paths of Access itself.
func reserved(path string) bool {
	rest, ok := strings.CutPrefix(path, resourcePath)
	return strings.HasPrefix(path, accessPath) || ok && (rest == "" || rest[0] == '/')
}

// requestPath is the canonical path of a request, and whether nobody could
// read it otherwise.
func requestPath(u *url.URL) (path string, plain bool) {
	if u.RawPath == "" && plainPath(u.Path) {
		return u.Path, true
	}
	path = u.EscapedPath()
	return canonicalPath(path), plainPath(path)
}

func (c *Config) endpoint(r *Request, path string) Decision {
	d := Decision{Verdict: Endpoint}
	if rt := c.route(r, path); rt != nil {
		d.App, d.Destination = rt.app, rt.destination
	}
	return d
}

const whyNoApplication = "no Access application covers this host and path"

func (c *Config) unmatched(d *Decision, host string) {
	d.Why = whyNoApplication
	if c.org.DenyUnmatchedRequests && !c.exempted(host) {
		d.Verdict = Forbidden
		d.Why = "no Access application covers " + host + " at this path, and the organization denies unmatched requests"
		d.Mend = "put an application in front of it, or turn deny_unmatched_requests off"
		d.Kind, d.Field = "organization", "deny_unmatched_requests"
		d.brief = "this request is refused"
	}
}

// exempted tells whether a host lies in a zone whose unmatched requests pass.
func (c *Config) exempted(host string) bool {
	return slices.ContainsFunc(c.org.DenyUnmatchedExempted, func(zone string) bool {
		zone = lowerASCII(zone)
		return host == zone || strings.HasSuffix(host, "."+zone)
	})
}

// readDiffers tells whether paths of a host can have different applications.
func (c *Config) readDiffers(r *Request) bool {
	return c.index.guards(r.Host) || r.WorkerAt != nil && c.workers.Len() > 0
}

// oneReading tells whether the same application, or none, covers the path
// however it is read, and notes the readings.
func (c *Config) oneReading(r *Request, path string, d *Decision) bool {
	switch {
	case holdsNUL(path):
		d.ambiguous("the path holds an encoded NUL, where some software ends a path", "leave %00 out of the path")
		return false
	case len(path) > maxRawPath:
		d.ambiguous("the path is too long to be read in all the ways in which software may read it", "write the path in its plain form")
		return false
	}
	list, all := readings(path)
	var each []string
	read := func(path string, rt *route) {
		reading := Reading{Path: path}
		if rt != nil {
			reading.App, reading.Destination = rt.app, rt.destination
		}
		if !slices.ContainsFunc(d.Readings, func(o Reading) bool { return o.App == reading.App }) {
			label := "no application"
			if reading.App != nil {
				label = reading.App.label()
			}
			each = append(each, clip(path)+" ("+label+")")
		}
		if len(list) > 1 || r.WorkerAt != nil {
			d.Readings = append(d.Readings, reading)
		}
	}
	if r.WorkerAt != nil { // Worker was found by the path as it is written
		read(r.HTTP.URL.EscapedPath(), c.route(r, path))
		if len(list) == 0 {
			read(path, c.routeRead(r, path))
		}
	}
	for _, path := range list {
		read(path, c.routeRead(r, path))
	}
	switch {
	case len(each) > 1:
		d.ambiguous("the path can be read in ways that different applications cover: "+strings.Join(each, ", "), "write the path in its plain form")
	case !all:
		d.ambiguous("the path can be read in more ways than are looked at", "write the path in its plain form")
	default:
		return true
	}
	return false
}

// clip keeps a path that somebody made long out of a sentence.
func clip(path string) string {
	if len(path) > 200 {
		return path[:200] + "…"
	}
	return path
}

func (d *Decision) ambiguous(why, mend string) {
	d.Verdict, d.Why, d.Mend = Ambiguous, why, mend
	d.brief = "the path can be read in several ways"
}

func (d *Decision) decide(c *Config, s *State, r *Request) {
	app := d.App
	d.config = c
	options := r.HTTP.Method == http.MethodOptions
	if options && app.cors != nil {
		d.preflight()
		return
	}
	if s != nil {
		d.shown = s.showService(c, app, r.HTTP.Header, s.now())
		if d.subject.service = d.shown.token; d.shown.token != nil {
			d.ServiceToken = d.shown.token.doc.Name
		}
	}
	unattended := app.unattended(d.subject)
	switch {
	case unattended.bypass && d.pass(unattended):
		return
	case d.route.ofWorker() && upgradesWebSocket(r.HTTP):
		d.noWebSocket()
		return
	case options:
		d.options()
		return
	case c.org.StrictServiceTokenAuth && d.shown.carrier != "":
		d.strict(unattended, c, s, r.Host)
		return
	case unattended.service:
		d.passMachine(unattended, c, s, r.Host)
		return
	}
	if d.shown.problem != "" {
		d.Refused = append(d.Refused, Credential{d.shown.carrier, d.shown.problem})
	}
	anonymous := app.attended(d.subject)
	signedIn := d.subject
	switch {
	case r.As != "":
		email, _ := canonicalEmail(r.As)
		d.Identity, d.Carrier = &Identity{Email: email, Subject: subjectOf(c.account, email)}, "assumed"
		signedIn = assumed(c, app, r.Client, email)
	case s != nil && !s.authenticate(c, app, r.HTTP.Header, d):
		d.forbid("two different people are signed in at once", "delete the CF_Authorization cookies of this host and its parent domains")
		d.brief = "two different people are signed in at once"
		return
	case d.subject.service != signedIn.service, d.subject.linked != nil:
		if o := app.unattended(d.subject); o.service {
			d.passMachine(o, c, s, r.Host)
			return
		}
		d.Refused = append(d.Refused, Credential{d.Carrier, "no Service Auth policy includes the service token it was made for any more"})
		d.Carrier, d.assertion = "", nil
		d.subject = signedIn
	case d.signedIn != nil:
		signedIn = d.signedInSubject()
	}
	result := anonymous
	if d.Identity != nil {
		result = app.attended(signedIn)
		if !app.admitsProvider(signedIn.traits) {
			result.allow = false
		}
		if d.pass(result) {
			d.subject = signedIn
			return
		}
		if anonymous.login {
			d.subject = signedIn
		}
	}
	d.refuse(anonymous, result, r)
}

// signedInSubject is whom policies see of the accepted token.
func (d *Decision) signedInSubject() subject {
	s := d.subject
	s.email = d.Identity.Email
	if d.signedIn != nil {
		s.traits, s.answers = d.signedIn.traits, d.signedIn.answers
	}
	return s
}

// pass notes an outcome that lets the request through.
func (d *Decision) pass(o outcome) bool {
	switch {
	case o.bypass:
		d.Verdict = Bypass
	case o.allow, o.service:
		d.Verdict = Forward
	default:
		return false
	}
	d.decided(o.policy)
	d.Why = o.policy.why
	return true
}

func (d *Decision) decided(p *appPolicy) {
	d.deciding = p
	if d.Policy = p.doc.Name; d.Policy == "" {
		d.Policy = p.field
	}
	d.Kind, d.ID, d.Field = p.place.kind, p.place.id, p.place.field
}

// options answers preflights, which browsers send without any credential.
func (d *Decision) options() {
	if d.App.doc.OptionsPreflightBypass {
		d.Verdict = Bypass
		d.Why = d.App.label() + ": options_preflight_bypass lets OPTIONS requests pass"
		d.Kind, d.ID, d.Field = "app", d.App.ID, "options_preflight_bypass"
		return
	}
	d.forbid("OPTIONS requests carry no credential and are refused, signed in or not",
		"set options_preflight_bypass on the application, and answer preflights in the origin")
}

func (d *Decision) forbid(why, mend string) {
	d.Verdict = Forbidden
	d.Why, d.Mend = d.App.label()+": "+why, mend
	d.brief = "this request is refused, whoever signs in"
	if d.Kind == "" {
		d.Kind, d.ID = "app", d.App.ID
	}
}

// refuse words a request that no policy lets through.
func (d *Decision) refuse(anonymous, result outcome, r *Request) {
	app := d.App
	if !anonymous.login {
		d.Identity, d.Carrier = nil, ""
		switch {
		case anonymous.policy == nil && app.servesMachines():
			d.refuseMachine()
		case anonymous.policy != nil:
			d.decided(anonymous.policy)
			d.forbid("deny "+anonymous.policy.label()+" describes this request whoever signs in: "+anonymous.policy.say(),
				"change the policy, or come from elsewhere")
		case len(app.policies) == 0:
			d.forbid("it has no policy, so nobody is admitted", "give it an allow policy")
		default:
			d.forbid("no policy can admit this request, whoever signs in; "+app.missing(d.subject), "change a policy, or come from elsewhere")
		}
		return
	}
	why := "nobody is signed in"
	d.brief = why
	if len(d.Refused) > 0 {
		last := d.Refused[len(d.Refused)-1]
		why = last.Carrier + " does not count: " + last.Problem
		d.brief = why
	}
	d.Kind, d.ID = "app", app.ID
	d.Mend = "sign in as someone it admits"
	if d.shown.carrier != "" && d.Identity == nil {
		why, d.Mend = d.machineProblem(), mendPair
		if d.shown.token != nil {
			d.Mend = mendMachine
		}
		d.brief = "the service token does not count"
	}
	if d.Identity != nil {
		why = d.Identity.Email + " is signed in, but no policy admits that address"
		d.brief = d.Identity.Email + " is signed in, but has no access"
		if result.policy != nil {
			d.decided(result.policy)
			why = d.Identity.Email + " is signed in, but deny " + result.policy.label() + " describes that address"
			if result.policy.allow {
				why = d.Identity.Email + " is signed in at an identity provider that allowed_idps leaves out"
				d.Kind, d.ID, d.Field = "app", app.ID, "allowed_idps"
			}
		}
		d.Mend = "sign in as someone it admits, or change a policy"
	}
	d.Why = app.label() + ": " + why + "; it admits " + app.admits()
	d.Verdict = Login
	if xhr(r.HTTP) {
		d.Verdict = Unauthorized
	}
}

// xhr tells whether a script asked, and in the one way that Access heeds.
func xhr(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("X-Requested-With"), "XMLHttpRequest")
}

// admits is whom the allow policies describe, in plain words.
func (a *App) admits() string {
	var each []string
	for i := range a.policies {
		if p := &a.policies[i]; p.allow {
			each = append(each, p.say()+" ("+p.label()+")")
		}
	}
	if len(each) == 0 {
		return "nobody"
	}
	return strings.Join(each, " or ")
}

// missing is what each allow policy asks for that this request is not.
func (a *App) missing(s subject) string {
	var each []string
	for i := range a.policies {
		if p := &a.policies[i]; p.allow || p.service {
			_, why := p.explain(s)
			each = append(each, p.label()+" "+why)
		}
	}
	if len(each) == 0 {
		return "it has no allow policy"
	}
	return strings.Join(each, "; ")
}
