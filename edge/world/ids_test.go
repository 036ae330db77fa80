package world

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
)

const manyIDs = `team: acme
zones: [{name: example.com, records: [{type: A, name: www, content: 192.0.2.1}]}]
tunnels: [{id: abc123}, {name: lab}, {id: 6FF42AE2-765D-4ADF-8112-31C55C1551EF}]
access:
  policies: [{name: staff, decision: allow, include: [{everyone: {}}]}]
  apps:
    - {domain: www.example.com, policies: [staff, {decision: deny, include: [{everyone: {}}]}, {decision: deny, include: [{everyone: {}}]}]}
`

func TestDerivedIDs(t *testing.T) {
	ids := func(text string) map[string]string {
		m := map[string]string{}
		w := MustParse(text)
		m["account"] = w.Settings().AccountID
		for d := range w.All("") {
			switch v := d.Value.(type) {
			case *dnsemu.Zone:
				m["zone"] = v.ID
			case *Record:
				m["record"], m["record's zone"] = v.ID, v.ZoneID
			case *Tunnel:
				m["tunnel "+v.Name+v.ID] = v.UUID
			case *accessemu.Policy:
				m["policy"] = v.ID
			case *accessemu.Application:
				m["app"], m["aud"], m["policy 1"], m["policy 2"] = v.ID, v.AUD, v.Policies[1].ID, v.Policies[2].ID
			}
		}
		return m
	}
	got := ids(manyIDs)
	if diff := cmp.Diff(got, ids("# moved\n"+manyIDs)); diff != "" {
		t.Errorf("ids differ between loads:\n%s", diff)
	}
	for what, id := range got {
		size := map[string]int{"account": 32, "zone": 32, "record": 32, "record's zone": 32, "aud": 64}[what]
		if size == 0 && !isUUID(id) || size > 0 && len(id) != size {
			t.Errorf("%s: %q", what, id)
		}
	}
	if got["zone"] != got["record's zone"] || got["policy 1"] == got["policy 2"] {
		t.Errorf("ids: %v", got)
	}
	if id := got["tunnel 6FF42AE2-765D-4ADF-8112-31C55C1551EF"]; id != "6ff42ae2-765d-4adf-8112-31c55c1551ef" {
		t.Errorf("the UUID of a tunnel whose id is one: %q", id)
	}
	other := ids("team: other\n" + manyIDs[len("team: acme\n"):])
	for what := range got {
		if got[what] == other[what] && what != "tunnel 6FF42AE2-765D-4ADF-8112-31C55C1551EF" {
			t.Errorf("%s is the same in another account", what)
		}
	}
}

func TestGivenIDsAreKept(t *testing.T) {
	const given = `account: {id: 0123456789ABCDEF0123456789abcdef}
zones: [{id: 11111111111111111111111111111111, name: example.com, records: [{id: 22222222222222222222222222222222, type: A, name: www, content: 192.0.2.1}]}]
access: {apps: [{id: 33333333-3333-4333-8333-333333333333, aud: 4444444444444444444444444444444444444444444444444444444444444444, domain: www.example.com}]}
`
	w := MustParse(given)
	for _, k := range []Key{
		{KindZone, "11111111111111111111111111111111"},
		{KindRecord, "22222222222222222222222222222222"},
		{KindApp, "33333333-3333-4333-8333-333333333333"},
	} {
		if _, ok := w.Get(k); !ok {
			t.Errorf("no %s", k)
		}
	}
	if got, want := w.Settings().AccountID, "0123456789abcdef0123456789abcdef"; got != want {
		t.Errorf("account %s, want %s", got, want)
	}
}

func TestDuplicates(t *testing.T) {
	const id = "11111111111111111111111111111111"
	const id2 = "22222222222222222222222222222222"
	const uuid = "33333333-3333-4333-8333-333333333333"
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"zone name", "zones: [{name: a.com}, {name: A.com.}]", []string{"f:1:31: zones[1].name: the same name as at f:1:16; allowed: one of its own"}},
		{"zone name with other ids", "zones: [{id: " + id + ", name: a.com}, {id: " + id2 + ", name: a.com}]", []string{"f:1:107: zones[1].name: the same name as at f:1:54; allowed: one of its own"}},
		{"record id", "zones: [{name: a.com, records: [{id: " + id + ", type: A, name: a, content: 192.0.2.1}, {id: " + id + ", type: A, name: b, content: 192.0.2.1}]}]",
			[]string{"f:1:116: zones[0].records[1].id: the same id as at f:1:38; allowed: one of its own"}},
		{"tunnel id", "tunnels: [{id: a, name: x}, {id: a, name: y}]", []string{"f:1:34: tunnels[1].id: the same id as at f:1:16; allowed: one of its own"}},
		{"tunnel name", "tunnels: [{id: a, name: x}, {id: b, name: x}]", []string{"f:1:43: tunnels[1].name: the same name as at f:1:25; allowed: one of its own"}},
		{"policy name", "access: {policies: [{name: p, decision: allow, include: [{everyone: {}}]}, {name: p, decision: deny, include: [{everyone: {}}]}]}",
			[]string{"f:1:83: access.policies[1].name: the same name as at f:1:28; allowed: one of its own"}},
		{"application domain", "zones: [{name: a.com}]\naccess: {apps: [{domain: a.com}, {domain: a.com}]}", []string{"f:2:43: access.apps[1].domain: the same domain as at f:2:26; allowed: one of its own"}},
		{"application id", "zones: [{name: a.com}]\naccess: {apps: [{id: " + uuid + ", domain: a.com}, {id: " + uuid + ", domain: b.a.com}]}",
			[]string{"f:2:81: access.apps[1].id: the same id as at f:2:22; allowed: one of its own"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := problemsOf(t, test.text)
			if len(got) > 1 { // what compiling says about the same mistake
				got = got[:1]
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMissingPolicy(t *testing.T) {
	got := problemsOf(t, "zones: [{name: a.com}]\naccess: {policies: [{name: staff, decision: allow, include: [{everyone: {}}]}], apps: [{domain: a.com, policies: [staff, {id: stuff, precedence: 2}, other]}]}")
	want := []string{
		`f:2:122: access.apps[0].policies[1]: the policy "stuff", which does not exist; allowed: staff (did you mean "staff"?)`,
		`f:2:150: access.apps[0].policies[2]: the policy "other", which does not exist; allowed: staff`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
