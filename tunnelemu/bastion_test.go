package tunnelemu

import (
	"strings"
	"testing"
)

func TestBastionDestination(t *testing.T) {
	for dest, want := range map[string]string{
		"":                          "",
		"db.internal:5432":          "tcp db.internal:5432",
		"10.0.0.1:22":               "tcp 10.0.0.1:22",
		"[::1]:22":                  "tcp [::1]:22",
		"ssh://db.internal:22/path": "tcp db.internal:22",
		"https://user@h:443?x=1":    "tcp h:443",
		"h:22/path":                 "tcp h:22",
		"h":                         "",
		"ssh://h":                   "",
		"/only/a/path":              "",
	} {
		for _, config := range []string{oneRule("bastion"), oneRule("http://ignored/path", "bastionMode: true")} {
			var dialled []string
			var header []string
			if dest != "" {
				header = []string{"Cf-Access-Jump-Destination", dest}
			}
			oe := upgradeTo(t, parseWith(t, config, dialSpy(&dialled)), header...)
			kind := KindDial
			if want == "" {
				kind = KindAddress
			}
			if got := strings.Join(dialled, ","); got != want || oe == nil || oe.Kind != kind || oe.Status() != 502 {
				t.Errorf("%q: dialled %q, %v", dest, got, oe)
			}
		}
	}
}

func TestBastionCarries(t *testing.T) {
	s := serve(t, oneRule("bastion"))
	c := dialWS(t, s, someKey+"Cf-Access-Jump-Destination: tcp://"+echoOrigin(t)+"/\r\n")
	c.binary("jump")
	if got := c.bytes(4); got != "jump" {
		t.Errorf("%q", got)
	}
}
