package accessemu

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"slices"
	"strings"
)

// selectors are the kinds of rule there are, by their name in JSON. A new one
// is a file with its value type and its matcher, and a line here.
var selectors = map[string]selector{
	"email":        rules[EmailRule](aboutIdentity),
	"email_domain": rules[EmailDomainRule](aboutIdentity),
	"everyone":     rules[EveryoneRule](aboutRequest),
	"geo":          rules[GeoRule](aboutRequest),
	"ip":           rules[IPRule](aboutRequest),
}

// laterSelectors are those that the real API has and this package has not.
var laterSelectors = []string{
	"any_valid_service_token", "auth_context", "auth_method", "azureAD", "certificate",
	"cloudflare_account_member", "common_name", "device_posture", "email_list",
	"external_evaluation", "github-organization", "group", "gsuite", "ip_list",
	"linked_app_token", "login_method", "oidc", "okta", "saml", "service_token",
	"user_risk_score",
}

// about says what a selector looks at: data of the request can be decided
// before a login and changes during a session; identity is known only after.
type about bool

const (
	aboutRequest  about = false
	aboutIdentity about = true
)

// subject is whom a policy is asked about. It is passed by value so that asking
// costs no allocation.
type subject struct {
	ip      netip.Addr
	country string
	email   string // lower case; empty: not signed in
}

// matcher is a compiled rule.
type matcher interface {
	match(subject) bool
	say() string // what it admits, in plain words: "the e-mail address a@example.com"
}

// compiler is implemented by the value type of every selector.
type compiler interface {
	compile(field string, f *faults) matcher // nil after a fault
}

type selector struct {
	about about
	parse func(raw json.RawMessage, field string, f *faults) compiler
}

func rules[T compiler](a about) selector {
	return selector{a, func(raw json.RawMessage, field string, f *faults) compiler {
		var value T
		before := len(f.list)
		if hint := wrapped(raw, value); hint != "" {
			f.add(field, found(raw), "an object", hint)
			return nil
		}
		decodeObject(raw, reflect.ValueOf(&value).Elem(), field, shape{}, f, func(raw json.RawMessage, target any, at string) {
			decodePlain(raw, target, at, f)
		})
		if len(f.list) > before {
			return nil
		}
		return value
	}}
}

// wrapped is the object that a bare text was meant to be, for a selector whose
// value has one field; empty for any other value.
func wrapped(raw json.RawMessage, value compiler) string {
	t := reflect.TypeOf(value)
	var text string
	if t.NumField() != 1 || json.Unmarshal(raw, &text) != nil || text == "" {
		return ""
	}
	for i := range len(text) {
		if !letterOrDigit(text[i]) && (i == 0 || !strings.ContainsRune("@.-_+/", rune(text[i]))) {
			text = quote(text)
			break
		}
	}
	return "{" + t.Field(0).Tag.Get("json") + ": " + text + "}"
}

// selectorsAbout are the names of the selectors that look at the same.
func selectorsAbout(a about) []string {
	var names []string
	for _, name := range known(selectors) {
		if selectors[name].about == a {
			names = append(names, name)
		}
	}
	return names
}

// rule is one compiled rule and where it was written.
type rule struct {
	matcher
	about about
	field string
}

func compileRule(r Rule, field string, f *faults) (rule, bool) {
	if r.Selector == "" {
		f.add(field, found(r.Value), `an object of one key, the selector, as {"email": {"email": "alice@example.com"}}`, "")
		return rule{}, false
	}
	sel, ok := selectors[r.Selector]
	if !ok {
		if slices.Contains(laterSelectors, r.Selector) {
			f.add(join(field, r.Selector), "a selector that is not supported yet", either(known(selectors)), "")
			return rule{}, false
		}
		f.add(field, quote(r.Selector)+", which is no selector", either(known(selectors)),
			suggest(r.Selector, append(known(selectors), laterSelectors...)))
		return rule{}, false
	}
	at := join(field, r.Selector)
	value, ok := r.Value.(compiler)
	if !ok {
		raw, isRaw := r.Value.(json.RawMessage)
		if !isRaw {
			raw, _ = json.Marshal(r.Value)
		}
		if value = sel.parse(raw, at, f); value == nil {
			return rule{}, false
		}
	}
	m := value.compile(at, f)
	return rule{m, sel.about, at}, m != nil
}

func found(value any) string {
	raw, ok := value.(json.RawMessage)
	if !ok {
		return ""
	}
	if len(raw) > 80 {
		return string(raw[:80]) + "…"
	}
	return string(raw)
}
