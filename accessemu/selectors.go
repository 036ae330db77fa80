package accessemu

import (
	"encoding/json"
	"reflect"
	"strings"
)

// selectors are the kinds of rule there are, by their name in JSON. A new one
// is a file with its value type and its matcher, and a line here.
var selectors = map[string]selector{
	"any_valid_service_token":   rules[AnyValidServiceTokenRule](aboutMachine),
	"auth_context":              rules[AuthContextRule](aboutIdentity),
	"auth_method":               rules[AuthMethodRule](aboutIdentity),
	"azureAD":                   rules[AzureGroupRule](aboutIdentity),
	"certificate":               rules[CertificateRule](aboutRequest),
	"cloudflare_account_member": rules[CloudflareAccountMemberRule](aboutIdentity),
	"common_name":               rules[CommonNameRule](aboutRequest),
	"device_posture":            rules[DevicePostureRule](aboutRequest),
	"email":                     rules[EmailRule](aboutIdentity),
	"email_domain":              rules[EmailDomainRule](aboutIdentity),
	"email_list":                rules[EmailListRule](aboutIdentity),
	"everyone":                  rules[EveryoneRule](aboutRequest),
	"external_evaluation":       rules[ExternalEvaluationRule](aboutIdentity),
	"geo":                       rules[GeoRule](aboutRequest),
	"github-organization":       rules[GitHubOrganizationRule](aboutIdentity),
	"group":                     rules[GroupRule](aboutRequest),
	"gsuite":                    rules[GSuiteGroupRule](aboutIdentity),
	"ip":                        rules[IPRule](aboutRequest),
	"ip_list":                   rules[IPListRule](aboutRequest),
	"linked_app_token":          rules[LinkedAppTokenRule](aboutMachine),
	"login_method":              rules[LoginMethodRule](aboutIdentity),
	"oidc":                      rules[OIDCClaimRule](aboutIdentity),
	"okta":                      rules[OktaGroupRule](aboutIdentity),
	"saml":                      rules[SAMLAttributeRule](aboutIdentity),
	"service_token":             rules[ServiceTokenRule](aboutMachine),
	"user_risk_score":           rules[UserRiskScoreRule](aboutIdentity),
}

// about says what a selector looks at: data of the request can be decided
// before a login and changes during a session; identity is known only after; a
// machine shows a credential that needs no login.
type about uint8

const (
	aboutRequest about = iota
	aboutIdentity
	aboutMachine
)

// matcher is a compiled rule.
type matcher interface {
	match(subject) bool
	say() string // what it admits, in plain words: "the e-mail address a@example.com"
}

// asker is a matcher that may not know: a group asks rules of both kinds.
type asker interface{ ask(subject) answer }

// referrer is a matcher that names another document. refs are what uses has
// them by; resolve answers the matcher to ask, or nil after a fault.
type referrer interface {
	refs() []string
	resolve(x *resolver, field string, f *faults) matcher
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

// rule is one compiled rule and where it was written.
type rule struct {
	matcher
	asker asker // instead of matcher.match; nil: none
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
		f.add(field, quote(r.Selector)+", which is no selector", either(known(selectors)), suggest(r.Selector, known(selectors)))
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
	ask, _ := m.(asker)
	return rule{m, ask, sel.about, at}, m != nil
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
