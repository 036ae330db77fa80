package world

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// problemsOf loads a text and returns its errors, a line each.
func problemsOf(t *testing.T, text string) []string {
	t.Helper()
	_, err := Loader{Lookup: env}.Parse("f", []byte(text), "")
	var es Errors
	if err != nil && !errors.As(err, &es) {
		t.Fatalf("error of type %T: %v", err, err)
	}
	var got []string
	for _, e := range es {
		got = append(got, e.Error())
	}
	return got
}

func env(name string) (string, bool) {
	switch name {
	case "TEAM":
		return "acme", true
	case "TTL":
		return "300", true
	case "EMPTY":
		return "", true
	case "SECRET":
		return "hunter2", true
	case "STRUCTURE":
		return "{a: b}\nworkers: []", true
	}
	return "", false
}

func TestDecodeErrors(t *testing.T) {
	const topKeys = "one of team, account, workers_subdomain, zones, tunnels, access, people, clients, origins, origins_from, egress, quirks, workers, pages, vpc_services, audit"
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"unknown key", "tema: acme", []string{`f:1:1: tema: the unknown key "tema"; allowed: ` + topKeys + ` (did you mean "team"?)`}},
		{"unknown key far from all", "xyzzy: 1", []string{`f:1:1: xyzzy: the unknown key "xyzzy"; allowed: ` + topKeys}},
		{"other joiner", "workers-subdomain: a", []string{`f:1:1: workers-subdomain: the unknown key "workers-subdomain"; allowed: ` + topKeys + ` (did you mean "workers_subdomain"?)`}},
		{"key twice", "team: a\nteam: b", []string{`f:2:1: team: the key twice; allowed: once (first at f:1:1)`}},
		{"key twice in a document", "zones: [{name: a.com, name: b.com}]", []string{`f:1:23: zones[0].name: the key twice; allowed: once (first at f:1:10)`}},
		{"list as a key", "[a]: b", []string{`f:1:1: a list as a key; allowed: a name`}},
		{"mapping for a list", "zones: {name: a.com}", []string{`f:1:8: zones: a mapping; allowed: a list (start each entry with a dash)`}},
		{"text for a list", "zones: a.com", []string{`f:1:8: zones: the text "a.com"; allowed: a list`}},
		{"list for a text", "team: [a]", []string{`f:1:7: team: a list; allowed: a text`}},
		{"list for a mapping", "access: []", []string{`f:1:9: access: a list; allowed: a mapping`}},
		{"truth value for a text", "team: true", []string{`f:1:7: team: the truth value true; allowed: a text (put quotes around it if "true" is meant)`}},
		{"text for a truth value", `zones: [{name: a.com, records: [{type: A, name: a, content: 192.0.2.1, proxied: "true"}]}]`,
			[]string{`f:1:81: zones[0].records[0].proxied: the text "true"; allowed: true or false (write it without quotes)`}},
		{"fraction", `zones: [{name: a.com, records: [{type: A, name: a, content: 192.0.2.1, ttl: 1.5}]}]`,
			[]string{`f:1:77: zones[0].records[0].ttl: the number 1.5; allowed: a whole number`}},
		{"out of range", "clients: {a: {asn: 4294967296}}", []string{`f:1:20: clients.a.asn: the number 4294967296; allowed: a whole number from 0 to 4294967295`}},
		{"negative", "clients: {a: {asn: -1}}", []string{`f:1:20: clients.a.asn: the number -1; allowed: a whole number from 0 to 4294967295`}},
		{"no address", "clients: {a: {ip: 300.1.1.1}}", []string{`f:1:19: clients.a.ip: the text "300.1.1.1"; allowed: an IP address`}},
		{"tag", "team: !x acme", []string{`f:1:7: team: a value with the tag !x; allowed: a text`}},
		{"binary", "team: !!binary YWNtZQ==", []string{`f:1:7: team: a value with the tag !!binary; allowed: a text`}},
		{"missing", "zones: [{id: 0123456789abcdef0123456789abcdef}]", []string{
			`f:1:9: zones[0].name: missing; allowed: a text (the key is required)`}},
		{"missing because null", "zones: [{name: ~}]", []string{`f:1:9: zones[0].name: missing; allowed: a text (the key is required)`}},
		{"all at once", "tema: a\nzones: [{nmae: a}]\nclients: {a: {ip: x, country: de}}", []string{
			`f:1:1: tema: the unknown key "tema"; allowed: ` + topKeys + ` (did you mean "team"?)`,
			`f:2:9: zones[0].name: missing; allowed: a text (the key is required)`,
			`f:2:10: zones[0].nmae: the unknown key "nmae"; allowed: one of id, name, name_servers, dns_settings, records (did you mean "name"?)`,
			`f:3:19: clients.a.ip: the text "x"; allowed: an IP address`,
			`f:3:31: clients.a.country: the text "de"; allowed: two capital letters, as DE, or T1 (write "DE")`,
		}},
		{"identity provider", "access: {identity_providers: [{type: onetimepin}, {type: okta, name: ok}, {type: oidc, confg: {}}]}", []string{
			`f:1:58: access.identity_providers[1].type: "okta", which is not supported yet; allowed: onetimepin, oidc, github, google or google-apps`,
			`f:1:88: access.identity_providers[2].confg: no such key; allowed: config, id, name, scim_config or type (did you mean "config"?)`}},
		{"secret", "tunnels: [{id: a, secret: c2VjcmV0}]", []string{
			`f:1:27: tunnels[0].secret: a secret of 6 bytes; allowed: 32 bytes or more in base64 (openssl rand -base64 32 makes one; without it, one is made for each run)`}},
		{"secret that is none", "tunnels: [{id: a, secret: '<base64>'}]", []string{
			`f:1:27: tunnels[0].secret: a text that is no base64; allowed: 32 bytes or more in base64 (openssl rand -base64 32 makes one; without it, one is made for each run)`}},
		{"list at the top", "- team", []string{"f:1:1: a list; allowed: a mapping of keys"}},
		{"text at the top", "team", []string{`f:1:1: the text "team"; allowed: a mapping of keys`}},

		{"unset variable", "team: ${NOPE}", []string{"f:1:7: team: the variable NOPE, which is not set; allowed: a variable of the environment"}},
		{"odd variable", "team: ${TEAM:-x}", []string{`f:1:7: team: "${TEAM:-x}"; allowed: ${NAME} (write $${ for the text itself)`,
			`f:1:7: team: the text "${TEAM:-x}"; allowed: lower-case letters, digits and hyphens`}},
		{"value of a variable is not shown", "zones: [{name: a.com, records: [{type: A, name: a, content: 192.0.2.1, ttl: \"${SECRET}\"}]}]", []string{
			`f:1:77: zones[0].records[0].ttl: the value of ${SECRET}; allowed: a whole number`}},

		{"policy of another type", "access: {apps: [{domain: a.com, policies: [[]]}]}", []string{
			`f:1:44: access.apps[0].policies[0]: a list; allowed: a policy, or the name or id of one`}},
		{"key in a policy in an application", "access: {apps: [{domain: a.com, policies: [{decision: allow, include: [], exclud: []}]}]}", []string{
			`f:1:75: access.apps[0].policies[0].exclud: no such key; allowed: decision, exclude, id, include, name, precedence, purpose_justification_prompt, purpose_justification_required, require or session_duration (did you mean "exclude"?)`}},
		{"key in a reference", "access: {apps: [{domain: a.com, policies: [{id: x, prio: 1}]}]}", []string{
			`f:1:44: access.apps[0].policies[0]: the policy "x", which does not exist; allowed: the name or id of one of access.policies`,
			`f:1:52: access.apps[0].policies[0].prio: no such key; allowed: decision, exclude, id, include, name, precedence, purpose_justification_prompt, purpose_justification_required, require or session_duration`}},
		{"inline configuration", "tunnels: [{id: a, config: {ingress: [{service: 'x'}]}}]", nil}, // its texts are tunnelemu's
	} {
		t.Run(test.name, func(t *testing.T) {
			got := problemsOf(t, test.text)
			if test.want == nil {
				if len(got) != 1 || !strings.HasPrefix(got[0], "f:1:39: tunnels[0].config.ingress[0].service: ") {
					t.Errorf("got %q", got)
				}
				return
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeAccepts(t *testing.T) {
	for _, test := range []struct{ name, text, team string }{
		{"json", `{"team": "acme", "zones": []}`, "acme"},
		{"json with tabs", "{\n\t\"team\":\t\"acme\"\n}", "acme"},
		{"json with escapes", `{"team": "\u0061cme", "account": {"name": "\ud83d\ude00"}}`, "acme"},
		{"byte order mark", "\ufeffteam: acme", "acme"},
		{"carriage returns", "team: acme\r\nzones: []\r\n", "acme"},
		{"digits as text", "team: 2024", "2024"},
		{"variable", "team: ${TEAM}", "acme"},
		{"variables within", "team: x-${TEAM}-${TTL}", "x-acme-300"},
		{"variable for a number", "team: a\nzones: [{name: a.com, records: [{type: A, name: a, content: 192.0.2.1, ttl: \"${TTL}\"}]}]", "a"},
		{"null parts", "team: a\nzones:\ntunnels: ~\naccess:\nclients: null", "a"},
		{"words for truth values", "team: a\nzones: [{name: a.com, records: [{type: A, name: a, content: 192.0.2.1, proxied: yes}]}]", "a"},
		{"merge", "team: a\nzones: [{name: a.com, records: [&r {type: A, name: a, content: 192.0.2.1}, {<<: *r, name: b}, {<<: [*r, {ttl: 60}], name: c}]}]", "a"},
		{"alias", "account: {name: &n acme}\nteam: *n", "acme"},
		{"keys of the api's answers", "team: a\nzones: [{name: a.com}]\naccess: {apps: [{domain: a.com, created_at: x, uid: y}]}", "a"},
		{"one-time PIN", "team: a\naccess: {identity_providers: [{type: onetimepin, name: PIN, config: {}}]}", "a"},
		{"tunnel with an odd id", "team: a\ntunnels: [{id: YOUR_TUNNEL_ID}]", "a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, err := Loader{Lookup: env}.Parse("f", []byte(test.text), "")
			if err != nil {
				t.Fatal(err)
			}
			if got := w.Settings().Team; got != test.team {
				t.Errorf("team %q, want %q", got, test.team)
			}
		})
	}
}

func TestVariablesStayText(t *testing.T) {
	w, err := Loader{Lookup: env}.Parse("f", []byte("account: {name: '${STRUCTURE}'}\nworkers_subdomain: ${EMPTY}\nzones: [{name: a.com, records: [{type: TXT, name: a, content: '$${TEAM} ${TEAM}'}]}]"), "")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.Settings().AccountName, "{a: b}\nworkers: []"; got != want {
		t.Errorf("name %q, want %q", got, want)
	}
	for d := range w.All(KindRecord) {
		if got, want := d.Value.(*Record).Content, "${TEAM} acme"; got != want {
			t.Errorf("content %q, want %q", got, want)
		}
	}
}

func TestMergedRecords(t *testing.T) {
	w := MustParse("zones: [{name: a.com, records: [&r {type: A, name: a, content: 192.0.2.1}, {<<: [*r, {ttl: 60, name: no}], name: c}]}]")
	for d := range w.All(KindRecord) {
		r := d.Value.(*Record)
		if r.Name == "c.a.com" {
			if r.TTL != 60 || r.Content != "192.0.2.1" {
				t.Errorf("merged record: %+v", r)
			}
			if got, want := d.At("ttl").String(), "sundog.yaml:1:92"; got != want {
				t.Errorf("At(ttl) = %s, want %s", got, want)
			}
			return
		}
	}
	t.Error("no merged record")
}

// An error that would be said for each of a million lines is said a hundred
// times.
func TestErrorsAreBounded(t *testing.T) {
	got := problemsOf(t, "zones: ["+strings.Repeat("{name: [], x: 1},", 5000)+"]")
	if len(got) != maxErrors+1 || !strings.HasSuffix(got[maxErrors], "more errors are not listed") {
		t.Errorf("%d errors, the last %q", len(got), got[len(got)-1])
	}
}
