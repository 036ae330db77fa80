package edge

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
)

func TestNesting(t *testing.T) {
	var n nesting
	enter := func(sub *subrequest) (int64, *atomic.Int64) {
		count, open := n.enter(sub)
		return open, count
	}
	a, b := &subrequest{worker: "a"}, &subrequest{worker: "b"}
	for i := range maxNested {
		if open, _ := enter(a); open != 0 {
			t.Fatal(i, open)
		}
	}
	open, count := enter(a)
	if open != maxNested+1 {
		t.Error("one too many: ", open)
	}
	if open, _ := enter(b); open != 0 {
		t.Error("another Worker: ", open)
	}
	count.Add(-1)
	if _, client := enter(nil); client.Load() != 1 {
		t.Error(client.Load())
	}
	if open, _ := enter(a); open != 0 {
		t.Error("one more for a client's request: ", open)
	}
	if open, _ := enter(a); open == 0 {
		t.Error("two more for a client's request")
	}
}

// A Worker that has all it may have open at once takes nothing from the others.
func TestOneWorkerDoesNotStarveAnother(t *testing.T) {
	const hog = `export default { async fetch(request) {
		const each = await Promise.all(Array.from({ length: 200 }, () => fetch("https://slow.acme.workers.dev/").then(async (r) => { await r.text(); return r.status })));
		return new Response(each.filter((s) => s === 508).length + " of " + each.length);
	} }`
	docs := []any{world.Worker{Name: "slow", WorkersDev: true}}
	for name, code := range map[string]string{"hog": hog, "asks": asks, "free": asks} {
		for _, doc := range uploaded(name, code) {
			if v, ok := doc.(version.Version); ok {
				v.CompatibilityFlags = []string{"global_fetch_strictly_public"}
				doc = v
			}
			docs = append(docs, doc)
		}
	}
	held := make(chan struct{}, 200)
	release := make(chan struct{})
	e := withWorkers(t, docs, WithWorker("slow", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		held <- struct{}{}
		<-release
	})))
	var hogs sync.WaitGroup
	said := ""
	hogs.Go(func() {
		resp, err := e.Client().Get("https://hog.acme.workers.dev/")
		if err != nil {
			t.Error(err)
			return
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		said = string(b)
	})
	for range maxNested + 1 { // one for the client's request
		<-held
	}
	if status, body := text(t, e, "https://asks.acme.workers.dev/?u=https://free.acme.workers.dev/"); status != 200 || body[:3] != "200" {
		t.Error("another Worker asks a Worker: ", status, body)
	}
	close(release)
	hogs.Wait()
	if said != "71 of 200" && said != "70 of 200" { // the other client's request counted while it was open
		t.Errorf("refused: %s", said)
	}
}
