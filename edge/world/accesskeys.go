package world

import (
	"encoding/json"
	"reflect"

	"github.com/sundog-edge/sundog/accessemu"
	"go.yaml.in/yaml/v3"
)

// unknown reports a key that a type does not have. Access objects may be pasted
// from the real API: accessemu knows which of its other keys can be passed over
// and which are refused by name.
func (d *decoder) unknown(kv pair, t reflect.Type, s *shape, p *path) {
	name := kv.key.Value
	if verdict := apiParser(t); verdict != nil {
		value, ok := d.toJSON(kv.value, p.key(name))
		if !ok {
			return
		}
		object, _ := json.Marshal(map[string]json.RawMessage{name: value})
		err := verdict(object)
		if err == nil {
			return
		}
		if e := fieldErrors(err)[0]; e.Found != "" {
			e.Field = p.key(name).String()
			d.report(kv.key, *e)
			return
		}
	}
	d.fail(kv.key, p.key(name), "the unknown key "+quote(name), oneOf(s.names()), didYouMean(name, s.names()))
}

func apiParser(t reflect.Type) func([]byte) error {
	switch t {
	case reflect.TypeFor[accessemu.Application]():
		return func(data []byte) error { _, err := accessemu.ParseApplication(data); return err }
	case reflect.TypeFor[accessemu.Policy]():
		return func(data []byte) error { _, err := accessemu.ParsePolicy(data); return err }
	case reflect.TypeFor[accessemu.Group]():
		return func(data []byte) error { _, err := accessemu.ParseGroup(data); return err }
	case reflect.TypeFor[accessemu.List]():
		return func(data []byte) error { _, err := accessemu.ParseList(data); return err }
	case reflect.TypeFor[accessemu.ServiceToken]():
		return func(data []byte) error { _, err := accessemu.ParseServiceToken(data); return err }
	case reflect.TypeFor[accessemu.CustomPage]():
		return func(data []byte) error { _, err := accessemu.ParseCustomPage(data); return err }
	case reflect.TypeFor[accessemu.IdentityProvider]():
		return func(data []byte) error { _, err := accessemu.ParseIdentityProvider(data); return err }
	case reflect.TypeFor[accessemu.Organization]():
		return func(data []byte) error { _, err := accessemu.ParseOrganization(data); return err }
	}
	return nil
}

// policyRef reads a policy inside an application: its name or id, an object
// that gives just the id, or a policy in full.
func (d *decoder) policyRef(n *yaml.Node, v reflect.Value, p *path) {
	ref := v.Addr().Interface().(*accessemu.PolicyRef)
	switch n.Kind {
	case yaml.MappingNode:
		link := child(n, "id", maxMerges) != nil && child(n, "decision", maxMerges) == nil && child(n, "include", maxMerges) == nil
		if link {
			d.optional++
		}
		d.object(n, reflect.ValueOf(&ref.Policy).Elem(), p)
		if link {
			d.optional--
			*ref = accessemu.PolicyRef{Ref: ref.ID, Policy: accessemu.Policy{Precedence: ref.Precedence}}
		}
	case yaml.ScalarNode:
		name, ok := d.text(n)
		if ok && name != "" {
			ref.Ref = name
			return
		}
		fallthrough
	default:
		d.fail(n, p, d.describe(n), "a policy, or the name or id of one", "")
	}
}
