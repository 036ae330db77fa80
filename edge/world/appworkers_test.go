package world

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/accessemu"
)

func TestApplicationsNameWorkers(t *testing.T) {
	given := &accessemu.Application{Destinations: []accessemu.Destination{
		{Type: "worker", WorkerID: "my-api"}, {Type: "preview_worker", WorkerID: "0123456789abcdef0123456789abcdef"}, {Type: "worker", WorkerID: "elsewhere"},
	}}
	w, err := New(&Settings{Team: "acme"}, &Worker{Name: "my-api"}, given, &accessemu.Application{Destinations: []accessemu.Destination{{Type: "all_workers"}}})
	if err != nil {
		t.Fatal(err)
	}
	var id string
	for doc := range w.All(KindWorker) {
		id = doc.Value.(*Worker).ID
	}
	want := []accessemu.Destination{
		{Type: "worker", WorkerID: id}, {Type: "preview_worker", WorkerID: "0123456789abcdef0123456789abcdef"}, {Type: "worker", WorkerID: "elsewhere"},
	}
	apps := 0
	for doc := range w.All(KindApp) {
		app := doc.Value.(*accessemu.Application)
		if apps++; !isUUID(app.ID) {
			t.Errorf("id %q", app.ID)
		}
		if len(app.Destinations) == len(want) {
			if diff := cmp.Diff(want, app.Destinations); diff != "" {
				t.Error(diff)
			}
		}
	}
	if apps != 2 || len(id) != 32 || given.Destinations[0].WorkerID != "my-api" {
		t.Errorf("%d applications, id %q, given %v", apps, id, given.Destinations)
	}
}
