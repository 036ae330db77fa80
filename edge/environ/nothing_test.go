package environ

import (
	"strings"
	"testing"
)

func TestWhyNothing(t *testing.T) {
	plain, err := New(Input{Proxy: "127.0.0.1:4380", Admin: "127.0.0.1:4300", Origins: []string{"grafana"}})
	if err != nil {
		t.Fatal(err)
	}
	bypassed, err := New(Input{Proxy: "127.0.0.1:4380", Admin: "127.0.0.1:4300", Inherited: []string{"NO_PROXY=intranet,10.0.0.0/8,localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"nslookup a.example.com":       "nslookup asks a name server and sends no request; sundog dig NAME",
		"/usr/bin/dig a.example.com":   "dig asks a name server",
		"ping a.example.com":           "ping asks the system's resolver",
		"npx wrangler dev":             "wrangler dev: the Worker's own fetch",
		"java -jar app.jar":            "java reads -Dhttps.proxyHost",
		"docker run x":                 "sundog env --format compose",
		"curl --noproxy=* https://x":   "--noproxy keeps it from the proxy",
		"curl https://a.example.com/":  "it sent no request, or only to this machine",
		"env":                          "it sent no request, or only to this machine",
		"sh -c true":                   "it sent no request, or only to this machine",
		"echo ping":                    "it sent no request, or only to this machine",
		"psql -h db.example.com":       "psql opens connections of its own",
		"python3 app.py":               "trust_env=True",
		"ssh bastion.example.com true": "ssh opens connections of its own",
	} {
		if got := WhyNothing(strings.Fields(line), plain); len(got) == 0 || !strings.Contains(got[0], want) {
			t.Errorf("%s: %q, want first %q", line, got, want)
		}
	}
	if got := WhyNothing([]string{"curl"}, bypassed); !strings.Contains(got[0], "past the edge to intranet, 10.0.0.0/8") {
		t.Errorf("%q", got)
	}
}
