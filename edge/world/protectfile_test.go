package world

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/accessemu"
)

// protectCases are files, and what a protection of app.example.com for alice makes of them.
var protectCases = []struct{ name, in, want string }{
	{"empty", "", "access:\n" + appLines},
	{"comments only", "# nothing yet\n", "# nothing yet\naccess:\n" + appLines},
	{"no access", "team: acme # ours\n", "team: acme # ours\naccess:\n" + appLines},
	{"no end of the last line", "team: acme", "team: acme\naccess:\n" + appLines},
	{"access without apps", "access:\n  # who is who\n  groups: []\n\n# the rest\nteam: acme\n",
		"access:\n  # who is who\n  groups: []\n" + appLines + "\n# the rest\nteam: acme\n"},
	{"null apps", "access:\n  apps: # later\nteam: acme\n", "access:\n  apps: # later\n" + strings.TrimPrefix(appLines, "  apps:\n") + "team: acme\n"},
	{"empty apps in brackets", "access: {apps: []}\n", "access: {apps: [" + appJSON + "]}\n"},
	{"braces", "access: {}\n", "access: {\"apps\": [" + appJSON + "]}\n"},
	{"apps in brackets", "access:\n  apps: [{domain: x.example.com}] # all\n", "access:\n  apps: [" + appJSON + ", {domain: x.example.com}] # all\n"},
	{"another application", "access:\n  apps:\n    # first\n    - domain: x.example.com\n      custom_deny_message: |\n        # no\n        way\n    # done\nteam: acme\n",
		"access:\n  apps:\n    # first\n    - domain: x.example.com\n      custom_deny_message: |\n        # no\n        way\n" +
			strings.TrimPrefix(appLines, "  apps:\n") + "    # done\nteam: acme\n"},
	{"a list that is not indented", "access:\n  apps:\n  - domain: x.example.com\nteam: acme\n",
		"access:\n  apps:\n  - domain: x.example.com\n  - name: app.example.com\n    domain: app.example.com\n    policies:\n      - name: Who may enter\n        decision: allow\n        include:\n          - email: {email: alice@example.com}\nteam: acme\n"},
	{"lines that end with CR", "team: acme\r\n", "team: acme\r\naccess:\r\n" + strings.ReplaceAll(appLines, "\n", "\r\n")},
	{"JSON", "{\n  \"access\": {\n    \"apps\": [\n      {\"domain\": \"x.example.com\"}\n    ]\n  }\n}\n",
		"{\n  \"access\": {\n    \"apps\": [" + appJSON + ", \n      {\"domain\": \"x.example.com\"}\n    ]\n  }\n}\n"},
	{"the application is there", "access:\n  apps:\n    - {domain: App.Example.com.}\n",
		"access:\n  apps:\n    - {\"policies\": [" + policyJSON + "], domain: App.Example.com.}\n"},
	{"a policy is there", "access:\n  apps:\n    - domain: app.example.com # ours\n      policies:\n        - name: Bob\n          decision: allow\n          include:\n            - email: {email: bob@example.com} # boss\n      session_duration: 1h\n",
		"access:\n  apps:\n    - domain: app.example.com # ours\n      policies:\n        - name: Bob\n          decision: allow\n          include:\n            - email: {email: bob@example.com} # boss\n            - email: {email: alice@example.com}\n      session_duration: 1h\n"},
	{"by a destination", "access:\n  apps:\n    - destinations: [{type: public, uri: app.example.com}]\n      policies: [{decision: allow, include: [{email_domain: {domain: example.org}}]}]\n",
		"access:\n  apps:\n    - destinations: [{type: public, uri: app.example.com}]\n      policies: [{decision: allow, include: [{\"email\": {\"email\": \"alice@example.com\"}}, {email_domain: {domain: example.org}}]}]\n"},
	{"a policy with more rules is left alone", "access:\n  apps:\n    - domain: app.example.com\n      policies:\n        - {decision: allow, include: [{email: {email: bob@example.com}}], require: [{geo: {country_code: DE}}]}\n",
		"access:\n  apps:\n    - domain: app.example.com\n      policies:\n        - {decision: allow, include: [{email: {email: bob@example.com}}], require: [{geo: {country_code: DE}}]}\n        - name: Who may enter\n          decision: allow\n          include:\n            - email: {email: alice@example.com}\n"},
	{"nothing is missing", "access:\n  apps:\n    - domain: app.example.com\n      policies: [{decision: allow, include: [{email: {email: Alice@example.com}}]}]\n",
		"access:\n  apps:\n    - domain: app.example.com\n      policies: [{decision: allow, include: [{email: {email: Alice@example.com}}]}]\n"},
}

const (
	appLines   = "  apps:\n    - name: app.example.com\n      domain: app.example.com\n      policies:\n        - name: Who may enter\n          decision: allow\n          include:\n            - email: {email: alice@example.com}\n"
	policyJSON = `{"name": "Who may enter", "decision": "allow", "include": [{"email": {"email": "alice@example.com"}}]}`
	appJSON    = `{"name": "app.example.com", "domain": "app.example.com", "policies": [` + policyJSON + `]}`
)

var alice = Protection{Host: "app.example.com", Allow: []string{"alice@example.com"}}

func TestProtectFile(t *testing.T) {
	for _, c := range protectCases {
		t.Run(c.name, func(t *testing.T) {
			got, steps, err := ProtectFile("sundog.yaml", []byte(c.in), alice)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Fatal(diff)
			}
			if (len(steps) == 0) != (c.in == c.want) {
				t.Errorf("steps: %q", steps)
			}
			if w, err := Parse("sundog.yaml", got, ""); err != nil || !admits(w, "app.example.com", "alice@example.com") {
				t.Errorf("what was written does not do it: %v", err)
			}
			again, steps, err := ProtectFile("sundog.yaml", got, alice)
			if err != nil || string(again) != string(got) || steps != nil {
				t.Errorf("again: %v, %q\n%s", err, steps, again)
			}
		})
	}
}

// admits tells whether a world's application of a host has a policy that allows an address.
func admits(w *World, host, email string) bool {
	for doc := range w.All(KindApp) {
		app := doc.Value.(*accessemu.Application)
		for _, p := range places(app) {
			if p.host != host {
				continue
			}
			for _, policy := range app.Policies {
				for _, r := range policy.Include {
					if v, ok := r.Value.(accessemu.EmailRule); ok && strings.EqualFold(v.Email, email) {
						return true
					}
				}
			}
		}
	}
	return false
}

func TestProtectFileForMachines(t *testing.T) {
	p := Protection{Host: "*-my-api.acme.workers.dev", Allow: []string{"@example.com"}, AUD: strings.Repeat("a", 64), ServiceTokens: []string{"ci"}}
	got, steps, err := ProtectFile("sundog.yaml", nil, p)
	if err != nil {
		t.Fatal(err)
	}
	want := `access:
  service_tokens:
    - name: ci
  apps:
    - name: "*-my-api.acme.workers.dev"
      domain: "*-my-api.acme.workers.dev"
      aud: ` + p.AUD + ` # the audience tag that is checked already
      policies:
        - name: Who may enter
          decision: allow
          include:
            - email_domain: {domain: example.com}
        - name: Service tokens
          decision: non_identity
          include:
            - service_token: {token_id: ci}
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"service token ci", "application *-my-api.acme.workers.dev"}, steps); diff != "" {
		t.Error(diff)
	}
	p.ServiceTokens, p.Allow = []string{"ci", "deploy"}, []string{"bob@example.com"}
	got, steps, err = ProtectFile("sundog.yaml", got, p)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"service token deploy", "bob@example.com", "service token deploy"}, steps); diff != "" {
		t.Error(diff)
	}
	if _, err := Parse("sundog.yaml", got, ""); err != nil {
		t.Errorf("%v\n%s", err, got)
	}
}

// TestProtectFileJoins: a host where an audience is checked already joins the application that has it.
func TestProtectFileJoins(t *testing.T) {
	aud := strings.Repeat("a", 64)
	for in, want := range map[string]string{
		"    - {aud: " + aud + ", domain: x.example.com}\n": "    - {\"policies\": [" + policyJSON + "], \"destinations\": [{\"type\": \"public\", \"uri\": \"app.example.com\"}], aud: " + aud + ", domain: x.example.com}\n",
		"    - aud: " + aud + "\n      destinations:\n        - {type: public, uri: x.example.com}\n      policies:\n        - {decision: allow, include: [{email: {email: alice@example.com}}]}\n": "    - aud: " + aud +
			"\n      destinations:\n        - {type: public, uri: x.example.com}\n        - {type: public, uri: app.example.com}\n      policies:\n        - {decision: allow, include: [{email: {email: alice@example.com}}]}\n",
		"    - domain: x.example.com\n      policies: [{decision: allow, include: [{email: {email: alice@example.com}}]}]\n": "    - domain: x.example.com\n      policies: [{decision: allow, include: [{email: {email: alice@example.com}}]}]\n" +
			"      destinations:\n        - {type: public, uri: app.example.com}\n",
		"    - aud: " + aud + "\n      self_hosted_domains: [x.example.com]\n      policies:\n        - {decision: allow, include: [{email: {email: alice@example.com}}]}\n": "    - aud: " + aud +
			"\n      self_hosted_domains: [\"app.example.com\", x.example.com]\n      policies:\n        - {decision: allow, include: [{email: {email: alice@example.com}}]}\n",
	} {
		const head = "access:\n  apps:\n"
		got, _, err := ProtectFile("sundog.yaml", []byte(head+in), Protection{Host: "app.example.com", Allow: alice.Allow, AUD: aud, beside: "x.example.com"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(head+want, string(got)); diff != "" {
			t.Error(diff)
		}
		if w, err := Parse("sundog.yaml", got, ""); err != nil || !admits(w, "app.example.com", "alice@example.com") {
			t.Errorf("%v\n%s", err, got)
		}
	}
}

func TestProtectFileRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"access: *a\nx: &a {}\n":          "sundog.yaml",
		"x: &a {apps: []}\naccess: *a\n":  "sundog.yaml:2:9: there is an alias",
		"access: ~\n":                     "sundog.yaml:1:1: there is a key whose value is null",
		"access: 7\n":                     "sundog.yaml:1:9: there is neither a list nor a mapping",
		"- a\n":                           "sundog.yaml:1:1: there is neither",
		"team: [\n":                       "sundog.yaml:",
		"team: acme\n---\nteam: acme\n":   "a second document",
		"access:\n  apps: {a: b}\nb: c\n": "sundog.yaml:2:9: there is neither a list nor a mapping",
	} {
		if got, _, err := ProtectFile("sundog.yaml", []byte(in), alice); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v\n%s", in, err, got)
		}
	}
}

// Whatever a file holds, a protection leaves each of its lines, or is refused; and what it writes is read as it is meant.
func FuzzProtectFile(f *testing.F) {
	for _, c := range protectCases {
		f.Add(c.in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		before, err := Parse("sundog.yaml", []byte(in), "")
		if err != nil || strings.ContainsAny(in, "*&$") {
			return
		}
		got, _, err := ProtectFile("sundog.yaml", []byte(in), alice)
		if err != nil {
			return
		}
		rest := string(got)
		for line := range strings.Lines(in) {
			for part := range strings.FieldsSeq(line) {
				if _, after, ok := strings.Cut(rest, part); ok {
					rest = after
				} else if !strings.ContainsAny(in, "[{") {
					t.Fatalf("%q lost %q:\n%s", in, part, got)
				}
			}
		}
		w, err := Parse("sundog.yaml", got, "")
		if err != nil {
			return // told to whoever asked; nothing is written then
		}
		if w.Len() < before.Len() {
			t.Fatalf("%q lost documents:\n%s", in, got)
		}
	})
}
