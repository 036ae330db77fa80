package api

import (
	"encoding/json"
	"slices"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// metadata is what an upload says beside the code.
type metadata struct {
	MainModule         string            `json:"main_module"`
	BodyPart           string            `json:"body_part"`
	Bindings           []sentBinding     `json:"bindings"`
	CompatibilityDate  string            `json:"compatibility_date"`
	CompatibilityFlags []string          `json:"compatibility_flags"`
	KeepBindings       []string          `json:"keep_bindings"` // types whose bindings stay
	KeepAssets         bool              `json:"keep_assets"`
	Migrations         *migrations       `json:"migrations"`
	Exports            json.RawMessage   `json:"exports"`
	Annotations        map[string]string `json:"annotations"`
	Tags               []string          `json:"tags"` // nil: they stay
	Assets             *struct {
		JWT    string          `json:"jwt"`
		Config json.RawMessage `json:"config"`
	} `json:"assets"`

	sent map[string]json.RawMessage // all of it
}

func (m *metadata) UnmarshalJSON(text []byte) error {
	type fields metadata
	if err := json.Unmarshal(text, (*fields)(m)); err != nil {
		return err
	}
	return json.Unmarshal(text, &m.sent)
}

// sentBinding is a binding of an upload.
type sentBinding struct {
	version.Binding
	OldName   string // of inherit: its name there; empty: the same
	VersionID string // of inherit: a version; empty and "latest": the newest
}

func (b *sentBinding) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, &b.Binding); err != nil {
		return err
	}
	var of struct {
		OldName   string `json:"old_name"`
		VersionID string `json:"version_id"`
		Database  string `json:"database_id"`
	}
	if err := json.Unmarshal(text, &of); err != nil {
		return err
	}
	b.OldName, b.VersionID = of.OldName, of.VersionID
	if b.Type == "d1" && b.ID == "" { // the newer name of the field
		b.ID = of.Database
	}
	if !secret(b.Type) {
		b.Sent = slices.Clone(text)
	}
	return nil
}

// secret tells whether bindings of a type have a value that is never given away.
func secret(kind string) bool { return kind == "secret_text" || kind == "secret_key" }

// shown are bindings as the API gives them away: secrets without their values.
func shown(bindings []version.Binding) []any {
	out := []any{}
	for _, b := range bindings {
		switch {
		case secret(b.Type):
			out = append(out, map[string]string{"type": b.Type, "name": b.Name})
		case b.Sent != nil:
			out = append(out, b.Sent)
		default:
			out = append(out, b)
		}
	}
	return out
}

// migrations are what becomes of Durable Object classes: steps, or one step written out.
type migrations struct {
	OldTag string          `json:"old_tag"`
	NewTag string          `json:"new_tag"`
	Steps  []migrationStep `json:"steps"`
	migrationStep
}

type migrationStep struct {
	NewClasses       []string          `json:"new_classes"`
	NewSQLiteClasses []string          `json:"new_sqlite_classes"`
	DeletedClasses   []string          `json:"deleted_classes"`
	RenamedClasses   []renamed         `json:"renamed_classes"`
	Transferred      []json.RawMessage `json:"transferred_classes"`
}

type renamed struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// migrate is classes after the migrations.
func (m *migrations) migrate(classes []version.Class) ([]version.Class, error) {
	classes = slices.Clone(classes)
	if m == nil {
		return classes, nil
	}
	at := func(name string) int {
		return slices.IndexFunc(classes, func(c version.Class) bool { return c.Name == name })
	}
	for _, step := range append([]migrationStep{m.migrationStep}, m.Steps...) {
		if len(step.Transferred) > 0 {
			return nil, badRequest(10021, "migrations: transferred_classes is not supported yet")
		}
		for i, names := range [][]string{step.NewClasses, step.NewSQLiteClasses} {
			for _, name := range names {
				if at(name) >= 0 {
					return nil, badRequest(10074, "Cannot apply new-class migration to class '%s' that is already depended on by existing Durable Objects", name)
				}
				classes = append(classes, version.Class{Name: name, SQLite: i == 1})
			}
		}
		for _, r := range step.RenamedClasses {
			i := at(r.From)
			if i < 0 {
				return nil, badRequest(10021, "Cannot apply renamed_classes migration to non-existent class %s", r.From)
			}
			classes[i].Name = r.To
		}
		for _, name := range step.DeletedClasses {
			i := at(name)
			if i < 0 {
				return nil, badRequest(10021, "Cannot apply deleted_classes migration to non-existent class %s", name)
			}
			classes = slices.Delete(classes, i, i+1)
		}
	}
	return classes, nil
}
