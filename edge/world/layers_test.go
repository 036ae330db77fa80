package world

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	iradix "github.com/hashicorp/go-immutable-radix/v2"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

// model is what layers ought to be: maps, and no cleverness.
type model struct{ files, edits map[Key]string } // an edit to "" deletes

func (m model) get(k Key) string {
	if v, ok := m.edits[k]; ok {
		return v
	}
	return m.files[k]
}

func (m model) all() map[Key]string {
	all := map[Key]string{}
	for _, keys := range []map[Key]string{m.files, m.edits} {
		for k := range keys {
			if v := m.get(k); v != "" {
				all[k] = v
			}
		}
	}
	return all
}

func says(d *Document) string {
	if d == nil {
		return ""
	}
	return fmt.Sprintf("%+v", d.Value)
}

func contents(l Layers) map[Key]string {
	all := map[Key]string{}
	for d := range l.All("") {
		all[d.Key] = says(d)
	}
	return all
}

func randomDocument(r *rand.Rand) *Document {
	id := string(rune('a' + r.IntN(6)))
	comment := string(rune('0' + r.IntN(3)))
	var value any
	switch r.IntN(5) {
	case 0:
		value = dnsemu.Zone{ID: id, Name: comment + ".example"}
	case 1:
		value = Record{ZoneID: "z", Record: dnsemu.Record{ID: id, Comment: comment}}
	case 2:
		value = accessemu.Policy{ID: id, Name: comment}
	case 3:
		value = accessemu.Application{ID: id, Name: comment}
	case 4:
		value = Client{Name: id, Country: comment}
	}
	d, err := NewDocument(value)
	if err != nil {
		panic(err)
	}
	return d
}

func randomWorld(r *rand.Rand) (*World, map[Key]string) {
	txn := iradix.New[*Document]().Txn()
	all := map[Key]string{}
	for range r.IntN(20) {
		d := randomDocument(r)
		d.Mark.Line = 1 + r.IntN(100) // where it stands must not matter
		txn.Insert(d.Key.path(), d)
		all[d.Key] = says(d)
	}
	return &World{docs: txn.Commit()}, all
}

// checkChanges compares reported changes with the difference of two contents.
func checkChanges(t *testing.T, before, after map[Key]string, changes []Change) {
	t.Helper()
	want := map[Key][2]string{}
	for k := range before {
		want[k] = [2]string{before[k], after[k]}
	}
	for k := range after {
		want[k] = [2]string{before[k], after[k]}
	}
	maps.DeleteFunc(want, func(_ Key, v [2]string) bool { return v[0] == v[1] })
	got := map[Key][2]string{}
	for _, c := range changes {
		got[c.Key] = [2]string{says(c.Old), says(c.New)}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes:\n%s", diff)
	}
	if !slices.IsSortedFunc(changes, func(a, b Change) int { return strings.Compare(string(a.Key.path()), string(b.Key.path())) }) {
		t.Errorf("changes are not in order: %v", changes)
	}
}

// Files and edits come and go at random; the layers say what plain maps say.
func TestLayersLikeMaps(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		var l Layers
		m := model{map[Key]string{}, map[Key]string{}}
		for range 30 {
			before, old := m.all(), l
			switch r.IntN(4) {
			case 0:
				w, files := randomWorld(r)
				var changes, fell []Change
				l, changes, fell = l.SetFiles(w)
				fallen := map[Key]bool{}
				for k := range m.edits {
					if m.files[k] != files[k] {
						fallen[k] = true
					}
				}
				reported := map[Key]bool{}
				for _, c := range fell {
					reported[c.Key] = true
					if says(c.Old) != m.edits[c.Key] || says(c.New) != files[c.Key] {
						t.Errorf("seed %d: fell %v", seed, c)
					}
				}
				if diff := cmp.Diff(fallen, reported); diff != "" {
					t.Errorf("seed %d: edits that fell:\n%s", seed, diff)
				}
				m.files = files
				maps.DeleteFunc(m.edits, func(k Key, _ string) bool { return fallen[k] })
				checkChanges(t, before, m.all(), changes)
			case 1:
				var edits []Edit
				for range 1 + r.IntN(4) {
					d := randomDocument(r)
					e := Edit{Put: d}
					m.edits = maps.Clone(m.edits)
					m.edits[d.Key] = says(d)
					if r.IntN(3) == 0 {
						e = Edit{Delete: d.Key}
						m.edits[d.Key] = ""
						if m.files[d.Key] == "" {
							delete(m.edits, d.Key)
						}
					}
					edits = append(edits, e)
				}
				var changes []Change
				l, changes = l.Edit(edits...)
				checkChanges(t, before, m.all(), changes)
			case 2:
				keys := slices.Collect(maps.Keys(m.edits))
				if len(keys) > 0 {
					keys = keys[:1+r.IntN(len(keys))]
				}
				var changes []Change
				l, changes = l.Drop(keys...)
				maps.DeleteFunc(m.edits, func(k Key, _ string) bool { return slices.Contains(keys, k) })
				checkChanges(t, before, m.all(), changes)
			case 3:
				edits := map[Key]string{}
				for e := range l.Edits() {
					edits[e.key()] = says(e.Put)
				}
				if diff := cmp.Diff(m.edits, edits); diff != "" {
					t.Errorf("seed %d: edits:\n%s", seed, diff)
				}
			}
			if diff := cmp.Diff(before, contents(old)); diff != "" {
				t.Fatalf("seed %d: a change reached older layers:\n%s", seed, diff)
			}
			if diff := cmp.Diff(m.all(), contents(l)); diff != "" {
				t.Fatalf("seed %d: contents:\n%s", seed, diff)
			}
			for k, v := range m.all() {
				if d, ok := l.Get(k); !ok || says(d) != v {
					t.Fatalf("seed %d: Get(%s) = %s, %v", seed, k, says(d), ok)
				}
			}
		}
	}
}

// There and back again: every change of the way out is undone by the way back.
func TestSetFilesRoundTrip(t *testing.T) {
	a := MustParse("team: a\nzones: [{name: a.com, records: [{type: A, name: x, content: 192.0.2.1}]}]")
	b := MustParse("team: a\nzones: [{name: a.com, records: [{type: A, name: x, content: 192.0.2.2}]}, {name: b.com}]\nclients: {c: {}}")
	l, _, _ := Layers{}.SetFiles(a)
	there, out, _ := l.SetFiles(b)
	_, back, _ := there.SetFiles(a)
	if len(out) == 0 || len(out) != len(back) {
		t.Fatalf("%d changes out, %d back", len(out), len(back))
	}
	for i := range out {
		if out[i].Key != back[i].Key || out[i].Old != back[i].New || out[i].New != back[i].Old {
			t.Errorf("change %d: %v, back %v", i, out[i], back[i])
		}
	}
	if _, none, _ := l.SetFiles(MustParse("# moved by a line\nteam: a\nzones: [{name: a.com, records: [{type: A, name: x, content: 192.0.2.1}]}]")); len(none) != 0 {
		t.Errorf("a world that only moved in its file has changes: %v", none)
	}
}

// A comment in a config.yml moves its rules: the tunnel is compiled anew, so
// that its positions are right, but an edit of it does not fall.
func TestEditSurvivesMovedLines(t *testing.T) {
	load := func(head string) *World {
		w, err := Load(fixtures.Folder(t, "-- sundog.yaml --\nteam: acme\ntunnels: [{id: a, name: t}]\n-- config.yml --\n"+head+"tunnel: a\ningress: [{service: http_status:404}]\n"))
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	l, _, _ := Layers{}.SetFiles(load(""))
	var tunnel *Document
	for d := range l.All(KindTunnel) {
		tunnel = d
	}
	v := *tunnel.Value.(*Tunnel)
	v.ConfigFile = "elsewhere" // the two folders differ
	v.Config = nil
	renamed, err := NewDocument(v)
	if err != nil {
		t.Fatal(err)
	}
	l, _ = l.Edit(Edit{Put: renamed})
	moved := load("# a comment\n")
	for d := range moved.All(KindTunnel) {
		d.Value.(*Tunnel).ConfigFile = tunnel.Value.(*Tunnel).ConfigFile
	}
	next, changes, fell := l.SetFiles(moved)
	if len(fell) != 0 || len(changes) != 0 {
		t.Errorf("fell %v, changes %v", fell, changes)
	}
	if _, changes := next.Drop(renamed.Key); len(changes) != 1 {
		t.Errorf("changes %v", changes)
	}
}

func TestNewDocument(t *testing.T) {
	for _, test := range []struct {
		value any
		want  string
	}{
		{Tunnel{ID: "6FF42AE2-765D-4ADF-8112-31C55C1551EF"}, "tunnel/6ff42ae2-765d-4adf-8112-31c55c1551ef"},
		{&Settings{}, "settings"},
		{accessemu.Organization{}, "access_organization"},
		{Origin{From: "http://A"}, "origin/a:80"},
		{Origin{From: "ssh://a"}, "origin/a:22"},
		{Origin{}, "world: the origin has no id"},
		{Quirk{Name: "q"}, "quirk/q"},
		{Egress{"a:1"}, "egress/a:1"},
		{Record{ZoneID: "z", Record: dnsemu.Record{ID: "r"}}, "dns_record/r"},
		{dnsemu.Record{ID: "r"}, `world: record "" has no ZoneID`},
		{Tunnel{ID: "abc123"}, "world: the tunnel has no id"},
		{dnsemu.Zone{Name: "a.com"}, "world: the zone has no id"},
		{42, "world: int is not a document"},
	} {
		d, err := NewDocument(test.value)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = d.Key.String()
		}
		if got != test.want {
			t.Errorf("NewDocument(%+v): %q, want %q", test.value, got, test.want)
		}
	}
}
