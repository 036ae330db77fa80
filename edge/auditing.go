package edge

import (
	"cmp"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/accessemu/forge"
	"github.com/sundog-edge/sundog/edge/audit"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/edge/mark"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/tunnelemu"
)

// Audit says of every way into the world what it reaches and who may enter, and what of that is probably
// a mistake. It decides about requests as ServeHTTP would, and sends none.
func (e *Edge) Audit() audit.Report {
	a := &auditing{edge: e, snap: e.snap.Load(), tokens: map[string]http.Header{}, forged: map[string]forgedFor{}}
	for _, p := range e.ServiceTokenPairs() {
		a.tokens[p.Name] = p.Headers()
	}
	var points []audit.Entrypoint
	for _, d := range a.snap.doors() {
		points = append(points, a.point(d))
	}
	var accepted []audit.Accepted
	for _, doc := range a.snap.inFileOrder(world.KindAccepted) {
		x := doc.Value.(*world.Accepted)
		accepted = append(accepted, audit.Accepted{Host: x.Host, Reason: x.Reason, Until: x.Until, Where: doc.Mark.String()})
	}
	r := audit.Run(points, accepted, e.clock.Now(), a.ask)
	for _, err := range e.Stale() {
		r.Stale = append(r.Stale, err.Error())
	}
	return r
}

func (b *backend) Audit() audit.Report { return (*Edge)(b).Audit() }

// auditing is one audit of one snapshot.
type auditing struct {
	edge   *Edge
	snap   *snapshot
	tokens map[string]http.Header // of service tokens by name
	forged map[string]forgedFor   // by audience tag
}

// forgedFor are the forgeries for one application, by name.
type forgedFor map[string]forge.Forged

// request is one to a host and path, which may be patterns.
func (a *auditing) request(host, path string, plain bool) *http.Request {
	r, err := http.NewRequest(http.MethodGet, "https://"+sample(host)+sample(path), nil)
	if err != nil { // no pattern of a world is no URL
		panic("edge: " + err.Error())
	}
	r = r.WithContext(listen.With(r.Context(), &listen.Info{}))
	if !plain {
		r.TLS = pretendTLS(r.Host)
	}
	return r
}

func (a *auditing) ask(e *audit.Entrypoint, path string, p audit.Principal) audit.Answer {
	r, email := a.request(e.Host, path, e.Plain), ""
	var forged forge.Forged
	switch p.Role {
	case audit.Nobody:
		email = "nobody@audit.invalid"
	case audit.Person:
		email = p.Name
	case audit.ServiceToken:
		for name, values := range a.tokens[p.Name] {
			r.Header[name] = values
		}
	case audit.Forger:
		aud, name, _ := strings.Cut(p.Name, " ")
		forged = a.forged[aud][name]
		forged.Put(r)
	}
	q := a.edge.beginOn(a.snap, r, email)
	x := audit.Answer{Identity: q.reached(r.URL.Path)}
	switch q.guard.Verdict {
	case accessemu.NoApplication:
		x.Enters = q.admission.problem == nil && q.route.ours()
	case accessemu.Bypass:
		x.Enters, x.Bypass = true, true
	case accessemu.Forward:
		x.Enters = true
	}
	if p.Role == audit.Forger { // beside a genuine token, believing that one is right
		x.Enters = x.Enters && (forged.Claimed == "" || q.guard.Identity != nil && q.guard.Identity.Email == forged.Claimed)
	}
	return x
}

// point is a door as the audit looks at it.
func (a *auditing) point(d door) audit.Entrypoint {
	shown := a.edge.entrypoint(a.snap, d)
	r := a.request(d.host, d.path, d.plain)
	q := a.edge.beginOn(a.snap, r, "")
	x := audit.Entrypoint{Host: d.host, Path: d.path, Plain: d.plain, Kind: q.way(), Reaches: shown.Target, Identity: q.reached(r.URL.Path), Where: shown.Where}
	if q.route.code.preview() && strings.Contains(d.host, "*") { // all of them
		x.Reaches = strings.TrimSuffix(x.Reaches, " "+q.route.code.version)
	}
	if t := q.route.tunnel; t != nil {
		if rule := q.knownRule(r.URL.Path); rule != nil {
			x.IgnoredWhere, x.Ignored = a.snap.ignoredAccess(t, rule)
		}
	}
	app := q.guard.App
	if app == nil {
		return x
	}
	x.Guard = app.Name
	machines := false
	for i, p := range app.Described() {
		everyone := len(p.Exclude)+len(p.Require) == 0 && slices.ContainsFunc(p.Include, func(r accessemu.Rule) bool { return r.Selector == "everyone" })
		x.Policies = append(x.Policies, audit.Policy{
			Name: cmp.Or(p.Name, p.Field), Decision: p.Decision, Words: p.Words, Everyone: everyone, Where: a.snap.accessMark(p.Kind, p.ID, p.Field),
		})
		switch p.Decision {
		case "allow":
			x.Asked = append(x.Asked, named(p.Include, i)...)
		case "non_identity":
			machines = true
		}
	}
	if machines {
		for _, p := range a.edge.ServiceTokenPairs() {
			x.Asked = append(x.Asked, audit.Principal{Role: audit.ServiceToken, Name: p.Name})
		}
	}
	x.Forgers = a.forgers(&guarded{q, app, r.URL})
	return x
}

// named are principals for the rules that tell an address; a rule that does not is asked about as nobody.
func named(rules []accessemu.Rule, policy int) (list []audit.Principal) {
	for _, rule := range rules {
		p := audit.Principal{Role: audit.Person, Policy: policy}
		switch v := rule.Value.(type) {
		case accessemu.EmailRule:
			p.Name = v.Email
		case accessemu.EmailDomainRule:
			domain := strings.TrimPrefix(v.Domain, "@")
			p.Name, p.Label = "sundog-audit@"+domain, "anyone @"+domain
		case accessemu.EveryoneRule:
			p.Name, p.Label = "sundog-audit@example.com", "anyone who logs in"
		default:
			p.Name = "nobody@audit.invalid" // who is described shows from the policy's words
		}
		list = append(list, p)
	}
	return list
}

// allForged is for how many applications every forgery is tried. The others get the one about the audience, which is
// all that differs between applications: each costs a signature.
const allForged = 8

// forgers makes the forgeries for an application once. Where its policies name nobody there is none to forge.
func (a *auditing) forgers(g *guarded) (list []audit.Principal) {
	made, ok := a.forged[g.app.AUD]
	if !ok {
		all := len(a.forged) < allForged
		made = forgedFor{}
		a.forged[g.app.AUD] = made
		if email := g.somebody(); email != "" {
			m, err := g.material(email)
			for _, f := range forge.All() {
				if err != nil || !all && f.Name != "aud-other-application" {
					continue
				}
				if one, err := f.Make(m); err == nil {
					made[f.Name] = one
				}
			}
		}
	}
	for _, f := range forge.All() {
		if _, ok := made[f.Name]; ok {
			list = append(list, audit.Principal{Role: audit.Forger, Name: g.app.AUD + " " + f.Name, Label: f.Name})
		}
	}
	return list
}

// way is how a request is led to its target.
func (q *request) way() audit.Kind {
	if c := &q.route.code; c.is() {
		return audit.Kind(c.way.String())
	}
	if q.route.tunnel != nil {
		return audit.Tunnel
	}
	return audit.Direct
}

// reached is what takes a request, by whatever host it comes: the same text for the same target, and none
// for what is none.
func (q *request) reached(path string) string {
	rt := &q.route
	switch {
	case rt.code.project != nil:
		return "Pages project " + rt.code.name()
	case rt.code.is():
		return "Worker " + rt.code.name()
	case rt.tunnel != nil:
		rule := q.knownRule(path)
		if rule == nil {
			return ""
		}
		if _, fixed := strings.CutPrefix(rule.Service, "http_status:"); fixed || rule.Service == "hello_world" || rule.Service == "hello-world" {
			return ""
		}
		return "tunnel " + rt.tunnel.def.UUID + " " + q.snap.whereabouts(rule.Service)
	case rt.record != nil && rt.problem == nil:
		return "origin " + strings.TrimSuffix(strings.ToLower(rt.record.Content), ".")
	}
	return ""
}

// knownRule is the rule that takes a request, also where no connector is there to take it; nil: it is not known.
func (q *request) knownRule(path string) *tunnelemu.Rule {
	t, host := q.route.tunnel, q.admission.host.Name
	if q.route.live || t.rules == nil {
		if t.embedded == nil && !t.managed() {
			return nil
		}
		return q.route.rule(host, path).Rule
	}
	return t.rules.Decide(host, path).Rule
}

// whereabouts is where a service is: one text for all spellings of an address.
func (s *snapshot) whereabouts(service string) string {
	addr, _, ok := dialAddress(service)
	if !ok {
		return service
	}
	addr = strings.ToLower(addr)
	if to, ok := find(s.origins, addr); ok {
		return to.network + " " + to.addr
	}
	if host, port, err := net.SplitHostPort(addr); err == nil && (host == "localhost" || host == "127.0.0.1" || host == "::1") {
		return "tcp localhost:" + port
	}
	return "tcp " + addr
}

// ignoredAccess tells whether an access block should check what a rule takes, and does not; and where it stands.
func (s *snapshot) ignoredAccess(t *tunnel, rule *tunnelemu.Rule) (where string, ok bool) {
	config := t.def.Config
	if config == nil || rule.OriginRequest.Access != nil || !s.quirkOn(quirkIgnoredAccess) {
		return "", false
	}
	if top := config.OriginRequest.Access; top == nil || !top.Required {
		return "", false
	}
	if at := config.At("originRequest.access"); at.Line > 0 {
		return mark.At(config.File, at.Line, at.Column).String(), true
	}
	return s.mark(t.key, ""), true
}
