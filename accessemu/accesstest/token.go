package accesstest

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/sundog-edge/sundog/accessemu/forge"
)

// Option changes one thing of a token.
type Option struct {
	email  string // of whose token it is; empty: does not say
	change func(*draft)
}

// draft is a token that is not signed yet.
type draft struct {
	material       forge.Material
	key            forge.Key
	header, claims forge.Members
}

// User is the address of the person who is signed in; empty: Email. ServiceToken ignores it.
func User(email string) Option { return Option{email: email} }

// Audience is the aud, as a list. Audience() is an empty one.
func Audience(aud ...string) Option {
	return Claim("aud", append([]string{}, aud...))
}

// AudienceString is the aud as a string, which service tokens have.
func AudienceString(aud string) Option { return Claim("aud", aud) }

// Issuer is the iss.
func Issuer(iss string) Option { return Claim("iss", iss) }

// Expired makes a token that was good for a day, until an hour ago.
func Expired() Option { return ValidFrom(-25*time.Hour, 24*time.Hour) }

// NotYetValid makes a token that will be good in an hour.
func NotYetValid() Option { return ValidFrom(time.Hour, 24*time.Hour) }

// ValidFrom makes a token that begins that much from now (negative: before), and lasts so
// long. A claim that the token does not have (nbf of a service token) is not added.
func ValidFrom(begins, lasts time.Duration) Option {
	return changing(func(d *draft) {
		at := d.material.Now.Add(begins)
		for name, value := range map[string]time.Time{"iat": at, "nbf": at, "exp": at.Add(lasts)} {
			if d.claims.Get(name) != nil {
				d.set(name, value.Unix())
			}
		}
	})
}

func changing(f func(*draft)) Option { return Option{change: f} }

// Claim sets a claim to what json.Marshal takes.
func Claim(name string, value any) Option {
	return changing(func(d *draft) { d.set(name, value) })
}

// Without leaves claims out.
func Without(names ...string) Option {
	return changing(func(d *draft) { d.claims = d.claims.Without(names...) })
}

// Typ gives the header a typ, which tokens of people do not have and others do.
func Typ(typ string) Option {
	return changing(func(d *draft) {
		d.header = append(forge.Members{{Name: "typ", Value: typ}}, d.header.Without("typ")...)
	})
}

// PreviousKey signs with the key that the last rotation replaced, which still verifies.
func PreviousKey() Option {
	return changing(func(d *draft) { d.signWith(d.material.Previous) })
}

// StrangersKey signs with a key that is not the account's, under its own kid.
func StrangersKey() Option {
	return changing(func(d *draft) { d.signWith(d.material.Foreign) })
}

func (d *draft) set(name string, value any) { d.claims = d.claims.With(name, value) }

func (d *draft) signWith(k forge.Key) {
	d.key = k
	d.header = d.header.With("kid", k.ID)
}

// Token is the application token of a person, as Access makes it at a login: of Email, for a
// day from now, when no option says otherwise.
func (a *Access) Token(options ...Option) string {
	a.t.Helper()
	d := a.draft(options)
	return a.finish(d, options)
}

// ServiceToken is the application token that Access makes for a service token: aud is a
// string, common_name the client id, sub empty, and there is no email and no nbf.
func (a *Access) ServiceToken(options ...Option) string {
	a.t.Helper()
	d := a.draft(nil)
	now := d.material.Now
	d.header = forge.Members{{Name: "typ", Value: "JWT"}, {Name: "alg", Value: "RS256"}, {Name: "kid", Value: d.key.ID}}
	d.claims = forge.Members{
		{Name: "type", Value: "app"}, {Name: "aud", Value: a.AUD}, {Name: "exp", Value: now.Add(24*time.Hour + time.Second).Unix()},
		{Name: "iss", Value: a.Issuer}, {Name: "common_name", Value: ClientID}, {Name: "iat", Value: now.Unix()},
		{Name: "sub", Value: ""}, {Name: "h_INTERNAL_DO_NOT_USE", Value: Host},
	}
	return a.finish(d, options)
}

// ClientID is the service token's.
const ClientID = "88bf3b6d86161464f6509f7219099e57.access"

// draft begins with the genuine token of whoever the options name.
func (a *Access) draft(options []Option) *draft {
	a.t.Helper()
	email := Email
	for _, o := range options {
		email = cmp.Or(o.email, email)
	}
	d := &draft{material: a.material(email)}
	d.key = d.material.Current
	var err error
	if d.header, d.claims, err = forge.Parse(d.material.Genuine); err != nil {
		a.t.Fatalf("accesstest: %v", err)
	}
	return d
}

func (a *Access) finish(d *draft, options []Option) string {
	a.t.Helper()
	for _, o := range options {
		if o.change != nil {
			o.change(d)
		}
	}
	token, err := forge.Sign(d.key, d.header, d.claims)
	if err != nil {
		a.t.Fatalf("accesstest: the token cannot be written: %v", err)
	}
	return token
}

// Put gives a request a token as Access does: in the header Cf-Access-Jwt-Assertion and in
// the cookie CF_Authorization.
func Put(r *http.Request, token string) { forge.Put(r, token) }

// Request is a request to the application as it reaches its origin with a token. An empty
// token is none.
func Request(ctx context.Context, method, path, token string) *http.Request {
	r, err := http.NewRequestWithContext(ctx, method, "https://"+Host+path, nil)
	if err != nil {
		panic("accesstest: " + err.Error())
	}
	if token != "" {
		Put(r, token)
	}
	return r
}
