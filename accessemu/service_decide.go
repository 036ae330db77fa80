package accessemu

import (
	"cmp"
	"net/http"
	"slices"
)

// passMachine notes a Service Auth policy that lets the request through, and
// leaves it to Prepare to make a token for one that brought none.
func (d *Decision) passMachine(o outcome, c *Config, s *State, host string) {
	d.pass(o)
	if len(d.assertion) == 0 {
		d.state, d.config, d.host = s, c, host
		d.Carrier = cmp.Or(d.Carrier, d.shown.carrier)
	}
}

// strict decides about a request with the credentials of a service token where
// the organization is strict: nothing else counts, and there is no login.
func (d *Decision) strict(unattended outcome, c *Config, s *State, host string) {
	switch {
	case d.shown.problem != "":
		d.Refused = append(d.Refused, Credential{d.shown.carrier, d.shown.problem})
		d.unauthorized(d.shown.carrier+": "+d.shown.problem, mendPair)
	case d.shown.strict != "":
		d.unauthorized(d.shown.strict, "send it in one way")
	case unattended.service:
		d.passMachine(unattended, c, s, host)
	default:
		d.forbid(d.machineProblem(), mendMachine)
		d.brief = "the service token does not count"
	}
}

const (
	mendMachine = "include it in a policy with the decision non_identity (Service Auth)"
	mendPair    = "send the client id and the secret of a service token that works"
)

func (d *Decision) unauthorized(why, mend string) {
	d.forbid(why, mend)
	d.Verdict, d.block = Unauthorized, true
	d.brief = "the service token does not count"
}

// servesMachines tells whether some policy is Service Auth.
func (a *App) servesMachines() bool {
	return slices.ContainsFunc(a.policies, func(p appPolicy) bool { return p.service })
}

// refuseMachine words a request to an application where a sign-in helps nobody.
func (d *Decision) refuseMachine() {
	app := d.App
	why, mend := "no credential of a machine was sent, and no sign-in helps; "+app.missing(d.subject),
		"send "+headerClientID+" and "+headerSecret+" of a service token that it admits"
	if d.shown.carrier != "" {
		why = d.machineProblem()
		if d.shown.token != nil {
			mend = mendMachine
		}
	} else if len(d.Refused) > 0 {
		last := d.Refused[len(d.Refused)-1]
		why = last.Carrier + " does not count: " + last.Problem + "; " + app.missing(d.subject)
	}
	d.forbid(why, mend)
	if app.doc.ServiceAuth401Redirect && !slices.ContainsFunc(app.policies, func(p appPolicy) bool { return p.allow }) {
		d.Verdict, d.block = Unauthorized, true
	}
	if d.shown.carrier != "" {
		d.brief = "the service token does not count"
	}
}

// machineProblem is why the service token of a request does not open the
// application, and what strict mode would answer.
func (d *Decision) machineProblem() string {
	if d.shown.problem != "" {
		return d.shown.carrier + ": " + d.shown.problem + d.strictly(http.StatusUnauthorized)
	}
	t := d.shown.token
	why := t.label() + " is valid, but no Service Auth policy (non_identity) describes it"
	for i := range d.App.policies {
		p := &d.App.policies[i]
		if !p.allow && !p.service {
			continue
		}
		field, said := p.explain(d.subject)
		if named := p.means(t); named != "" {
			field = named
			said = "names it, and an allow policy asks for a login"
			if p.service {
				_, said = p.explain(d.subject)
			}
			why += "; " + p.label() + " " + said
			d.Kind, d.ID, d.Field = p.place.kind, p.place.id, field
			break
		}
		if p.service {
			why += "; " + p.label() + " " + said
			d.Kind, d.ID, d.Field = p.place.kind, p.place.id, field
		}
	}
	return why + d.strictly(http.StatusForbidden)
}

// strictly tells what strict mode would answer in place of this.
func (d *Decision) strictly(status int) string {
	if d.config != nil && d.config.org.StrictServiceTokenAuth {
		return ""
	}
	if status == http.StatusUnauthorized {
		return " (with strict_service_token_auth the answer would be 401)"
	}
	return " (with strict_service_token_auth the answer would be 403)"
}

// means is the path of the rule by which a policy means a service token; empty:
// it means none.
func (p *policy) means(t *serviceToken) string {
	for i := range p.include {
		r := &p.include[i]
		switch m := r.matcher.(type) {
		case serviceTokenMatcher:
			if m.id == t.id {
				return r.field
			}
		case anyServiceTokenMatcher:
			return r.field
		}
	}
	return ""
}

// mint makes the token of a request that showed another credential: a service
// token, a client certificate, or the token of a linked application.
func (d *Decision) mint() {
	s, c, app := d.state, d.config, d.App
	if d.subject.linked != nil && d.signedIn != nil {
		who := s.sessionOf(c, d.signedIn, Client{IP: d.subject.ip, Country: d.subject.country})
		token, _, err := s.mintApp(c, app, d.deciding, who, d.host)
		if err != nil {
			s.log.Error("access: application token", "error", err)
			return
		}
		d.assertion, d.email = []string{token}, []string{who.email}
		return
	}
	common := ""
	if t := d.subject.service; t != nil {
		common = t.doc.ClientID
	} else if d.subject.cert != nil {
		common = d.subject.cert.CommonName
	}
	made, err := s.mintService(c, app, d.deciding, common, d.host)
	if err != nil {
		s.log.Error("access: token of a service token", "error", err)
		return
	}
	d.assertion = made.header
	if !c.org.StrictServiceTokenAuth {
		d.cookie = made.cookie(d.route)
	}
}
