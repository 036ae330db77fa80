package api

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sundog-edge/sundog/edge/worker/version"
	project "github.com/sundog-edge/sundog/edge/worker/wrangler"
	"github.com/sundog-edge/sundog/edge/world"
)

func withBindings(bindings, more string) string {
	return `{"main_module":"index.js","bindings":[` + bindings + `]` + more + `}`
}

func TestSecretsStayAndAreNeverGivenAway(t *testing.T) {
	m := newMemory(t)
	c := newClient(t, m)
	c.deployed("w", withBindings(`{"type":"secret_text","name":"KEY","text":"hush-1"},{"type":"plain_text","name":"A","text":""},{"type":"r2_bucket","name":"R","bucket_name":"b"}`, ""))
	c.ok("PUT", "A/workers/scripts/w/secrets", object{"name": "TOKEN", "text": "hush-2", "type": "secret_text"})
	c.deployed("w", withBindings(`{"type":"inherit","name":"R"},{"type":"inherit","name":"Z","old_name":"A"}`, `,"keep_bindings":["secret_text"]`))
	var names []string
	v := (&call{layers: m.Layers()}).current(get[world.Worker](m.Layers(), world.KindWorker, "w"))
	for _, b := range v.Bindings {
		names = append(names, b.Type+" "+b.Name+" "+b.Text)
	}
	if diff := cmp.Diff([]string{"r2_bucket R ", "plain_text Z ", "secret_text KEY hush-1", "secret_text TOKEN hush-2"}, names); diff != "" {
		t.Error(diff)
	}
	a := c.ok("GET", "A/workers/scripts/w/settings", nil)
	want := []any{
		object{"type": "r2_bucket", "name": "R", "bucket_name": "b"}, object{"type": "plain_text", "name": "Z", "text": ""},
		object{"type": "secret_text", "name": "KEY"}, object{"type": "secret_text", "name": "TOKEN"},
	}
	if diff := cmp.Diff(want, a.field("bindings")); diff != "" {
		t.Error(diff)
	}
	for _, path := range []string{"scripts", "scripts/w", "scripts/w/settings", "scripts/w/secrets", "scripts/w/secrets/KEY", "scripts/w/versions", "scripts/w/deployments", "services/w", "workers/w", "scripts/w/versions/" + v.ID} {
		if a := c.ok("GET", "A/workers/"+path, nil); strings.Contains(a.text, "hush") {
			t.Errorf("%s gives a secret away: %s", path, a.text)
		}
	}
	c.deployed("w", meta)
	if a := c.ok("GET", "A/workers/scripts/w/secrets", nil); len(a.Result.([]any)) != 0 {
		t.Errorf("an upload without keep_bindings keeps them: %s", a.text)
	}
	c.refused("DELETE", "A/workers/scripts/w/secrets/KEY", nil, 404, 10056)
}

func TestRefusedDeploys(t *testing.T) {
	for _, tt := range []struct {
		name, metadata string
		code           int
		want           string
	}{
		{"service", withBindings(`{"type":"service","name":"B","service":"worker-b"}`, ""), 10143, "Could not resolve service binding 'B'. Target script 'worker-b' not found. Please verify the target script and try again."},
		{"inherit", withBindings(`{"type":"inherit","name":"B"}`, ""), 10057, "inherit binding 'B' is invalid"},
		{"inherit of a version", withBindings(`{"type":"inherit","name":"B","version_id":"x"}`, ""), 10057, "version 'x' was not found"},
		{"vpc service", withBindings(`{"type":"vpc_service","name":"B","service_id":"x"}`, ""), 10056, "VPC service 'x' not found"},
		{"vpc network", withBindings(`{"type":"vpc_network","name":"B","tunnel_id":"x"}`, ""), 10056, "tunnel 'x' not found"},
		{"vpc network of neither", withBindings(`{"type":"vpc_network","name":"B"}`, ""), 10021, "one of tunnel_id and network_id"},
		{"class", withBindings(`{"type":"durable_object_namespace","name":"B","class_name":"Room"}`, ""), 10061, "Cannot create binding for class 'Room'"},
		{"class elsewhere", withBindings(`{"type":"durable_object_namespace","name":"B","class_name":"Room","script_name":"x"}`, ""), 10061, "script 'x'"},
		{"name twice", withBindings(`{"type":"json","name":"B","json":1},{"type":"json","name":"B","json":2}`, ""), 10021, "two bindings are named"},
		{"no name", withBindings(`{"type":"json","json":1}`, ""), 10021, "has no name"},
		{"no type", withBindings(`{"name":"B"}`, ""), 10021, "has no type"},
		{"rename of nothing", withBindings(``, `,"migrations":{"steps":[{"renamed_classes":[{"from":"A","to":"B"}]}]}`), 10021, "non-existent class A"},
		{"transferred", withBindings(``, `,"migrations":{"transferred_classes":[{}]}`), 10021, "transferred_classes is not supported yet"},
		{"exports", withBindings(``, `,"exports":{"Room":{}}`), 100402, "exports is not supported yet"},
		{"date", withBindings(``, `,"compatibility_date":"November"`), 10021, `compatibility_date is "November"`},
		{"assets of no session", withBindings(``, `,"assets":{"jwt":"x.y.z"}`), 8000013, "upload token"},
		{"assets without session", withBindings(``, `,"assets":{}`), 10021, "no jwt"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMemory(t)
			c := newClient(t, m)
			a := c.upload("PUT", "A/workers/scripts/w", worker("x", tt.metadata)...)
			if a.Status != 400 || a.Errors[0].Code != tt.code || !strings.Contains(a.Errors[0].Message, tt.want) {
				t.Errorf("got %d %s", a.Status, a.text)
			}
			if get[world.Worker](m.Layers(), world.KindWorker, "w") != nil {
				t.Error("the Worker is there")
			}
		})
	}
	c := newClient(t, newMemory(t))
	both := c.upload("PUT", "A/workers/scripts/w", worker("x", withBindings(`{"type":"service","name":"A","service":"a"},{"type":"service","name":"B","service":"b"}`, ""))...)
	if len(both.Errors) != 2 {
		t.Errorf("not all errors at once: %s", both.text)
	}
	c.deployed("w", withBindings(`{"type":"service","name":"SELF","service":"w"}`, ""))
	bad := c.upload("PUT", "A/workers/scripts/w", worker("broken", meta)...)
	if bad.Status != 400 || bad.Errors[0].Code != 10021 || !strings.Contains(bad.text, "Uncaught SyntaxError") {
		t.Errorf("got %d %s", bad.Status, bad.text)
	}
	if a := c.ok("GET", "A/workers/scripts/w/versions", nil); len(a.field("items").([]any)) != 1 {
		t.Errorf("code that does not start leaves a version: %s", a.text)
	}
	for _, name := range []string{"Upper", "-x", strings.Repeat("a", 64), "a.b"} {
		if a := c.upload("PUT", "A/workers/scripts/"+name, worker("x", meta)...); a.Status != 400 || a.Errors[0].Code != 10016 {
			t.Errorf("%s: %d %s", name, a.Status, a.text)
		}
	}
}

func TestServiceBindingToAVPCService(t *testing.T) {
	const id = "4e0a7d6e-0000-4000-8000-000000000001"
	c := newClient(t, newMemory(t, world.Tunnel{ID: "lab", Name: "lab"}, world.VPCService{ID: id, Name: "db", Type: "tcp", TCPPort: 5432, Host: world.VPCHost{IPv4: "10.0.0.5", Network: &world.VPCNetwork{TunnelID: "lab"}}}))
	a := c.upload("PUT", "A/workers/scripts/w", worker("x", withBindings(`{"type":"service","name":"B","service":"db"}`, ""))...)
	if want := `"service_id": "` + id + `"`; a.Status != 400 || a.Errors[0].Code != 10143 || !strings.Contains(a.Errors[0].Message, want) {
		t.Errorf("got %d %s, which does not say %s", a.Status, a.text, want)
	}
}

func TestVersionsAreForgotten(t *testing.T) {
	m := newMemory(t)
	c := newClient(t, m)
	c.deployed("w", meta)
	first := get[world.Worker](m.Layers(), world.KindWorker, "w").Current()
	for range 15 {
		if a := c.upload("POST", "A/workers/scripts/w/versions", worker("x", meta)...); a.Status != 200 {
			t.Fatal(a.text)
		}
	}
	versions := (&call{layers: m.Layers()}).versions("w")
	if len(versions) != keptVersions+1 || versions[0].Number != 16 || versions[len(versions)-1].ID != first {
		t.Errorf("%d versions, from %d; the deployed one is the last: %v", len(versions), versions[0].Number, versions[len(versions)-1].ID == first)
	}
	for range 15 {
		c.deployed("w", meta)
	}
	versions = (&call{layers: m.Layers()}).versions("w")
	w := get[world.Worker](m.Layers(), world.KindWorker, "w")
	if len(versions) != keptVersions || len(w.Deployments) != keptVersions || versions[0].ID != w.Current() {
		t.Errorf("%d versions, %d deployments", len(versions), len(w.Deployments))
	}
}

func TestDeployments(t *testing.T) {
	m := newMemory(t)
	c := newClient(t, m)
	c.deployed("w", meta)
	c.deployed("w", meta)
	vs := (&call{layers: m.Layers()}).versions("w")
	const path = "A/workers/scripts/w/deployments"
	share := func(i int, percent float64) object { return object{"version_id": vs[i].ID, "percentage": percent} }
	c.refused("POST", path, object{"strategy": "percentage", "versions": []object{share(0, 60)}}, 400, 10021)
	c.refused("POST", path, object{"strategy": "percentage", "versions": []object{share(0, 50), share(0, 50)}}, 400, 10021)
	c.refused("POST", path, object{"strategy": "percentage", "versions": []object{}}, 400, 10021)
	c.refused("POST", path, object{"strategy": "luck", "versions": []object{share(0, 100)}}, 400, 10021)
	c.refused("POST", path, object{"strategy": "percentage", "versions": []object{{"version_id": "x", "percentage": 100}}}, 404, 10092)
	c.refused("POST", path, "{", 400, 6007)
	c.refused("POST", path, "{} {}", 400, 6007)
	c.ok("POST", path, object{"strategy": "percentage", "versions": []object{share(0, 10), share(1, 90)}, "annotations": object{"workers/message": "half"}})
	a := c.ok("GET", path, nil)
	if a.field("deployments.0.annotations.workers/message") != "half" || len(a.field("deployments").([]any)) != 3 {
		t.Error(a.text)
	}
}

// A Worker that is a folder has bindings, and no version that could be changed.
func TestWorkerOfAFolder(t *testing.T) {
	m := newMemory(t, world.Worker{Name: "folder", Project: &project.Config{Name: "folder", Version: version.Version{
		Classes: []version.Class{{Name: "Room"}}, Crons: []string{"1 * * * *"},
		Bindings: []version.Binding{{Type: "plain_text", Name: "A", Text: "a"}, {Type: "secret_text", Name: "S", Text: "hush"}},
	}}})
	c := newClient(t, m)
	if a := c.ok("GET", "A/workers/scripts/folder/settings", nil); a.field("bindings.0.name") != "A" || strings.Contains(a.text, "hush") {
		t.Error(a.text)
	}
	c.ok("PUT", "A/workers/scripts/folder/secrets", object{"name": "S", "text": "more", "type": "secret_text"})
	if w := get[world.Worker](m.Layers(), world.KindWorker, "folder"); w.Project == nil || len(w.Secrets) != 1 || w.Secrets[0].Text != "more" {
		t.Errorf("%+v", w)
	}
	c.refused("PATCH", "A/workers/workers/folder/versions/latest", object{"env": object{"K": object{"type": "secret_text", "text": "v"}}}, 409, 10007)
	c.deployed("folder", withBindings("", `,"keep_bindings":["secret_text"],"migrations":{"new_tag":"v1","steps":[{"new_classes":["Room"]}]}`))
	if a := c.ok("GET", "A/workers/scripts/folder/schedules", nil); a.field("schedules.0.cron") != "1 * * * *" {
		t.Error(a.text)
	}
	w := get[world.Worker](m.Layers(), world.KindWorker, "folder")
	if w.Project != nil || len(w.Deployments) != 1 || w.Secrets != nil {
		t.Errorf("%+v", w)
	}
	if b := named((&call{layers: m.Layers()}).current(w).Bindings, "S"); b == nil || b.Text != "more" {
		t.Errorf("the secret is lost: %+v", b)
	}
}

// Writes that come at once are made one after another, and none is lost.
func TestDeployUnderLoad(t *testing.T) {
	m := newMemory(t)
	o := options(m)
	h := New(o)
	c := client{t, h}
	c.deployed("w", meta)
	const n = 8
	var all sync.WaitGroup
	for i := range n {
		contentType, body := form(t, worker(fmt.Sprint("v", i), meta)...)
		for _, one := range []struct{ method, path, kind, body string }{
			{"POST", "/workers/scripts/w/versions", contentType, string(body)},
			{"PUT", "/workers/scripts/w/secrets", "", fmt.Sprintf(`{"name":"K%d","text":"x","type":"secret_text"}`, i)},
			{"GET", "/workers/scripts/w/settings", "", ""},
		} {
			all.Go(func() {
				r := httptest.NewRequest(one.method, Prefix+"/accounts/"+testAccount+one.path, strings.NewReader(one.body))
				r.Header.Set("Authorization", "Bearer "+testToken)
				r.Header.Set("Content-Type", one.kind)
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != 200 {
					t.Errorf("%s %s: %d %s", one.method, one.path, w.Code, w.Body)
				}
			})
		}
	}
	all.Wait()
	vs := (&call{layers: m.Layers()}).versions("w")
	if vs[0].Number != 2*n+1 {
		t.Errorf("the last version has the number %d", vs[0].Number)
	}
}

// A deploy that takes long lets others read.
func TestReadsDoNotWait(t *testing.T) {
	m := newMemory(t)
	c := newClient(t, m)
	c.deployed("w", meta)
	m.slow = make(chan struct{})
	done := make(chan answer)
	go func() { done <- c.upload("PUT", "A/workers/scripts/w", worker("x", meta)...) }()
	c.ok("GET", "A/workers/scripts/w/deployments", nil)
	m.slow <- struct{}{}
	if a := <-done; a.Status != 200 {
		t.Error(a.text)
	}
}
