package accessemu

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/sundog-edge/sundog/internal/derive"
)

// place is where a policy was written: its document, and the path inside it.
type place struct{ kind, id, field string }

// policy is a compiled policy.
type policy struct {
	doc                       Policy
	place                     place
	bypass, allow             bool // neither: deny
	include, exclude, require []rule
	session                   time.Duration // 0: the application's
}

// appPolicy is a policy in the list of one application.
type appPolicy struct {
	*policy           // nil until a reference is resolved
	ref        string // id or name of a reusable policy; empty: inline
	field      string // of the application: "policies[0]"
	precedence int
	why        string // what a request that it decides is told
}

func (p *appPolicy) label() string {
	if p.doc.Name == "" {
		return "policy " + p.field
	}
	return "policy " + quote(p.doc.Name)
}

var decisions = []string{"allow", "bypass", "deny"}

func compilePolicy(doc Policy, at place, f *faults) *policy {
	p := &policy{doc: doc, place: at, bypass: doc.Decision == "bypass", allow: doc.Decision == "allow"}
	switch {
	case doc.Decision == "non_identity":
		f.add(join(at.field, "decision"), quote(doc.Decision)+" (Service Auth), which is not supported yet", either(decisions), "")
	case !slices.Contains(decisions, doc.Decision):
		f.add(join(at.field, "decision"), quote(doc.Decision)+", which is no decision", either(decisions), suggest(doc.Decision, decisions))
	}
	if len(doc.Include) == 0 {
		f.add(join(at.field, "include"), "a policy without a rule", `at least one rule, as {"email": {"email": "alice@example.com"}}`, "")
	}
	p.include = p.compileRules(doc.Include, "include", f)
	p.exclude = p.compileRules(doc.Exclude, "exclude", f)
	p.require = p.compileRules(doc.Require, "require", f)
	p.session = parseSession(doc.SessionDuration, join(at.field, "session_duration"), 0, f)
	return p
}

func (p *policy) compileRules(list []Rule, key string, f *faults) []rule {
	var compiled []rule
	for i, r := range list {
		c, ok := compileRule(r, join(p.place.field, fmt.Sprintf("%s[%d]", key, i)), f)
		if !ok {
			continue
		}
		if p.bypass && c.about == aboutIdentity {
			f.add(c.field, "a selector of identity in a bypass policy, where nobody signs in", either(selectorsAbout(aboutRequest)), "")
		}
		compiled = append(compiled, c)
	}
	return compiled
}

// compilePolicies compiles inline policies and notes the references.
func (a *App) compilePolicies(account string, f *faults) {
	taken := map[int]int{}
	for i, ref := range a.doc.Policies {
		at := fmt.Sprintf("policies[%d]", i)
		listed := appPolicy{ref: ref.Ref, field: at, precedence: cmp.Or(ref.Precedence, i+1)}
		if first, ok := taken[ref.Precedence]; ok && ref.Precedence != 0 {
			f.add(at+".precedence", fmt.Sprintf("%d, which policies[%d] has, too", ref.Precedence, first), "a number of its own", "")
		}
		taken[ref.Precedence] = i
		if ref.Ref != "" {
			a.refs = append(a.refs, ref.Ref)
		} else {
			if ref.ID == "" {
				ref.Policy.ID = policyID(account, a.ID, ref.Name, i)
			}
			listed.policy = compilePolicy(ref.Policy, place{"app", a.ID, at}, f)
		}
		a.policies = append(a.policies, listed)
	}
	slices.SortStableFunc(a.policies, func(x, y appPolicy) int { return cmp.Compare(x.precedence, y.precedence) })
}

func policyID(account, app, name string, i int) string {
	return derive.UUID(account, "access_policy", app+"\x00"+cmp.Or(name, fmt.Sprint(i)))
}

// resolve is a copy of the application that has its references resolved.
func (a *App) resolve(c *Config, f *faults) *App {
	done := *a
	done.policies = slices.Clone(a.policies)
	done.routes = make([]*route, len(a.routes))
	for i, r := range a.routes {
		own := *r
		own.app = &done
		done.routes[i] = &own
	}
	for i := range done.policies {
		p := &done.policies[i]
		if p.ref != "" {
			if p.policy = c.reusable(p.ref, p.field, f); p.policy == nil {
				continue
			}
		}
		p.why = done.label() + ": " + p.label() + " admits this request"
		if p.bypass {
			p.why = done.label() + ": bypass " + p.label() + " lets this request pass without a sign-in"
		}
	}
	return &done
}
