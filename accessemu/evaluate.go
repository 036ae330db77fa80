package accessemu

// answer is what a rule or a policy says about a subject.
type answer uint8

const (
	no      answer = iota
	unknown        // a sign-in would decide
	yes
)

func (r *rule) ask(s subject) answer {
	if r.about == aboutIdentity && s.email == "" {
		return unknown
	}
	if r.asker != nil {
		return r.asker.ask(s)
	}
	if r.match(s) {
		return yes
	}
	return no
}

// outcome is what an application's policies say about a subject.
type outcome struct {
	policy  *appPolicy // that decided; nil: none did
	bypass  bool
	service bool // a Service Auth policy
	allow   bool // of a signed-in subject only
	login   bool // of another: a sign-in could help. Of a signed-in one: an external evaluation could
}

// evaluate asks the bypass and Service Auth policies first, then the others in
// order until one describes the subject. Who is described by none is denied.
//
// The whole list is asked at every request, with the identity as it was at the
// sign-in, so a change of address or country, and a change of the policies,
// takes effect at once.
func (a *App) evaluate(s subject) outcome {
	if o := a.unattended(s); o.policy != nil {
		return o
	}
	return a.attended(s)
}

// attended asks the policies that want a sign-in, and those that deny.
func (a *App) attended(s subject) outcome {
	login := false
	for i := range a.policies {
		p := &a.policies[i]
		if p.bypass || p.service {
			continue
		}
		result := p.ask(s)
		if p.allow && (s.email == "" || result == unknown) {
			login = login || result != no
			continue
		}
		if result == yes {
			return outcome{policy: p, allow: p.allow, login: login}
		}
	}
	return outcome{login: login}
}

// unattended asks the policies that want no sign-in.
func (a *App) unattended(s subject) outcome {
	for i := range a.policies {
		p := &a.policies[i]
		if (p.bypass || p.service && s.machine()) && p.ask(s) == yes {
			return outcome{policy: p, bypass: p.bypass, service: p.service}
		}
	}
	return outcome{}
}

// PolicyResult is what one policy of an application said about a request.
type PolicyResult struct {
	Name     string
	Decision string // "allow", "deny", "bypass" or "non_identity"
	Kind, ID string // document in which the policy is written: "app" or "policy"
	Field    string // path inside it: "policies[0]", with the deciding rule: "policies[0].include[1].email"
	Matched  bool   // it described the request
	Deciding bool   // it ended the evaluation
	Why      string // one line
}

// explain asks every policy again, in words.
func (a *App) explain(s subject, deciding *appPolicy) []PolicyResult {
	list := make([]PolicyResult, 0, len(a.policies))
	for _, unattended := range []bool{true, false} {
		for i := range a.policies {
			p := &a.policies[i]
			if (p.bypass || p.service) != unattended {
				continue
			}
			result := p.ask(s)
			if p.service && !s.machine() {
				result = no
			}
			field, why := p.explain(s)
			list = append(list, PolicyResult{
				Name: p.doc.Name, Decision: p.doc.Decision, Kind: p.place.kind, ID: p.place.id, Field: field,
				Matched: result == yes, Deciding: p == deciding, Why: why,
			})
		}
	}
	return list
}

// explain names the rule that made the policy match or fail.
func (p *policy) explain(s subject) (field, why string) {
	if r, why := p.deciding(s); r != nil && !(p.service && !s.machine()) {
		return r.field, why
	}
	verb := "includes only "
	if p.ask(s) == unknown {
		verb = "would include "
	}
	why = verb + said(p.include)
	switch {
	case p.service && !s.machine():
		why += "; nothing was shown that proves to be one"
	case !p.service && s.email == "":
		why += "; nobody is signed in"
	}
	return p.place.field, why
}
