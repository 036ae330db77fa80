package accessemu

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

func groupOf(name string, include ...any) Group {
	return Group{ID: "g-" + name, Name: name, Include: rulesOf(include...)}
}

func (w *world) fails(change func(*Txn)) []*FieldError {
	w.t.Helper()
	x := w.config.Txn()
	change(x)
	_, err := x.Commit()
	return FieldErrors(err)
}

func TestGroups(t *testing.T) {
	w := newWorld(t)
	app := appA()
	app.Policies = []PolicyRef{allow("staff", GroupRule{"staff"})}
	office := groupOf("office", IPRule{"203.0.113.0/24"}, GeoRule{"FR"})
	staff := groupOf("staff", EmailDomainRule{"example.com"}, GroupRule{"g-contractors"})
	staff.Require = rulesOf(GroupRule{"office"})
	staff.Exclude = rulesOf(EmailRule{"mallory@example.com"})
	w.put(office, staff, groupOf("contractors", EmailRule{"bob@other.test"}), app)
	token := func(email string) string { return "Cf-Access-Token: " + w.token(email) }
	for _, c := range []struct {
		email, ip string
		want      int
	}{
		{alice, "203.0.113.10", 200}, {"bob@other.test", "203.0.113.10", 200}, {"mallory@example.com", "203.0.113.10", 302},
		{"eve@other.test", "203.0.113.10", 302}, {alice, "198.51.100.1", 403},
	} {
		w.client.IP = netip.MustParseAddr(c.ip)
		if r := w.browser().get(pageA, token(c.email)); r.StatusCode != c.want {
			t.Errorf("%s from %s: %d, want %d: %s", c.email, c.ip, r.StatusCode, c.want, w.last.Why)
		}
	}
	if !strings.Contains(w.last.Why, `the group "staff" (any e-mail address ending in @example.com or the group "contractors" (the e-mail address bob@other.test), who must also be the group "office"`) {
		t.Error(w.last.Why)
	}
	// An edit of a group that a group names takes effect where it is used.
	w.put(groupOf("office", IPRule{"198.51.100.0/24"}))
	if r := w.browser().get(pageA, token(alice)); r.StatusCode != 200 {
		t.Error(w.last.Why)
	}
	w.put(groupOf("contractors", EmailRule{"eve@other.test"}))
	if r := w.browser().get(pageA, token("eve@other.test")); r.StatusCode != 200 {
		t.Error(w.last.Why)
	}
	if list := w.config.Groups(); len(list) != 3 {
		t.Errorf("%v", list)
	}
}

func TestGroupMistakes(t *testing.T) {
	w := newWorld(t)
	w.put(groupOf("a", EmailRule{alice}), groupOf("b", GroupRule{"a"}), Policy{ID: "p", Name: "p", Decision: "bypass", Include: rulesOf(EveryoneRule{})})
	for name, c := range map[string]struct {
		change func(*Txn)
		want   string
	}{
		"itself":       {func(x *Txn) { _ = x.PutGroup(groupOf("a", GroupRule{"a"})) }, `group g-a include[0].group.id: a group that contains itself: "a" → "a"`},
		"two":          {func(x *Txn) { _ = x.PutGroup(groupOf("a", GroupRule{"g-b"})) }, `contains itself: `},
		"unknown":      {func(x *Txn) { _ = x.PutGroup(groupOf("c", GroupRule{"aa"})) }, `group g-c include[0].group.id: "aa", which is the id or name of no group (did you mean "a"?)`},
		"in use":       {func(x *Txn) { x.DeleteGroup("g-a") }, `group g-b include[0].group.id: "a", which is the id or name of no group (did you mean "b"?)`},
		"of identity":  {func(x *Txn) { _ = x.PutPolicy(Policy{ID: "p", Decision: "bypass", Include: rulesOf(GroupRule{"b"})}) }, `policy p include[0].group: "b", a group with rules of identity, in a bypass policy, where nobody signs in; allowed: a group of other rules`},
		"of a machine": {func(x *Txn) { _ = x.PutGroup(groupOf("c", ServiceTokenRule{"ci"})) }, `group g-c include[0].service_token.token_id: "ci", which is the id or name of no service token`},
	} {
		var lines []string
		for _, e := range w.fails(c.change) {
			lines = append(lines, e.Kind+" "+e.ID+" "+e.Error())
		}
		if len(lines) != 1 || !strings.Contains(lines[0], c.want) {
			t.Errorf("%s: %q", name, lines)
		}
	}
	if err := w.config.Txn().PutGroup(Group{}); len(FieldErrors(err)) != 2 {
		t.Errorf("%v", err)
	}
}

// Groups that are wrong cost no more than groups that are right.
func TestManyGroupsInACircle(t *testing.T) {
	w := newWorld(t)
	x := w.config.Txn()
	const n = 60
	for i := range n {
		next := fmt.Sprintf("g-%d", (i+1)%n)
		_ = x.PutGroup(groupOf(fmt.Sprint(i), GroupRule{next}, GroupRule{next}))
	}
	if _, err := x.Commit(); err == nil {
		t.Error("a circle compiles")
	}
}
