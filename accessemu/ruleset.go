package accessemu

import (
	"fmt"
	"slices"
	"strings"
)

// ruleset is what a policy and a group have in common.
type ruleset struct {
	place                     place
	include, exclude, require []rule
}

func compileRuleset(include, exclude, require []Rule, at place, f *faults) ruleset {
	if len(include) == 0 {
		f.add(join(at.field, "include"), "a "+noun(at)+" without a rule", `at least one rule, as {"email": {"email": "alice@example.com"}}`, "")
	}
	return ruleset{at, compileRules(include, at, "include", f), compileRules(exclude, at, "exclude", f), compileRules(require, at, "require", f)}
}

// noun is what a place's ruleset is called.
func noun(at place) string {
	if at.kind == "group" {
		return "group"
	}
	return "policy"
}

func compileRules(list []Rule, at place, key string, f *faults) []rule {
	var compiled []rule
	for i, r := range list {
		if c, ok := compileRule(r, join(at.field, fmt.Sprintf("%s[%d]", key, i)), f); ok {
			compiled = append(compiled, c)
		}
	}
	return compiled
}

// each ranges over all rules.
func (p *ruleset) each(yield func(*rule) bool) {
	for _, list := range [][]rule{p.include, p.exclude, p.require} {
		for i := range list {
			if !yield(&list[i]) {
				return
			}
		}
	}
}

// refs are the documents that the rules name.
func (p *ruleset) refs() (list []string) {
	for r := range p.each {
		if m, ok := r.matcher.(referrer); ok {
			list = append(list, m.refs()...)
		}
	}
	return list
}

// resolved is the ruleset with the documents that it names in place of their
// names; itself when it names none.
func (p ruleset) resolved(x *resolver, f *faults) ruleset {
	p.include, p.exclude, p.require = resolveRules(p.include, x, f), resolveRules(p.exclude, x, f), resolveRules(p.require, x, f)
	return p
}

func resolveRules(list []rule, x *resolver, f *faults) []rule {
	copied := false
	for i := range list {
		m, ok := list[i].matcher.(referrer)
		if !ok {
			continue
		}
		if !copied {
			list, copied = slices.Clone(list), true
		}
		if found := m.resolve(x, list[i].field, f); found != nil {
			list[i].matcher = found
			list[i].asker, _ = found.(asker)
		}
	}
	return list
}

// ask tells whether the rules describe the subject: one of include, all of
// require, none of exclude.
func (p *ruleset) ask(s subject) answer {
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

// deciding is the rule that made the ruleset match or fail, and in words why;
// nil when it is that no rule of include matched.
func (p *ruleset) deciding(s subject) (r *rule, why string) {
	for i := range p.exclude {
		if r := &p.exclude[i]; r.ask(s) == yes {
			return r, "excludes " + r.say()
		}
	}
	for i := range p.require {
		if r := &p.require[i]; r.ask(s) == no {
			return r, "requires " + r.say() + ", and this is not"
		}
	}
	for i := range p.include {
		if r := &p.include[i]; r.ask(s) == yes {
			return r, "includes " + r.say()
		}
	}
	return nil, ""
}

// say is what the rules describe, in plain words.
func (p *ruleset) say() string {
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
