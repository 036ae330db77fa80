package connector_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/tunnelemu/connector"
)

func TestTokenAndCredentials(t *testing.T) {
	want := connector.Tunnel{ID: web.ID, AccountTag: web.AccountTag, Secret: web.Secret}
	got, err := connector.ParseToken(web.Token())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got, err = connector.ParseCredentials(web.Credentials()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	const file = `{"AccountTag":"0123456789abcdef0123456789abcdef","TunnelSecret":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=","TunnelID":"6f5e4d3c-2b1a-4987-8765-43210fedcba9"}`
	if string(web.Credentials()) != file {
		t.Errorf("%s", web.Credentials())
	}
}

func TestBadTokens(t *testing.T) {
	for token, want := range map[string]string{
		"%": "illegal base64",
		base64.StdEncoding.EncodeToString([]byte("{")):                          "unexpected end",
		base64.StdEncoding.EncodeToString([]byte(`{"a":"x","t":"abc","s":""}`)): `the tunnel id is "abc"; a UUID is needed`,
	} {
		if _, err := connector.ParseToken(token); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; %q is wanted", err, want)
		}
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add(web.Token())
	f.Fuzz(func(t *testing.T, s string) {
		tunnel, err := connector.ParseToken(s)
		if err != nil {
			return
		}
		if again, err := connector.ParseToken(tunnel.Token()); err != nil || !cmp.Equal(tunnel, again) {
			t.Errorf("%+v became %+v %v", tunnel, again, err)
		}
	})
}

func FuzzParseCredentials(f *testing.F) {
	f.Add(web.Credentials())
	f.Fuzz(func(t *testing.T, b []byte) {
		tunnel, err := connector.ParseCredentials(b)
		if err != nil {
			return
		}
		if again, err := connector.ParseCredentials(tunnel.Credentials()); err != nil || !cmp.Equal(tunnel, again) {
			t.Errorf("%+v became %+v %v", tunnel, again, err)
		}
	})
}
