package connector_test

import (
	"fmt"
	"net/http"

	"github.com/sundog-edge/sundog/tunnelemu/connector"
)

// A token says all that a connector has to know.
func ExampleTunnel_Token() {
	tunnel := connector.Tunnel{ID: "6f5e4d3c-2b1a-4987-8765-43210fedcba9", AccountTag: "0123456789abcdef0123456789abcdef", Secret: []byte("32 bytes that nobody can guess ..")}
	back, err := connector.ParseToken(tunnel.Token())
	fmt.Println(back.ID, back.AccountTag, err)
	// Output: 6f5e4d3c-2b1a-4987-8765-43210fedcba9 0123456789abcdef0123456789abcdef <nil>
}

// Without a connector a request fails with an error that says so.
func ExampleServer_RoundTrip() {
	edge := connector.New(connector.Options{})
	defer edge.Close()
	r, _ := http.NewRequest("GET", "http://app.example.com/", nil)
	_, err := edge.RoundTrip(r, "6f5e4d3c-2b1a-4987-8765-43210fedcba9")
	fmt.Println(err)
	// Output: tunnel 6f5e4d3c-2b1a-4987-8765-43210fedcba9: no connector is registered
}
