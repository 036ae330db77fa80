package edgetest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/edge/edgetest"
	"github.com/sundog-edge/sundog/edge/listen"
)

var t *testing.T // of the test that an example stands in

func ExampleNew() {
	e := edgetest.New(t, "testdata/dual-endpoint")
	e.Origin("http://localhost:8080", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "hello", r.Header.Get("Cf-Access-Authenticated-User-Email"))
	}))
	resp, err := e.Login(t, "alice@example.com").Get("https://myservice.example.com/")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}

// A test that needs sockets, or a clock of its own, sets fields before it starts the
// edge.
func ExampleNewUnstarted() {
	e := edgetest.NewUnstarted(t, "testdata/dual-endpoint")
	ports := listen.Ports0()
	e.Config = &ports
	e.Start(t)
	fmt.Println("HTTPS_PROXY=http://" + e.Server.Addrs().Proxy)
}

func ExampleEdge_Login() {
	e := edgetest.New(t, "testdata/dual-endpoint")
	alice := e.Login(t, "alice@example.com")
	e.Clock.Advance(25 * time.Hour) // her session is over
	resp, err := alice.Get("https://myservice.example.com/")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}

func ExampleRun() {
	edgetest.Run(t, "scripts/*.txtar")
}
