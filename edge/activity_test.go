package edge_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sundog-edge/sundog/edge/admin"
)

func TestActivity(t *testing.T) {
	e := newEdge(t, guarded, originOption(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	client := &http.Client{Transport: e.Transport(), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ask := func(url string) {
		resp, err := client.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	ask("https://app.example.com/before")
	before := e.Activity(1<<64 - 1)
	if before.Requests != 1 || len(before.Answers) != 0 {
		t.Fatalf("%+v", before)
	}
	ask("https://app.example.com/a?b=c")
	ask("https://app.example.com/a?b=d")
	ask("https://open.example.com/")
	got := e.Activity(before.Requests)
	want := []admin.Answer{{Count: 2, Status: 302, Method: "GET", URL: "https://app.example.com/a", By: "access"}}
	if diff := cmp.Diff(want, got.Answers, cmpopts.IgnoreFields(admin.Answer{}, "Why", "Ray")); diff != "" || got.Requests != 4 {
		t.Errorf("%d requests; %s", got.Requests, diff)
	}
	if a := got.Answers; len(a) == 1 && (a[0].Why == "" || a[0].Ray == "") {
		t.Errorf("%+v", a)
	}
}
