package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// closed is an address of this machine where nobody listens.
func closed(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func halfUp(t *testing.T) (world, down string) {
	down = "http://" + closed(t)
	return `
team: acme
zones: [{name: example.com}]
tunnels:
  - id: t
    config:
      ingress:
        - {hostname: up.example.com, service: "ORIGIN"}
        - {hostname: down.example.com, service: "` + down + `"}
        - {service: "http_status:404"}
`, down
}

// up tells which origins are not there, with the line of the rule, once it runs.
func TestOriginsDownAreShown(t *testing.T) {
	world, down := halfUp(t)
	u := up(t, world, http.HandlerFunc(hello))
	if line := u.until(t, "nothing listens at "); line != "! nothing listens at "+down+" (sundog.yaml:9:11); start the origin, or correct the service\n" {
		t.Errorf("the line is %q", line)
	}
	if line := u.until(t, "connections"); line != "• 1 of 2 origins takes connections\n" && line != "• 1 of 2 origins take connections\n" {
		t.Errorf("the line is %q", line)
	}
}

func TestOriginsAsJSON(t *testing.T) {
	world, down := halfUp(t)
	u := up(t, world, http.HandlerFunc(hello), "--json")
	line := u.until(t, `"event":"origins"`)
	var got probedOrigins
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	if len(got.Origins) != 2 || !got.Origins[0].Up || got.Origins[1].Service != down || got.Origins[1].State != "refused" || got.Origins[1].Where != "sundog.yaml:9:11" {
		t.Errorf("%s", line)
	}
}

// --echo answers for the one that is down, and for no other.
func TestUpEcho(t *testing.T) {
	world, down := halfUp(t)
	u := up(t, world, http.HandlerFunc(hello), "--echo")
	if line := u.until(t, "nothing listens at "); !strings.Contains(line, "so --echo stands in for it") {
		t.Errorf("the line is %q", line)
	}
	for host, want := range map[string]string{"up": "hello ", "down": `"stands_in_for": "` + down + `"`} {
		resp, err := u.client(t).Get("https://" + host + ".example.com/")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != 200 || !strings.Contains(string(body), want) {
			t.Errorf("%s: %s %s %v", host, resp.Status, body, err)
		}
	}
}
