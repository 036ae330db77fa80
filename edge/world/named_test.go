package world

import (
	"slices"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/accessemu"
)

func TestAccessDocumentsByName(t *testing.T) {
	w := MustParse(`
access:
  groups: [{name: office, include: [{ip: {ip: 192.0.2.0/24}}]}]
  lists: [{name: people, type: EMAIL, items: [{value: a@example.com}]}]
  service_tokens: [{name: ci, client_secret: cfast_x}, {name: nightly}]
  custom_pages: [{name: sorry, type: forbidden, custom_html: <p>}]
`)
	for kind, want := range map[Kind]int{KindGroup: 1, KindList: 1, KindServiceToken: 2, KindCustomPage: 1} {
		if got := len(slices.Collect(w.All(kind))); got != want {
			t.Errorf("%s: %d documents, want %d", kind, got, want)
		}
	}
	for doc := range w.All(KindServiceToken) {
		if v := doc.Value.(*accessemu.ServiceToken); len(v.ID) != 36 || doc.Key.ID != v.ID || AccessKind("service_token") != doc.Key.Kind {
			t.Errorf("%+v", v)
		}
	}
}

func TestAccessDocumentsThatAreWrong(t *testing.T) {
	_, err := Parse("f", []byte(`
access:
  service_tokens: [{name: ci, client_secret: not secret}, {name: ci}, {nam: x}]
  groups: [{name: g}]
  lists: [{name: l, type: MAIL, items: []}]
`), "")
	text := err.Error()
	for _, want := range []string{
		"access.service_tokens[0].client_secret: a secret with spaces", "access.service_tokens[1].name: the same name", `service_tokens[2].nam: `,
		"access.groups[0].include: missing", `access.lists[0].type: "MAIL"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	var errs Errors
	if e, ok := err.(Errors); ok {
		errs = e
	}
	for _, e := range errs {
		if strings.Contains(e.Field, "secret") && strings.Contains(e.Pretty(), "not secret") {
			t.Errorf("an error shows a secret: %s", e.Pretty())
		}
	}
}

func TestFindingAServiceTokenInAnAllowPolicy(t *testing.T) {
	w := MustParse(`
zones: [{name: example.com}]
access:
  service_tokens: [{name: ci, client_secret: x}]
  policies: [{name: shared, decision: allow, include: [{any_valid_service_token: {}}]}]
  apps:
    - domain: app.example.com
      policies: [shared, {name: robots, decision: allow, include: [{service_token: {token_id: ci}}]}, {name: right, decision: non_identity, include: [{service_token: {token_id: ci}}]}]
`)
	var lines []string
	for _, f := range w.Findings() {
		if strings.Contains(f.String(), "names a service token") {
			lines = append(lines, f.String())
		}
	}
	if len(lines) != 2 || !strings.Contains(lines[0]+lines[1], `"robots"`) || !strings.Contains(lines[0]+lines[1], `"shared"`) {
		t.Errorf("%q", lines)
	}
}
