package accessemu

import (
	"bytes"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// FuzzOpenOwn changes a token of ours: what the short way opens, the long one opens as well, and to
// the same text.
func FuzzOpenOwn(f *testing.F) {
	w := newWorld(f)
	person := w.token(alice)
	pair, err := w.state.keys()
	if err != nil {
		f.Fatal(err)
	}
	machine, err := pair.previous.sign("JWT", serviceClaims{Type: "app", Common: "ci.access"})
	if err != nil {
		f.Fatal(err)
	}
	for _, at := range []int{0, 20, 200, len(person) - 1} {
		for _, with := range []string{"", ".", "\n", "A", "=", "\r", "..", "+"} {
			f.Add(at, 0, with, false)
			f.Add(at, 1, with, true)
		}
	}
	f.Fuzz(func(t *testing.T, at, cut int, with string, service bool) {
		token := person
		if service {
			token = machine
		}
		if at < 0 || cut < 0 || at > len(token) || cut > len(token)-at {
			return
		}
		changed := token[:at] + with + token[at+cut:]
		body, key := pair.openOwn(changed)
		if changed == token && key == nil {
			t.Fatal("a token of ours does not open")
		}
		if key == nil {
			return
		}
		jws, err := jose.ParseSignedCompact(changed, algorithms)
		if err != nil || malformed(changed) != "" {
			t.Fatalf("%q opens, and is %v", changed, err)
		}
		want, err := jws.Verify(&key.private.PublicKey)
		if err != nil || !bytes.Equal(body, want) || jws.Signatures[0].Protected.KeyID != key.kid {
			t.Errorf("%q opens to %s, want %s, %v", changed, body, want, err)
		}
	})
}

func TestOpenOwnTakesTheShortWay(t *testing.T) {
	w := newWorld(t)
	token := w.token(alice)
	pair := w.state.ring.pair.Load()
	if body, key := pair.openOwn(token); key != pair.current || !bytes.Contains(body, []byte(alice)) {
		t.Errorf("%s", body)
	}
	parts := strings.Split(token, ".")
	for name, other := range map[string]string{
		"none": "", "two parts": parts[0] + "." + parts[1], "four": token + "." + parts[2], "signature of nothing": parts[0] + "." + parts[1] + ".",
		"long signature": token + strings.Repeat("A", 2048), "another header": "e30." + parts[1] + "." + parts[2],
	} {
		if _, key := pair.openOwn(other); key != nil {
			t.Errorf("%s opens", name)
		}
	}
	if _, key := (*keyPair)(nil).openOwn(token); key != nil {
		t.Error("opens before there are keys")
	}
}
