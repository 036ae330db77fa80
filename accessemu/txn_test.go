package accessemu

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReusablePolicies(t *testing.T) {
	config := testConfig(t)
	x := config.Txn()
	if err := x.PutApp(Application{ID: "a", Domain: "a.example.com", Policies: []PolicyRef{{Ref: "staff"}}}); err != nil {
		t.Fatal(err)
	}
	_, err := x.Commit()
	if want := []string{`policies[0]: "staff", which is the id or name of no reusable policy`}; cmp.Diff(want, errorLines(err)) != "" {
		t.Error(errorLines(err))
	}
	if err := x.PutPolicy(Policy{ID: "p1", Name: "staff", Decision: "allow", Include: rulesOf(EmailRule{alice})}); err != nil {
		t.Fatal(err)
	}
	first, err := x.Commit()
	if err != nil {
		t.Fatal(err)
	}
	admitted := func(c *Config, id string) bool {
		a, _ := c.App(id)
		return a.evaluate(subject{email: alice}).allow
	}
	if !admitted(first, "a") {
		t.Error("the policy is not resolved")
	}
	second := edit(t, first, func(x *Txn) {
		_ = x.PutPolicy(Policy{ID: "p1", Name: "staff", Decision: "deny", Include: rulesOf(EmailRule{alice})})
		_ = x.PutApp(Application{ID: "b", Domain: "b.example.com", Policies: []PolicyRef{{Ref: "p1"}}})
	})
	if !admitted(first, "a") || admitted(second, "a") || admitted(second, "b") {
		t.Error("the edit is not seen where it should be, or is where it should not")
	}
	if a, _, _ := second.Match("a.example.com", "/"); a.evaluate(subject{email: alice}).allow {
		t.Error("the index still has the application before the edit")
	}
	x = second.Txn()
	x.DeletePolicy("p1")
	if _, err := x.Commit(); len(FieldErrors(err)) != 2 {
		t.Errorf("deleting a policy in use: %v", err)
	}
	x.DeleteApp("a")
	x.DeleteApp("b")
	if third, err := x.Commit(); err != nil || third.policies.ids.Len() != 0 || third.uses.Len() != 0 || third.policies.names.Len() != 0 {
		t.Errorf("%v", err)
	}
	x = second.Txn()
	_ = x.PutPolicy(Policy{ID: "p1", Name: "stuff", Decision: "deny", Include: rulesOf(EmailRule{alice})})
	if _, err := x.Commit(); !strings.Contains(err.Error(), `(did you mean "stuff"?)`) {
		t.Errorf("renaming a policy in use: %v", err)
	}
	x = second.Txn()
	_ = x.PutPolicy(Policy{ID: "p2", Name: "staff", Decision: "allow", Include: rulesOf(EveryoneRule{})})
	if _, err := x.Commit(); err == nil || !strings.Contains(err.Error(), "more than one reusable policy") {
		t.Errorf("two policies of one name: %v", err)
	}
}

func TestDestinationsAreUnique(t *testing.T) {
	config := testConfig(t, Application{ID: "a", Name: "A", Domain: "a.example.com/x"})
	x := config.Txn()
	_ = x.PutApp(Application{ID: "b", Domain: "b.example.com", Destinations: []Destination{{Type: "public", URI: "A.example.com/x/"}}})
	_, err := x.Commit()
	if want := []string{`destinations[0].uri: "a.example.com/x", which is a destination of application "A" (a.example.com/x) already`}; cmp.Diff(want, errorLines(err)) != "" {
		t.Error(errorLines(err))
	}
	x.DeleteApp("a")
	if _, err := x.Commit(); err != nil {
		t.Error(err)
	}
	x = config.Txn()
	_ = x.PutApp(Application{ID: "c", Domain: "c.example.com", AUD: must(config.App("a")).AUD})
	if _, err := x.Commit(); err == nil || !strings.HasPrefix(err.Error(), "aud: ") {
		t.Errorf("one AUD twice: %v", err)
	}
}

func must(a *App, ok bool) *App {
	if !ok {
		panic("no such application")
	}
	return a
}

func TestIDsAreDerived(t *testing.T) {
	doc := Application{Domain: "a.example.com", Policies: []PolicyRef{allow("p", EveryoneRule{})}}
	one, two := testConfig(t, doc), testConfig(t, doc)
	for a := range one.Apps() {
		b, ok := two.App(a.ID)
		if !ok || a.AUD != b.AUD || !isHex(a.AUD, 64) || len(a.ID) != 36 || a.Policies()[0].ID != b.Policies()[0].ID {
			t.Errorf("%+v %+v", a, b)
		}
	}
}

func TestNilConfig(t *testing.T) {
	var c *Config
	w := newWorld(t)
	if d := c.Decide(w.state, w.request("GET", pageA)); d.Verdict != NoApplication || d.Why == "" {
		t.Errorf("%+v", d)
	}
	if _, ok := c.App("x"); ok || c.Issuer() != "" {
		t.Error("a nil Config has something")
	}
	for range c.Apps() {
		t.Error("a nil Config has an application")
	}
}
