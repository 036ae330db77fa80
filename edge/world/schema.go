package world

import (
	"encoding/json"
	"net/netip"
	"reflect"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/tunnelemu"
)

// Schema is the JSON Schema (draft 2020-12) of sundog.yaml, for editors. It is
// made of the types that the file is decoded into. The file may also say ${NAME}
// where a number or a truth value is wanted, which the schema does not show.
func Schema() []byte {
	s := schemer{map[string]any{}}
	root := s.object(reflect.TypeFor[file](), "")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "sundog.yaml"
	root["description"] = descriptions[""]
	root["$defs"] = s.defs
	data, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(err) // maps of texts, lists and numbers always have a JSON form
	}
	return append(data, '\n')
}

type schemer struct{ defs map[string]any }

type object = map[string]any

func (s *schemer) of(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[accessemu.Rule]():
		return s.define(t, func() object {
			return object{"type": "object", "minProperties": 1, "maxProperties": 1}
		})
	case reflect.TypeFor[accessemu.PolicyRef]():
		return s.define(t, func() object {
			return object{"anyOf": []any{
				object{"type": "string"},
				object{
					"type": "object", "required": []string{"id"}, "additionalProperties": false,
					"properties": object{"id": object{"type": "string"}, "precedence": object{"type": "integer"}},
				},
				s.of(reflect.TypeFor[accessemu.Policy]()),
			}}
		})
	case reflect.TypeFor[tunnelemu.Duration]():
		return object{"type": "integer", "description": "Whole seconds."}
	case reflect.TypeFor[fileNames]():
		return object{"anyOf": []any{object{"type": "string"}, object{"type": "array", "items": object{"type": "string"}}}}
	case reflect.TypeFor[netip.Addr]():
		return object{"type": "string", "anyOf": []any{object{"format": "ipv4"}, object{"format": "ipv6"}}}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.Struct:
		o := s.define(t, func() object { return s.object(t, t.String()) })
		if short(t) != "" {
			return object{"anyOf": []any{object{"type": "string"}, o}}
		}
		return o
	case reflect.Slice:
		return object{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return object{"type": "number"}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if bits := t.Bits(); bits < 64 {
			return object{"type": "integer", "minimum": 0, "maximum": 1<<bits - 1}
		}
		return object{"type": "integer", "minimum": 0}
	case reflect.Interface:
		return object{}
	}
	return object{"type": "integer"}
}

// define puts a named type's schema among the definitions, once, and refers to
// it. The package is part of the name: two of them have a Rule.
func (s *schemer) define(t reflect.Type, schema func() object) object {
	if t.Name() == "" {
		return schema()
	}
	name := t.String()
	if _, done := s.defs[name]; !done {
		s.defs[name] = nil // a type may contain itself
		def := schema()
		if d := descriptions[name]; d != "" {
			def["description"] = d
		}
		s.defs[name] = def
	}
	return object{"$ref": "#/$defs/" + name}
}

// object is the schema of a struct.
func (s *schemer) object(t reflect.Type, name string) object {
	sh := shapeOf(t)
	properties := object{}
	required := []string{}
	for _, f := range sh.fields {
		p := s.of(f.typ)
		if d := descriptions[join(name, f.name)]; d != "" {
			p["description"] = d
		}
		properties[f.name] = p
		if f.required {
			required = append(required, f.name)
		}
	}
	o := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		o["required"] = required
	}
	return o
}
