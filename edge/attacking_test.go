package edge_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/accessemu/forge"
	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/attack"
)

// gullible believes whatever a token says.
var gullible = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	_, claims, err := forge.Parse(r.Header.Get(forge.HeaderAssertion))
	if err != nil || claims.Text("email") == "" {
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	}
	_, _ = w.Write([]byte("hello " + claims.Text("email")))
})

// The edge itself lets no forgery in; straight at a gullible origin many are.
func TestAttack(t *testing.T) {
	e := newEdge(t, guarded, edge.WithOrigin("http://localhost:8080", gullible))
	r, err := e.Attack(t.Context(), admin.AttackRequest{URL: "https://app.example.com/x"})
	if err != nil {
		t.Fatal(err)
	}
	if r.As != "alice@example.com" || r.App != "all" || r.Issuer != "https://acme.cloudflareaccess.com" || len(r.Ways) != 2 {
		t.Errorf("%+v", r)
	}
	through, straight := r.Ways[0], r.Ways[1]
	if through.State != attack.Checks || straight.State != attack.Checks || through.Without != 302 || straight.Without != 403 || through.Genuine != 200 {
		t.Fatalf("%s %s, %s %s", through.State, through.Why, straight.State, straight.Why)
	}
	if r.Sound() {
		t.Error("it is found sound")
	}
	for _, x := range through.Results {
		if x.Verdict != attack.Refused {
			t.Errorf("through the edge: %s %s: %d %s", x.Name, x.Verdict, x.Status, x.Note)
		}
	}
	var letIn []string
	for _, x := range straight.Results {
		if x.Verdict == attack.LetIn {
			letIn = append(letIn, x.Name)
		}
	}
	for _, name := range []string{"alg-none", "kid-foreign", "signature-empty", "expired", "aud-other-application", "header-disagrees"} {
		if !slices.Contains(letIn, name) {
			t.Errorf("straight at the origin %s is not among %q", name, letIn)
		}
	}
	if slices.Contains(letIn, "meta-token") || slices.Contains(letIn, "email-header-alone") {
		t.Errorf("let in: %q", letIn)
	}
}

func TestAttackSaysWhatTheBaselineMeans(t *testing.T) {
	e := newEdge(t, guarded, originOption(seen))
	r, err := e.Attack(t.Context(), admin.AttackRequest{URL: "https://app.example.com/", As: "alice@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if r.Ways[0].State != attack.Checks || r.Ways[1].State != attack.Open || r.Sound() {
		t.Errorf("%+v", r.Ways)
	}
}

// --origin leads to a listener of this machine, and nowhere else.
func TestAttackOrigin(t *testing.T) {
	e := newEdge(t, guarded, originOption(seen))
	listening := httptest.NewTLSServer(gullible)
	t.Cleanup(listening.Close)
	r, err := e.Attack(t.Context(), admin.AttackRequest{URL: "https://app.example.com/", Origin: listening.URL})
	if err != nil {
		t.Fatal(err)
	}
	if straight := r.Ways[1]; straight.State != attack.Checks || straight.To != strings.TrimPrefix(listening.URL, "https://") {
		t.Errorf("%s %s %s", straight.To, straight.State, straight.Why)
	}
	for origin, want := range map[string]string{
		"http://203.0.113.1:80":   "not on this machine",
		"http://192.168.0.1":      "not on this machine",
		"http://[2001:db8::1]:80": "not on this machine",
		"tcp://127.0.0.1:22":      "no HTTP origin",
		"127.0.0.1:80":            "no HTTP origin",
		"http_status:404":         "no HTTP origin",
	} {
		_, err := e.Attack(t.Context(), admin.AttackRequest{URL: "https://app.example.com/", Origin: origin})
		var refused *admin.Refused
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", origin, err, want)
		}
	}
	r, err = e.Attack(t.Context(), admin.AttackRequest{URL: "https://app.example.com/", Origin: "http://attack.invalid:80"})
	if err != nil || r.Ways[1].State != attack.Unreachable || !strings.Contains(r.Ways[1].Why, "not on this machine") {
		t.Errorf("a name that nobody wrote down: %v %+v", err, r)
	}
}

func TestAttackRefuses(t *testing.T) {
	e := newEdge(t, strings.Replace(guarded, "[{service: \"http://localhost:8080\"}]",
		`[{hostname: app.example.com, service: "ssh://localhost:22"}, {service: "http_status:404"}]`, 1))
	for name, tt := range map[string]struct {
		x    admin.AttackRequest
		want string
	}{
		"unguarded":           {admin.AttackRequest{URL: "https://open.example.com/"}, "no Access application guards"},
		"outside":             {admin.AttackRequest{URL: "https://www.cloudflare.com/"}, "no Access application guards"},
		"no HTTP":             {admin.AttackRequest{URL: "https://app.example.com/"}, `"ssh://localhost:22", which is no HTTP origin`},
		"nobody to compare":   {admin.AttackRequest{URL: "https://app.example.com/", As: "bob@example.com"}, "bob@example.com is nobody to compare with"},
		"bypassed":            {admin.AttackRequest{URL: "https://app.example.com/health"}, "name somebody with --as"},
		"bypassed, and named": {admin.AttackRequest{URL: "https://app.example.com/health", As: "bob@example.com"}, "a bypass policy lets everybody through"},
	} {
		_, err := e.Attack(t.Context(), tt.x)
		var refused *admin.Refused
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}
