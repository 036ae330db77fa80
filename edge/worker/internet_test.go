package worker

import "testing"

func TestAWorkerMayBeCalledAsTheRuntimesWayOut(t *testing.T) {
	e := testEngine(t, nil)
	apply(t, e, set(Worker{Name: internet, Version: code(small)}, Worker{Name: "a", Version: code(`export default {
		async fetch() { return new Response((await fetch("http://out.example/")).status) } }`)}))
	if got := get(t, e, internet, "http://x/"); got != "ok" {
		t.Error(got)
	}
	if got := get(t, e, "a", "http://x/"); got != "418" {
		t.Errorf("fetch of another Worker went elsewhere: %s", got)
	}
}
