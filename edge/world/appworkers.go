package world

import (
	"cmp"

	"github.com/sundog-edge/sundog/accessemu"
)

// nameWorkers puts the ids of Workers where applications name them: nobody who writes a file knows an id
// that is derived.
func (d *draft) nameWorkers() {
	ids := map[string]string{}
	for _, doc := range d.code {
		if w, ok := doc.Value.(*Worker); ok && w.Name != "" {
			ids[w.Name] = w.ID
		}
	}
	for _, doc := range d.apps {
		app := doc.Value.(*accessemu.Application)
		for i := range app.Destinations {
			to := &app.Destinations[i]
			to.WorkerID = cmp.Or(ids[to.WorkerID], to.WorkerID)
		}
	}
}
