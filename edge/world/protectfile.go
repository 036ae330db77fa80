package world

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The names of the policies that protections write.
const (
	policyOfPeople   = "Who may enter"
	policyOfMachines = "Service tokens"
)

// ProtectFile puts a protection into the text of a sundog.yaml or sundog.json, whose comments and layout stay
// as they are: an application for the host, if none has it as a destination, or what is missing of its policies. The
// text is the same when nothing is missing. What was written is in steps, a line each.
func ProtectFile(name string, data []byte, p Protection) (text []byte, steps []string, err error) {
	e := &protecting{name: name, data: data}
	for _, token := range p.ServiceTokens {
		if !e.hasToken(token) {
			e.add("service token "+token, item{[]string{"name: " + scalar(token)}, asJSON(pairsOf("name", token))}, "access", "service_tokens")
		}
	}
	i := e.app(p.Host)
	if i < 0 {
		i = e.join(p)
	}
	if i < 0 {
		e.add("application "+p.Host, p.app(), "access", "apps")
	} else {
		e.extend(fmt.Sprintf("[%d]", i), "allow", policyOfPeople, rulesFor(p.Allow, false))
		e.extend(fmt.Sprintf("[%d]", i), "non_identity", policyOfMachines, rulesFor(p.ServiceTokens, true))
	}
	if e.err != nil {
		return nil, nil, e.err
	}
	return e.data, e.steps, nil
}

// addressed are the selectors of policies that others of their kind may join.
var addressed = map[string][]string{"allow": {"email", "email_domain"}, "non_identity": {"service_token"}}

// protecting is a file that is edited.
type protecting struct {
	name  string
	data  []byte
	steps []string
	err   error // the first one; nothing is done after it
}

func (e *protecting) add(step string, it item, to ...string) {
	if e.err != nil {
		return
	}
	var data []byte
	if data, e.err = addItem(&source{e.name, e.data}, to, it); e.err == nil {
		e.data, e.steps = data, append(e.steps, step)
	}
}

// node is what the file has at a place; nil: nothing.
func (e *protecting) node(steps ...string) *yaml.Node {
	n, problem := parse(&source{e.name, e.data})
	if problem != nil {
		return nil // of an empty file; of another the edit says so
	}
	for _, step := range steps {
		if n = child(n, step, maxMerges); n == nil {
			return nil
		}
	}
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func (e *protecting) hasToken(name string) bool {
	return slices.ContainsFunc(itemsOf(e.node("access", "service_tokens")), func(n *yaml.Node) bool {
		return textAt(n, "name") == name || textAt(n, "id") == name
	})
}

// normal is a host, or a host and path, in the form in which protections have it.
func normal(text string) string {
	host, path, _ := strings.Cut(text, "/")
	if host = canonical(host); path != "" && path != "*" {
		host += "/" + path
	}
	return host
}

// app is the place of the application that has a host, or a host and path, as a destination; -1: there is none.
func (e *protecting) app(host string) int {
	same := func(text string) bool { return normal(text) == host }
	return slices.IndexFunc(itemsOf(e.node("access", "apps")), func(n *yaml.Node) bool {
		if same(textAt(n, "domain")) {
			return true
		}
		destinations := itemsOf(child(n, "destinations", maxMerges))
		for _, d := range destinations {
			if same(textAt(d, "uri")) {
				return true
			}
		}
		return destinations == nil && slices.ContainsFunc(itemsOf(child(n, "self_hosted_domains", maxMerges)), func(d *yaml.Node) bool { return same(d.Value) })
	})
}

// join makes a host a destination of the application that has the audience which is checked there already: no two may
// have one. It answers the application's place; -1: none has it.
func (e *protecting) join(p Protection) int {
	if p.beside == "" {
		return -1
	}
	i := e.app(p.beside)
	if i < 0 {
		return i
	}
	at := fmt.Sprintf("[%d]", i)
	if e.node("access", "apps", at, "destinations") == nil && e.node("access", "apps", at, "self_hosted_domains") != nil {
		e.add("host "+p.Host, item{[]string{scalar(p.Host)}, asJSON(p.Host)}, "access", "apps", at, "self_hosted_domains")
		return i
	}
	e.add("host "+p.Host, item{[]string{"{type: public, uri: " + scalar(p.Host) + "}"}, asJSON(pairsOf("type", "public", "uri", p.Host))}, "access", "apps", at, "destinations")
	return i
}

// extend gives an application the rules that it misses: in a policy of that decision that says nothing but who is
// included, else in one of their own.
func (e *protecting) extend(app, decision, name string, rules []rule) {
	policies := itemsOf(e.node("access", "apps", app, "policies"))
	best := -1
	for i, n := range policies {
		if textAt(n, "decision") != decision || child(n, "require", maxMerges) != nil || child(n, "exclude", maxMerges) != nil {
			continue
		}
		include := itemsOf(child(n, "include", maxMerges))
		rules = slices.DeleteFunc(slices.Clone(rules), func(r rule) bool {
			return slices.ContainsFunc(include, func(n *yaml.Node) bool {
				return strings.EqualFold(textAt(child(n, r.selector, maxMerges), r.key), r.value)
			})
		})
		alike := !slices.ContainsFunc(include, func(n *yaml.Node) bool {
			return !slices.ContainsFunc(addressed[decision], func(selector string) bool { return child(n, selector, maxMerges) != nil })
		})
		if alike && (best < 0 || textAt(n, "name") == name) {
			best = i
		}
	}
	if len(rules) == 0 {
		return
	}
	if best < 0 {
		e.add(decision+" policy "+quote(name), policyItem(name, decision, rules), "access", "apps", app, "policies")
		return
	}
	for _, r := range rules {
		e.add(r.say(), item{[]string{r.yaml()}, r.json()}, "access", "apps", app, "policies", fmt.Sprintf("[%d]", best), "include")
	}
}

// itemsOf are the items of a list; nil: it is none.
func itemsOf(n *yaml.Node) []*yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

func textAt(n *yaml.Node, key string) string {
	if n == nil {
		return ""
	}
	if n = child(n, key, maxMerges); n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// rule is one rule of a policy, as {email: {email: alice@example.com}}.
type rule struct{ selector, key, value string }

func rulesFor(who []string, tokens bool) (list []rule) {
	for _, text := range who {
		domain, ok := strings.CutPrefix(text, "@")
		switch {
		case tokens:
			list = append(list, rule{"service_token", "token_id", text})
		case ok:
			list = append(list, rule{"email_domain", "domain", domain})
		default:
			list = append(list, rule{"email", "email", text})
		}
	}
	return list
}

func (r rule) yaml() string { return r.selector + ": {" + r.key + ": " + scalar(r.value) + "}" }

func (r rule) json() string { return asJSON(pairsOf(r.selector, pairsOf(r.key, r.value))) }

func (r rule) say() string {
	switch r.selector {
	case "email_domain":
		return "anyone @" + r.value
	case "service_token":
		return "service token " + r.value
	}
	return r.value
}

// policyItem is a policy of those rules.
func policyItem(name, decision string, rules []rule) item {
	it := item{lines: []string{"name: " + scalar(name), "decision: " + decision, "include:"}}
	var include []json.RawMessage
	for _, r := range rules {
		it.lines = append(it.lines, "  - "+r.yaml())
		include = append(include, json.RawMessage(r.json()))
	}
	it.json = asJSON(pairsOf("name", name, "decision", decision, "include", include))
	return it
}

// app is the application of a protection.
func (p Protection) app() item {
	it := item{lines: []string{"name: " + scalar(p.Host), "domain: " + scalar(p.Host)}}
	keys := []any{"name", p.Host, "domain", p.Host}
	if p.AUD != "" {
		it.lines = append(it.lines, "aud: "+scalar(p.AUD)+" # the audience tag that is checked already")
		keys = append(keys, "aud", p.AUD)
	}
	it.lines = append(it.lines, "policies:")
	var policies []json.RawMessage
	for _, policy := range []struct {
		name, decision string
		rules          []rule
	}{{policyOfPeople, "allow", rulesFor(p.Allow, false)}, {policyOfMachines, "non_identity", rulesFor(p.ServiceTokens, true)}} {
		if len(policy.rules) == 0 {
			continue
		}
		one := policyItem(policy.name, policy.decision, policy.rules)
		it.lines = append(it.lines, indented(dashed(one.lines), 2)...)
		policies = append(policies, json.RawMessage(one.json))
	}
	it.json = asJSON(pairsOf(append(keys, "policies", policies)...))
	return it
}

// jsonPairs are the members of an object in their order.
type jsonPairs []any

func pairsOf(keysAndValues ...any) jsonPairs { return keysAndValues }

// asJSON is a value in one line with the spaces that people write.
func asJSON(value any) string {
	switch v := value.(type) {
	case jsonPairs:
		var each []string
		for i := 0; i+1 < len(v); i += 2 {
			each = append(each, asJSON(v[i])+": "+asJSON(v[i+1]))
		}
		return "{" + strings.Join(each, ", ") + "}"
	case []json.RawMessage:
		var each []string
		for _, one := range v {
			each = append(each, string(one))
		}
		return "[" + strings.Join(each, ", ") + "]"
	case string:
		value = strings.ReplaceAll(v, "${", "$${")
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return fmt.Sprintf("%q", value)
	}
	return strings.TrimSpace(b.String())
}
