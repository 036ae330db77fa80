package tunnelemu_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/sundog-edge/sundog/tunnelemu"
)

func Example() {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello %s", r.Host)
	}))
	defer origin.Close()

	tunnel, err := tunnelemu.Parse([]byte(`
ingress:
  - hostname: app.example.com
    service: ` + origin.URL + `
  - service: http_status:404
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer tunnel.Close()

	for _, host := range []string{"app.example.com", "other.example.com"} {
		w := httptest.NewRecorder()
		tunnel.ServeHTTP(w, httptest.NewRequest("GET", "https://"+host+"/", nil))
		body, _ := io.ReadAll(w.Body)
		fmt.Println(host, w.Code, string(body))
	}
	// Output:
	// app.example.com 200 hello app.example.com
	// other.example.com 404
}

func ExampleParseConfig() {
	_, _, err := tunnelemu.ParseConfig("config.yml", []byte(`
ingress:
  - hostname: app.example.com
    service: localhost:8080/
    originRequest: {connectTimeout: 30}
  - hostname: api.example.com:443
    service: http_status:404
`))
	fmt.Println(err)
	// Output:
	// config.yml:4:5: ingress[0].service: "localhost:8080/" has no scheme or no host; allowed: scheme://host:port (http, https, ws, wss, tcp, ssh, rdp, smb), unix:/path, unix+tls:/path, http_status:NNN, hello_world, bastion, socks-proxy
	// config.yml:5:37: ingress[0].originRequest.connectTimeout: found the number 30; allowed: a Go duration string with a unit, such as "10s" or "1m30s"; did you mean 30s?
	// config.yml:6:5: ingress[1].hostname: "api.example.com:443"; allowed: a hostname without scheme and port; requests match whatever port they name; write api.example.com
}

// A tunnel as config.yml's protocol makes it, but for one quirk.
func ExampleOptions() {
	config, _, err := tunnelemu.ParseConfig("config.yml", []byte("protocol: http2\ningress:\n- service: hello_world\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	tunnel, err := tunnelemu.New(config, tunnelemu.Options{Quirks: map[string]bool{"http2-holds-known-length": false}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer tunnel.Close()
	w := httptest.NewRecorder()
	tunnel.ServeHTTP(w, httptest.NewRequest("GET", "https://app.example.com/_health", nil))
	fmt.Println(w.Body)
	// Output:
	// ok
}

func ExampleQuirks() {
	for _, q := range tunnelemu.Quirks()[:2] {
		fmt.Printf("%s (%s): %s\n", q.Name, q.Transport, q.What)
	}
	// Output:
	// quic-drops-trailers (quic): Trailers of requests and responses are lost, and with them the status of gRPC calls.
	// quic-needs-chunked (quic): A request body of unknown length is carried only when the edge sent Transfer-Encoding: chunked; else the origin gets no body.
}

func ExampleRuleReport() {
	config := []byte("ingress:\n- {hostname: \"*.example.com\", path: ^/api, service: \"http://localhost:8080\"}\n- service: http_status:404\n")
	report := tunnelemu.RuleReport("config.yml", config, "https://app.example.com/api/users")
	fmt.Print(report.Stdout)
	// Output:
	// Using rules from config.yml
	// Matched rule #0
	// 	hostname: *.example.com
	// 	path: ^/api
	// 	service: http://localhost:8080
}
