package accessemu

import "strings"

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
	if r.match(s) {
		return yes
	}
	return no
}

// subjectFrom is what policies see of someone who is not signed in.
func subjectFrom(client Client) subject {
	return subject{ip: client.IP.Unmap(), country: client.Country}
}

// ask tells whether the policy describes the subject: one rule of include, all
// of require, none of exclude.
func (p *policy) ask(s subject) answer {
	result := no
	for i := range p.include {
		result = max(result, p.include[i].ask(s))
	}
	for i := range p.require {
		result = min(result, p.require[i].ask(s))
	}
	for i := range p.exclude {
		result = min(result, yes-p.exclude[i].ask(s))
	}
	return result
}

// outcome is what an application's policies say about a subject.
type outcome struct {
	policy *appPolicy // that decided; nil: none did
	bypass bool
	allow  bool // of a signed-in subject only
	login  bool // of another: a sign-in could help
}

// evaluate asks the bypass policies first, then the others in order until one
// describes the subject. Who is described by none is denied.
//
// The whole list is asked at every request, with the identity as it was at the
// sign-in, so a change of address or country, and a change of the policies,
// takes effect at once.
func (a *App) evaluate(s subject) outcome {
	for i := range a.policies {
		if p := &a.policies[i]; p.bypass && p.ask(s) == yes {
			return outcome{policy: p, bypass: true}
		}
	}
	login := false
	for i := range a.policies {
		p := &a.policies[i]
		if p.bypass {
			continue
		}
		result := p.ask(s)
		if s.email == "" && p.allow {
			login = login || result != no
			continue
		}
		if result == yes {
			return outcome{policy: p, allow: p.allow, login: login}
		}
	}
	return outcome{login: login}
}

// PolicyResult is what one policy of an application said about a request.
type PolicyResult struct {
	Name     string
	Decision string // "allow", "deny" or "bypass"
	Kind, ID string // document in which the policy is written: "app" or "policy"
	Field    string // path inside it: "policies[0]", with the deciding rule: "policies[0].include[1].email"
	Matched  bool   // it described the request
	Deciding bool   // it ended the evaluation
	Why      string // one line
}

// explain asks every policy again, in words.
func (a *App) explain(s subject, deciding *appPolicy) []PolicyResult {
	list := make([]PolicyResult, 0, len(a.policies))
	for _, bypass := range []bool{true, false} {
		for i := range a.policies {
			p := &a.policies[i]
			if p.bypass != bypass {
				continue
			}
			result := p.ask(s)
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
	for i := range p.exclude {
		if r := &p.exclude[i]; r.ask(s) == yes {
			return r.field, "excludes " + r.say()
		}
	}
	for i := range p.require {
		if r := &p.require[i]; r.ask(s) == no {
			return r.field, "requires " + r.say() + ", and this is not"
		}
	}
	for i := range p.include {
		if r := &p.include[i]; r.ask(s) == yes {
			return r.field, "includes " + r.say()
		}
	}
	verb := "includes only "
	if p.ask(s) == unknown {
		verb = "would include "
	}
	return p.place.field, verb + said(p.include) + map[bool]string{true: "; nobody is signed in"}[s.email == ""]
}

// say is what the policy describes, in plain words.
func (p *policy) say() string {
	text := said(p.include)
	if len(p.require) > 0 {
		var each []string
		for _, r := range p.require {
			each = append(each, r.say())
		}
		text += ", who must also be " + strings.Join(each, " and ")
	}
	if len(p.exclude) > 0 {
		text += ", but not " + said(p.exclude)
	}
	return text
}

func said(list []rule) string {
	words := make([]string, len(list))
	for i, r := range list {
		words[i] = r.say()
	}
	return strings.Join(words, " or ")
}
