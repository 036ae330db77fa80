package edge_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/admin"
)

func TestExpire(t *testing.T) {
	r := startWorld(t, peopled, originOption(seen))
	if len(r.edge.Users()) != 0 {
		t.Error("somebody has signed in already")
	}
	if _, err := r.edge.SignIn(edge.SignIn{Email: "alice@example.com", URL: "https://app.example.com/"}); err != nil {
		t.Fatal(err)
	}
	users := r.edge.Users()
	if len(users) != 1 || users[0].Email != "alice@example.com" || !users[0].Seat || users[0].Name == "" {
		t.Errorf("%+v", users)
	}
	for _, tt := range []struct {
		x         admin.Expiry
		did, fail string
	}{
		{admin.Expiry{What: "token", URL: "https://app.example.com/x"}, "every token of App is over", ""},
		{admin.Expiry{What: "token", URL: "https://app.example.com/x", Email: "Alice@example.com"}, "the tokens of alice@example.com for App", ""},
		{admin.Expiry{What: "session", Email: "Alice@example.com"}, "every session of alice@example.com is over", ""},
		{admin.Expiry{What: "session", Email: "alice@example.com"}, "", "nobody is signed in as alice@example.com"},
		{admin.Expiry{What: "session", Email: "bob@example.com"}, "", "who has signed in since this edge began: alice@example.com"},
		{admin.Expiry{What: "seat", Email: "alice@example.com"}, "the seat of alice@example.com is free", ""},
		{admin.Expiry{What: "seat", Email: "alice@example.com"}, "", "alice@example.com has no seat; nobody else"},
		{admin.Expiry{What: "key"}, "a new key signs", ""},
		{admin.Expiry{What: "otp", Email: "alice@example.com"}, "", "no PIN that still works"},
		{admin.Expiry{What: "session"}, "", "the e-mail address is missing"},
		{admin.Expiry{What: "otp", Email: "alice"}, "", "is no e-mail address"},
		{admin.Expiry{What: "key", Email: "alice@example.com"}, "", "leave the address out"},
		{admin.Expiry{What: "session", Email: "alice@example.com", URL: "https://app.example.com/"}, "", "only tokens are of one"},
		{admin.Expiry{What: "key", Nonce: "x"}, "", "a nonce chooses a PIN"},
		{admin.Expiry{What: "token"}, "", "https://app.example.com"},
		{admin.Expiry{What: "token", URL: "https://open.example.com/"}, "", "name a URL of an application: https://"},
		{admin.Expiry{What: "everything"}, "", "say one of session, token, otp, key, seat"},
	} {
		done, err := r.edge.Expire(tt.x)
		var refused *admin.Refused
		switch {
		case tt.fail == "" && (err != nil || !strings.HasPrefix(done.Did, tt.did)):
			t.Errorf("%+v: %q, %v", tt.x, done.Did, err)
		case tt.fail != "" && (!errors.As(err, &refused) || !strings.Contains(err.Error(), tt.fail)):
			t.Errorf("%+v: %v, want %s", tt.x, err, tt.fail)
		}
	}
	ca, err := r.edge.SSHCA("app.example.com")
	if err != nil || ca.App != "App" || !strings.HasPrefix(ca.PublicKey, "ecdsa-sha2-nistp256 ") {
		t.Errorf("%+v, %v", ca, err)
	}
	if _, err := r.edge.SSHCA("open.example.com"); err == nil || !strings.Contains(err.Error(), "https://app.example.com") {
		t.Errorf("of a host without an application: %v", err)
	}
}
