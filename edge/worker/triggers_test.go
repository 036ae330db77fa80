package worker

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// A Worker's own crons replace those of its version, also by none; its consumers go before those of the same queue.
func TestTriggersOfAWorker(t *testing.T) {
	v := &version.Version{Crons: []string{"1 * * * *"}, Consumers: []version.Consumer{{Queue: "a", MaxBatchSize: 1}, {Queue: "b"}}}
	for name, tt := range map[string]struct {
		worker    Worker
		crons     []string
		consumers []version.Consumer
	}{
		"none of its own": {Worker{}, v.Crons, v.Consumers},
		"others": {
			Worker{Crons: []string{"2 * * * *"}, Consumers: []version.Consumer{{Queue: "a", MaxBatchSize: 9}, {Queue: "c"}}},
			[]string{"2 * * * *"}, []version.Consumer{{Queue: "a", MaxBatchSize: 9}, {Queue: "c"}, {Queue: "b"}},
		},
		"no crons": {Worker{Crons: []string{}}, []string{}, v.Consumers},
	} {
		u := unit{worker: &tt.worker, version: v}
		if diff := cmp.Diff(tt.crons, u.crons()); diff != "" {
			t.Error(name, diff)
		}
		if diff := cmp.Diff(tt.consumers, u.consumers()); diff != "" {
			t.Error(name, diff)
		}
	}
}
