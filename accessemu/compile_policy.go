package accessemu

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/sundog-edge/sundog/internal/derive"
)

// place is where a policy was written: its document, and the path inside it.
type place struct{ kind, id, field string }

// policy is a compiled policy.
type policy struct {
	ruleset
	doc                    Policy
	bypass, service, allow bool          // none: deny
	session                time.Duration // 0: the application's
	external               bool          // asks somebody else about people
	names                  []string      // of what its rules name
}

func (p *policy) key() (id, name string) { return p.doc.ID, p.doc.Name }

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

var decisions = []string{"allow", "bypass", "deny", "non_identity"}

func compilePolicy(doc Policy, at place, f *faults) *policy {
	p := &policy{doc: doc, bypass: doc.Decision == "bypass", service: doc.Decision == "non_identity", allow: doc.Decision == "allow"}
	if !slices.Contains(decisions, doc.Decision) {
		f.add(join(at.field, "decision"), quote(doc.Decision)+", which is no decision", either(decisions), suggest(doc.Decision, decisions))
	}
	p.ruleset = compileRuleset(doc.Include, doc.Exclude, doc.Require, at, f)
	for r := range p.each {
		switch {
		case (p.bypass || p.service) && r.about == aboutIdentity:
			f.add(r.field, "a selector of identity in "+p.kind()+", where nobody signs in", either(selectorsFor(p)), "")
		case p.bypass && r.about == aboutMachine:
			f.add(r.field, "a selector of credentials in a bypass policy, where none is looked at", either(selectorsFor(p)), "")
		case p.allow && r.about == aboutMachine:
			r.about = aboutIdentity // a login is asked for all the same
		}
		if _, ok := r.matcher.(externalMatcher); ok {
			p.external = true
		}
	}
	p.session = parseSession(doc.SessionDuration, join(at.field, "session_duration"), 0, f)
	p.names = p.refs()
	compilePurpose(&p.doc, at.field, f)
	return p
}

// kind is how a policy that wants no sign-in is called.
func (p *policy) kind() string {
	if p.service {
		return "a Service Auth (non_identity) policy"
	}
	return "a bypass policy"
}

// selectorsFor are the selectors that a policy without sign-in may have.
func selectorsFor(p *policy) []string {
	return slices.DeleteFunc(known(selectors), func(name string) bool {
		about := selectors[name].about
		return about == aboutIdentity || p.bypass && about == aboutMachine
	})
}

// resolved is the policy with the documents that it names; itself when it names
// none.
func (p *policy) resolved(x *resolver, f *faults) *policy {
	if len(p.names) == 0 {
		return p
	}
	done := *p
	done.ruleset = p.ruleset.resolved(x, f)
	for r := range done.each {
		g, ok := r.matcher.(groupMatcher)
		if (p.bypass || p.service) && ok && g.group != nil && g.group.identity() {
			f.add(r.field, quote(g.ref)+", a group with rules of identity, in "+p.kind()+", where nobody signs in", "a group of other rules", "")
		}
		if ok && g.group != nil && g.group.external() {
			done.external = true
		}
	}
	return &done
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
			a.refs = append(a.refs, refTo("policy", ref.Ref))
		} else {
			if ref.ID == "" {
				ref.Policy.ID = policyID(account, a.ID, ref.Name, i)
			}
			listed.policy = compilePolicy(ref.Policy, place{"app", a.ID, at}, f)
			a.refs = append(a.refs, listed.policy.names...)
		}
		a.policies = append(a.policies, listed)
	}
	slices.Sort(a.refs)
	a.refs = slices.Compact(a.refs)
	slices.SortStableFunc(a.policies, func(x, y appPolicy) int { return cmp.Compare(x.precedence, y.precedence) })
}

func policyID(account, app, name string, i int) string {
	if name == "" {
		name = strconv.Itoa(i)
	}
	return derive.UUID(account, "access_policy", app+"\x00"+name)
}

// resolve is a copy of the application that has its references resolved.
func (a *App) resolve(x *resolver, f *faults) *App {
	done := *a
	done.policies = slices.Clone(a.policies)
	done.routes = make([]*route, len(a.routes))
	for i, r := range a.routes {
		own := *r
		own.app = &done
		done.routes[i] = &own
	}
	done.workers = make([]*route, len(a.workers))
	for i, r := range a.workers {
		own := *r
		own.app = &done
		done.workers[i] = &own
	}
	done.pages = x.pages(a.doc.CustomPages, f)
	label := done.label()
	for i := range done.policies {
		p := &done.policies[i]
		if p.ref != "" {
			if p.policy = x.policy(p.ref, p.field, f); p.policy == nil {
				continue
			}
		} else {
			p.policy = p.policy.resolved(x, f)
		}
		switch {
		case p.service:
			p.why = label + ": Service Auth " + p.label() + " lets this machine pass"
		case p.bypass:
			p.why = label + ": bypass " + p.label() + " lets this request pass without a sign-in"
		default:
			p.why = label + ": " + p.label() + " admits this request"
		}
	}
	return &done
}
