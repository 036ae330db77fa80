package edge_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/world"
)

func parse(t *testing.T, yaml string) *world.World {
	t.Helper()
	w, err := world.Parse("sundog.yaml", []byte(yaml), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func status(t *testing.T, e *edge.Edge, url string) int {
	t.Helper()
	resp, _ := do(t, &http.Client{Transport: e.Transport(), CheckRedirect: stay}, newRequest(t, "GET", url, nil))
	return resp.StatusCode
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

const (
	closedWorld = `
team: acme
zones: [{name: example.com, records: [{type: CNAME, name: a, content: abc.cfargotunnel.com, proxied: true}]}]
tunnels: [{id: abc, config: {ingress: [{service: "http_status:204"}]}}]
access: {apps: [{name: app, domain: a.example.com, policies: [{name: p, decision: allow, include: [{everyone: {}}]}]}]}
`
	openWorld = `
team: acme
zones: [{name: example.com, records: [{type: CNAME, name: a, content: abc.cfargotunnel.com, proxied: true}]}]
tunnels: [{id: abc, config: {ingress: [{service: "http_status:204"}]}}]
`
)

func TestApplyReplacesTheWorld(t *testing.T) {
	e := newEdge(t, openWorld)
	if got := status(t, e, "https://a.example.com/"); got != 204 {
		t.Fatalf("status %d before", got)
	}
	if err := e.Apply(parse(t, closedWorld)); err != nil {
		t.Fatal(err)
	}
	if got := status(t, e, "https://a.example.com/"); got != 302 {
		t.Errorf("status %d after the application came", got)
	}
	if err := e.Apply(parse(t, openWorld)); err != nil {
		t.Fatal(err)
	}
	if got := status(t, e, "https://a.example.com/"); got != 204 {
		t.Errorf("status %d after the application went", got)
	}
	if err := e.Apply(nil); err != nil {
		t.Fatal(err)
	}
	if got := status(t, e, "https://a.example.com/"); got != 530 {
		t.Errorf("status %d in an empty world", got)
	}
}

// A world that does not compile changes nothing, and says where it does not.
func TestBadWorldKeepsTheOld(t *testing.T) {
	e := newEdge(t, closedWorld)
	bad := strings.Replace(closedWorld, "domain: a.example.com", "domain: 'a.*.*b*.example.com'", 1)
	w, err := world.Parse("sundog.yaml", []byte(bad), t.TempDir())
	if err == nil {
		err = e.Apply(w)
	}
	var errs world.Errors
	if !errors.As(err, &errs) || len(errs) == 0 || errs[0].Mark.Line == 0 {
		t.Fatalf("error %v, want one with a place", err)
	}
	if got := status(t, e, "https://a.example.com/"); got != 302 {
		t.Errorf("status %d after the refused world", got)
	}
}

func TestEditIsAllOrNothing(t *testing.T) {
	e := newEdge(t, closedWorld)
	put := func(v any) world.Edit {
		doc, err := world.NewDocument(v)
		if err != nil {
			t.Fatal(err)
		}
		return world.Edit{Put: doc}
	}
	good := accessemu.Application{ID: "11111111-1111-4111-8111-111111111111", AUD: strings.Repeat("a", 64), Name: "second", Domain: "b.example.com"}
	bad := accessemu.Application{ID: "22222222-2222-4222-8222-222222222222", AUD: strings.Repeat("b", 64), Name: "third", Domain: "*.*b*.example.com", SessionDuration: "soon"}
	if err := e.Edit(put(good), put(bad)); err == nil {
		t.Fatal("an application that does not compile is taken")
	}
	if got := len(e.Summary().Apps); got != 1 {
		t.Errorf("%d applications after the refused edit, want the one", got)
	}
	if err := e.Edit(put(good)); err != nil {
		t.Fatal(err)
	}
	if got := len(e.Summary().Apps); got != 2 {
		t.Errorf("%d applications after the edit", got)
	}
	if err := e.Edit(world.Edit{Delete: world.Key{Kind: world.KindApp, ID: good.ID}}); err != nil {
		t.Fatal(err)
	}
	if got := len(e.Summary().Apps); got != 1 {
		t.Errorf("%d applications after the deletion", got)
	}
}

// A session is of the state, not of the world: it outlives a reload.
func TestSessionSurvivesReload(t *testing.T) {
	e := newEdge(t, closedWorld)
	c := e.Client()
	if got, _ := login(t, e, c, "https://a.example.com/", "bob@example.com"); got != 204 {
		t.Fatalf("login ended with %d", got)
	}
	if err := e.Apply(parse(t, strings.Replace(closedWorld, "name: p,", "name: renamed,", 1))); err != nil {
		t.Fatal(err)
	}
	resp, _ := do(t, c, newRequest(t, "GET", "https://a.example.com/", nil))
	if resp.StatusCode != 204 {
		t.Errorf("status %d after the reload", resp.StatusCode)
	}
}

func TestClosedEdgeTakesNoWorld(t *testing.T) {
	e := newEdge(t, openWorld)
	e.Close()
	if err := e.Apply(nil); err == nil {
		t.Error("a closed edge takes a world")
	}
	if err := e.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}
