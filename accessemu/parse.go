package accessemu

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// ParseApplication reads an application's JSON. Unlike json.Unmarshal it knows
// every key: what the real API has and this package has not is refused by name,
// and the error holds every FieldError at once. Keys that the API only ever
// answers (created_at and the like) are ignored.
func ParseApplication(data []byte) (*Application, error) {
	return parse[Application](data, "app", appShape)
}

// ParsePolicy reads a policy's JSON, as ParseApplication reads an application's.
func ParsePolicy(data []byte) (*Policy, error) { return parse[Policy](data, "policy", policyShape) }

// ParseGroup reads a rule group's JSON, as ParseApplication reads an
// application's.
func ParseGroup(data []byte) (*Group, error) { return parse[Group](data, "group", echoed) }

// ParseList reads a list's JSON, as ParseApplication reads an application's.
func ParseList(data []byte) (*List, error) { return parse[List](data, "list", echoed) }

// ParseServiceToken reads a service token's JSON, as ParseApplication reads an
// application's.
func ParseServiceToken(data []byte) (*ServiceToken, error) {
	return parse[ServiceToken](data, "service_token", echoed)
}

// ParseCustomPage reads a custom page's JSON, as ParseApplication reads an
// application's.
func ParseCustomPage(data []byte) (*CustomPage, error) {
	return parse[CustomPage](data, "custom_page", echoed)
}

// ParseIdentityProvider reads an identity provider's JSON, as ParseApplication reads
// an application's.
func ParseIdentityProvider(data []byte) (*IdentityProvider, error) {
	return parse[IdentityProvider](data, "identity_provider", echoed)
}

// ParseOrganization reads an organization's JSON, as ParseApplication reads an
// application's.
func ParseOrganization(data []byte) (*Organization, error) {
	return parse[Organization](data, "organization", organizationShape)
}

func parse[T any](data []byte, kind string, s shape) (*T, error) {
	f := faults{kind: kind}
	value := new(T)
	decodeStrict(data, value, "", s, &f)
	if err := f.err(); err != nil {
		return nil, err
	}
	return value, nil
}

// shape says which keys an object may have beside those of its Go type.
type shape struct {
	later   []string // the real API has them; a value other than nothing is refused
	ignored []string // the API answers them
}

var (
	appShape = shape{
		later: []string{"allow_authenticate_via_warp", "allow_iframe", "logo_url",
			"mfa_config", "oauth_configuration", "saas_app", "scim_config", "tags", "target_criteria"},
		ignored: []string{"app_launcher_visible", "created_at", "updated_at", "uid"},
	}
	policyShape = shape{
		later:   []string{"approval_groups", "approval_required", "connection_rules", "isolation_required", "mfa_config"},
		ignored: []string{"app_count", "created_at", "reusable", "uid", "updated_at"},
	}
	echoed            = shape{ignored: []string{"app_count", "created_at", "last_seen_at", "list_id", "uid", "updated_at"}}
	organizationShape = shape{
		later: []string{"allow_authenticate_via_warp", "mfa_config", "mfa_required_for_all_apps", "service_token_inactivity", "user_seat_expiration_inactive_time",
			"warp_auth_non_browser_401", "warp_auth_session_duration"},
		ignored: []string{"created_at", "is_ui_read_only", "ui_read_only_toggle_reason", "updated_at"},
	}
)

// decodeStrict decodes raw into the struct, slice or plain value that target
// points to, and reports every mistake with its path.
func decodeStrict(raw json.RawMessage, target any, field string, s shape, f *faults) {
	switch t := target.(type) {
	case *[]PolicyRef:
		decodeList(raw, t, field, f, func(raw json.RawMessage, p *PolicyRef, at string) {
			if bytes.HasPrefix(bytes.TrimSpace(raw), []byte(`"`)) {
				decodeStrict(raw, &p.Ref, at, s, f)
				return
			}
			decodeStrict(raw, &p.Policy, at, policyShape, f)
			p.adoptRef()
		})
		return
	case *[]Rule:
		decodeList(raw, t, field, f, func(raw json.RawMessage, r *Rule, _ string) { _ = r.UnmarshalJSON(raw) })
		return
	case *[]Destination:
		decodeList(raw, t, field, f, func(raw json.RawMessage, d *Destination, at string) { decodeDestination(raw, d, at, f) })
		return
	}
	v := reflect.ValueOf(target).Elem()
	if v.Kind() == reflect.Pointer && v.Type().Elem().Kind() == reflect.Struct {
		if string(raw) == "null" {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		decodePlain(raw, target, field, f)
		return
	}
	decodeObject(raw, v, field, s, f, func(raw json.RawMessage, target any, at string) {
		decodeStrict(raw, target, at, shape{}, f)
	})
}

func decodePlain(raw json.RawMessage, target any, field string, f *faults) {
	if err := json.Unmarshal(raw, target); err != nil {
		f.add(field, found(raw), kindName(reflect.TypeOf(target).Elem()), "")
	}
}

// decodeObject leaves the values to one, so that the values of rules, which
// have no rules inside, do not refer back to the table of selectors.
func decodeObject(raw json.RawMessage, v reflect.Value, field string, s shape, f *faults, one func(json.RawMessage, any, string)) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(raw, &keys); err != nil || keys == nil {
		f.add(field, found(raw), "an object", "")
		return
	}
	fields := map[string]reflect.Value{}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		fields[name] = v.Field(i)
	}
	for _, name := range known(keys) {
		at := join(field, name)
		switch target, ok := fields[name]; {
		case ok:
			one(keys[name], target.Addr().Interface(), at)
		case slices.Contains(s.ignored, name):
		case slices.Contains(s.later, name):
			if !nothing(keys[name]) {
				f.add(at, found(keys[name])+", which is not supported yet; leave it out", "", "")
			}
		default:
			f.add(at, "no such key", either(known(fields)), suggest(name, append(known(fields), s.later...)))
		}
	}
}

func decodeList[T any](raw json.RawMessage, list *[]T, field string, f *faults, one func(json.RawMessage, *T, string)) {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		f.add(field, found(raw), "a list", "")
		return
	}
	if items != nil {
		*list = make([]T, len(items))
	}
	for i, item := range items {
		one(item, &(*list)[i], fmt.Sprintf("%s[%d]", field, i))
	}
}

// decodeDestination reads the type first: the other kinds of destination have
// keys of their own, and are refused by their kind and not by those keys.
func decodeDestination(raw json.RawMessage, d *Destination, field string, f *faults) {
	var head struct{ Type string }
	if json.Unmarshal(raw, &head) == nil && slices.Contains(laterDestinations, head.Type) {
		d.Type = head.Type
		return
	}
	decodeStrict(raw, d, field, shape{later: []string{"overrides"}}, f)
}

// nothing holds for values that ask for nothing: tools send them unasked.
func nothing(raw json.RawMessage) bool {
	switch string(bytes.TrimSpace(raw)) {
	case "null", "false", `""`, "[]", "{}", "0":
		return true
	}
	return false
}

func kindName(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		return "text in quotes"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.Int:
		return "a whole number"
	}
	return "a " + t.Kind().String()
}
