package wrangler

import (
	"slices"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// classes are the Durable Object classes that live in the Worker: what the migrations, or exports, leave.
func (l *loader) classes() {
	migrations, exports := l.inherited("migrations"), l.inherited("exports")
	if migrations.given() && exports.given() {
		exports.fail("both exports and migrations", "one of them", "")
	}
	for _, m := range migrations.items() {
		if m.only("tag", "new_classes", "new_sqlite_classes", "renamed_classes", "transferred_classes", "deleted_classes") {
			l.migrate(m)
		}
	}
	for _, e := range exports.pairs() {
		if !e.is(mapping, "a mapping") || e.key("type").word("durable-object", "worker", "workflow") != "durable-object" {
			continue
		}
		switch e.key("state").word("created", "deleted", "renamed", "transferred", "expecting-transfer") {
		case "", "created", "expecting-transfer":
			l.addClass(e.field[len(exports.field)+1:], e.key("storage").word("sqlite", "legacy-kv") == "sqlite")
		}
	}
	durable := l.own("durable_objects")
	if durable.given() {
		durable.only("bindings", "code_update_strategy")
	}
	for i, b := range l.version.Bindings {
		if b.Type != "durable_object_namespace" || b.ClassName == "" {
			continue
		}
		if b.ScriptName == l.name {
			l.version.Bindings[i].ScriptName = ""
		} else if b.ScriptName != "" {
			continue
		}
		if l.pages {
			continue
		}
		if !slices.ContainsFunc(l.version.Classes, func(c version.Class) bool { return c.Name == b.ClassName }) {
			l.addClass(b.ClassName, false)
			durable.find("no migration makes the class "+quote(b.ClassName)+" of the binding "+quote(b.Name), `add {"tag": "v1", "new_sqlite_classes": ["`+b.ClassName+`"]} to migrations`)
		}
	}
}

func (l *loader) migrate(m value) {
	for _, name := range m.key("new_classes").texts() {
		l.addClass(name, false)
	}
	for _, name := range m.key("new_sqlite_classes").texts() {
		l.addClass(name, true)
	}
	for _, move := range m.key("renamed_classes").items() {
		if !move.only("from", "to") {
			continue
		}
		from, to := move.need("from"), move.need("to")
		l.addClass(to, l.dropClass(from))
	}
	for _, move := range m.key("transferred_classes").items() {
		if move.only("from", "from_script", "to") {
			move.need("from")
			l.addClass(move.need("to"), false)
		}
	}
	for _, name := range m.key("deleted_classes").texts() {
		l.dropClass(name)
	}
}

func (l *loader) addClass(name string, sqlite bool) {
	if name != "" {
		l.dropClass(name)
		l.version.Classes = append(l.version.Classes, version.Class{Name: name, SQLite: sqlite})
	}
}

// dropClass takes a class away and tells whether it had SQL storage.
func (l *loader) dropClass(name string) (sqlite bool) {
	l.version.Classes = slices.DeleteFunc(l.version.Classes, func(c version.Class) bool {
		if c.Name == name {
			sqlite = c.SQLite
		}
		return c.Name == name
	})
	return sqlite
}
