package accesstest

import (
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/sundog-edge/sundog/accessemu/forge"
)

// Credential is what somebody shows to an origin.
type Credential struct {
	Name    string
	Token   string // empty: there is none, only headers
	Email   string // of the genuine person; empty: nobody
	Claimed string // of Disagreeing: the address that must not be believed
	Service bool   // genuine, and a program's: no e-mail address

	forged  forge.Forged
	forgery *forge.Forgery // nil: it is genuine
}

// Put gives it to a request, in the places where it belongs.
func (c Credential) Put(r *http.Request) {
	if c.forgery == nil {
		Put(r, c.Token)
		return
	}
	c.forged.Put(r)
}

// String says what it is and, of a forgery, what to do about it.
func (c Credential) String() string {
	if c.forgery == nil {
		return c.Name + ", genuine"
	}
	return fmt.Sprintf("%s. A sound validator would %s. To mend it: %s", c.forgery.What, c.forgery.Must, c.forgery.Mend)
}

// Genuine are all shapes of tokens that a validator has to accept, by name.
func (a *Access) Genuine() iter.Seq2[string, Credential] {
	return func(yield func(string, Credential) bool) {
		a.t.Helper()
		for _, g := range []struct {
			name    string
			options []Option
			service bool
		}{
			{"user", nil, false},
			{"user-of-another-address", []Option{User("bob@example.org")}, false},
			{"user-typ", []Option{Typ("JWT")}, false},
			{"user-aud-string", []Option{AudienceString(a.AUD)}, false},
			{"user-two-audiences", []Option{Audience(a.OtherAUD, a.AUD)}, false},
			{"user-custom-claims", []Option{Claim("custom", map[string]any{"groups": []string{"admins"}}), Claim("amr", []string{"pwd", "otp"})}, false},
			{"user-unknown-claims", []Option{Claim("added_later", map[string]any{"a": nil})}, false},
			{"user-about-to-expire", []Option{ValidFrom(5*time.Minute-24*time.Hour, 24*time.Hour)}, false},
			{"user-previous-key", []Option{PreviousKey()}, false},
			{"service-token", nil, true},
			{"service-token-aud-list", []Option{Audience(a.AUD)}, true},
		} {
			c := Credential{Name: g.name, Service: g.service}
			if g.service {
				c.Token = a.ServiceToken(g.options...)
			} else {
				c.Token = a.Token(g.options...)
				_, claims, _ := forge.Parse(c.Token)
				c.Email = claims.Text("email")
			}
			if !yield(g.name, c) {
				return
			}
		}
	}
}

// Forgeries are all that a validator has to refuse, by name: forge.All of the kind Refuse.
func (a *Access) Forgeries() iter.Seq2[string, Credential] { return a.forged(forge.Refuse) }

// Disagreeing are requests with a genuine token of Credential.Email beside something that
// names Credential.Claimed. Give them to a handler by Put; the token alone does not show
// what is wrong with them.
func (a *Access) Disagreeing() iter.Seq2[string, Credential] { return a.forged(forge.Believe) }

func (a *Access) forged(kind forge.Kind) iter.Seq2[string, Credential] {
	return func(yield func(string, Credential) bool) {
		a.t.Helper()
		m := a.material(Email)
		for _, f := range forge.All() {
			if f.Kind != kind {
				continue
			}
			made, err := f.Make(m)
			if err != nil {
				a.t.Fatalf("accesstest: %v", err)
			}
			c := Credential{Name: f.Name, Token: made.Token, Claimed: made.Claimed, forged: made, forgery: &f}
			if kind == forge.Believe {
				c.Email = Email
			}
			if !yield(f.Name, c) {
				return
			}
		}
	}
}

// Forgery is one of them by name. A name that there is not ends the test.
func (a *Access) Forgery(name string) Credential {
	a.t.Helper()
	for _, kind := range []forge.Kind{forge.Refuse, forge.Believe} {
		for n, c := range a.forged(kind) {
			if n == name {
				return c
			}
		}
	}
	hint := ""
	if near := forge.Nearest(name); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	a.t.Fatalf("accesstest: there is no forgery %q%s", name, hint)
	return Credential{}
}
