package world

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/accessemu"
	"go.yaml.in/yaml/v3"
)

func parsedSchema(t *testing.T) map[string]any {
	t.Helper()
	var s map[string]any
	if err := json.Unmarshal(Schema(), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// check is as much of a JSON Schema validator as the schema needs. It fails on
// keywords it does not know, so that none goes unchecked.
func check(root, s map[string]any, v any, at string) (wrong []string) {
	bad := func(format string, args ...any) { wrong = append(wrong, at+": "+fmt.Sprintf(format, args...)) }
	kinds := map[string]reflect.Kind{"object": reflect.Map, "array": reflect.Slice, "string": reflect.String, "boolean": reflect.Bool, "integer": reflect.Int}
	if typ, ok := s["type"].(string); ok && reflect.TypeOf(v).Kind() != kinds[typ] {
		bad("%T is no %s", v, typ)
		return wrong
	}
	for word, arg := range s {
		switch word {
		case "type", "$schema", "title", "description", "$defs", "format", "minimum", "maximum", "properties", "required":
		case "$ref":
			def := root["$defs"].(map[string]any)[strings.TrimPrefix(arg.(string), "#/$defs/")].(map[string]any)
			wrong = append(wrong, check(root, def, v, at)...)
		case "anyOf":
			if !slices.ContainsFunc(arg.([]any), func(one any) bool { return len(check(root, one.(map[string]any), v, at)) == 0 }) {
				bad("none of the alternatives")
			}
		case "items":
			for i, item := range v.([]any) {
				wrong = append(wrong, check(root, arg.(map[string]any), item, fmt.Sprintf("%s[%d]", at, i))...)
			}
		case "minProperties", "maxProperties":
			if m, ok := v.(map[string]any); ok && len(m) != int(arg.(float64)) {
				bad("%d keys", len(m))
			}
		case "additionalProperties":
			m, _ := v.(map[string]any)
			known, _ := s["properties"].(map[string]any)
			for k, item := range m {
				p, ok := known[k].(map[string]any)
				if !ok {
					if p, ok = arg.(map[string]any); !ok {
						bad("unknown key %s", k)
						continue
					}
				}
				wrong = append(wrong, check(root, p, item, at+"."+k)...)
			}
			required, _ := s["required"].([]any)
			for _, k := range required {
				if _, ok := m[k.(string)]; !ok {
					bad("no %s", k)
				}
			}
		default:
			bad("unknown keyword %s", word)
		}
	}
	return wrong
}

func TestSchemaValidates(t *testing.T) {
	s := parsedSchema(t)
	for file, want := range map[string][]string{
		"../../testdata/dual-endpoint/sundog.yaml": nil,
		"testdata/six-mistakes/sundog.yaml": {
			".zones[0].records[0]: unknown key proxid", ".zones[0].records[1].ttl: string is no integer",
		},
	} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := yaml.Unmarshal(data, &v); err != nil {
			t.Fatal(err)
		}
		got := check(s, s, v, "")
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
}

// Every key that can be decoded is in the schema, with what may follow it, and
// every object is closed.
func TestSchemaHasEveryKey(t *testing.T) {
	s := parsedSchema(t)
	defs := s["$defs"].(map[string]any)
	seen := map[reflect.Type]bool{}
	var visit func(typ reflect.Type, properties map[string]any)
	visit = func(typ reflect.Type, properties map[string]any) {
		if seen[typ] {
			return
		}
		seen[typ] = true
		for _, f := range shapeOf(typ).fields {
			p, ok := properties[f.name].(map[string]any)
			if !ok || len(p) == 0 {
				t.Errorf("%s.%s is not in the schema", typ, f.name)
			}
			inner := f.typ
			for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice || inner.Kind() == reflect.Map {
				inner = inner.Elem()
			}
			if inner.Kind() != reflect.Struct || inner == reflect.TypeFor[accessemu.Rule]() || inner.Name() == "Addr" {
				continue
			}
			if inner == reflect.TypeFor[accessemu.PolicyRef]() {
				inner = reflect.TypeFor[accessemu.Policy]()
			}
			var in map[string]any
			if inner.Name() == "" {
				in = p
			} else if in, ok = defs[inner.String()].(map[string]any); !ok {
				t.Fatalf("no definition of %s", inner)
			}
			if in["additionalProperties"] != false {
				t.Errorf("%s is open", inner)
			}
			visit(inner, in["properties"].(map[string]any))
		}
	}
	visit(reflect.TypeFor[file](), s["properties"].(map[string]any))
	if len(seen) < 10 {
		t.Errorf("only %d types were seen", len(seen))
	}
}

// No description is left behind by a key that is gone.
func TestDescriptionsAreUsed(t *testing.T) {
	schema := string(Schema())
	for key, text := range descriptions {
		quoted, _ := json.Marshal(text)
		if !strings.Contains(schema, string(quoted)) {
			t.Errorf("the description of %q appears nowhere", key)
		}
	}
}
