package nearest

import (
	"strings"
	"testing"
)

func TestWord(t *testing.T) {
	keys := []string{"hostname", "service", "path", "originRequest", "no_tls_verify", "allow", "deny"}
	for name, want := range map[string]string{
		"hostnme":                     "hostname",
		"Hostname":                    "hostname",
		"host-name":                   "hostname",
		"originrequest":               "originRequest",
		"origin_request":              "originRequest",
		"noTLSVerify":                 "no_tls_verify",
		"serivce":                     "service",
		"alow":                        "allow",
		"pth":                         "path",
		"xyz":                         "",
		"":                            "",
		"completely":                  "",
		strings.Repeat("hostname", 9): "",
	} {
		if got := Word(name, keys); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	if got := Word("den", []string{"dec", "deny", "denz"}); got != "dec" {
		t.Errorf("of several as near: %q", got)
	}
}

func FuzzWord(f *testing.F) {
	f.Add("hostnme", "hostname")
	f.Add("", "x")
	f.Add("\xff", "-_ ")
	f.Fuzz(func(t *testing.T, name, candidate string) {
		if got := Word(name, []string{candidate}); got != "" && got != candidate {
			t.Errorf("%q is no candidate", got)
		}
		if squeeze(name) != "" && len(squeeze(name)) <= longest && Word(name, []string{name}) != name {
			t.Errorf("%q is not near itself", name)
		}
	})
}
