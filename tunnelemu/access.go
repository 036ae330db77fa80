package tunnelemu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// tokenHeader is the one place where the connector looks for the token; the cookie is not read.
const tokenHeader = "Cf-Access-Jwt-Assertion"

// leeway is granted to a token's nbf, and to nothing else.
const leeway = 5 * time.Minute

var (
	errNoToken       = errors.New("the request has no " + tokenHeader)
	errWrongAudience = errors.New("the token is for none of the rule's audTag")
)

// guarded asks for an Access token before its origin is asked for anything, WebSockets included.
type guarded struct {
	origin
	audiences []string
	issuer    string
	keys      *keySet
	now       func() time.Time
}

// guard puts the connector's check before a rule's origin when the rule has it. Only the rule's own block counts,
// unless the quirk is off.
func (b *builder) guard(k *compiled, o origin) origin {
	a := k.rule.OriginRequest.Access
	if a == nil && !b.profile.topAccessIgnored {
		a = k.origin.Access
	}
	if a == nil || !a.Required || o == nil {
		return o
	}
	issuer := "https://" + a.TeamName + ".cloudflareaccess.com"
	if a.Environment == "fed" {
		issuer = "https://" + a.TeamName + ".fed.cloudflareaccess.com"
	}
	return &guarded{origin: o, audiences: a.AudTag, issuer: issuer, keys: b.keySet(issuer), now: b.options.Now}
}

func (g *guarded) serve(t *Tunnel, w http.ResponseWriter, r *http.Request, d Decision) error {
	err := g.check(r.Context(), r.Header.Get(tokenHeader))
	switch {
	case err == nil:
		return g.origin.serve(t, w, r, d)
	case errors.Is(err, errNoToken), errors.Is(err, errWrongAudience):
		return t.originError(KindDenied, d, err)
	case r.Context().Err() != nil:
		return t.originError(KindCanceled, d, err)
	}
	return t.originError(KindToken, d, err)
}

// claims are those that the connector reads.
type claims struct {
	Issuer    string    `json:"iss"`
	Audience  audience  `json:"aud"`
	Expiry    timestamp `json:"exp"`
	NotBefore timestamp `json:"nbf"`
}

// check judges a token in the connector's order: issuer, expiry, signature, and the audience last.
func (g *guarded) check(ctx context.Context, token string) error {
	if token == "" {
		return errNoToken
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return fmt.Errorf("malformed token: %w", err)
	}
	var c claims
	if err := json.Unmarshal(signed.UnsafePayloadWithoutVerification(), &c); err != nil {
		return fmt.Errorf("malformed token: %w", err)
	}
	now := g.now()
	switch {
	case c.Issuer != g.issuer:
		return fmt.Errorf("the token's issuer is %s, wanted is %s", quoted(c.Issuer), g.issuer)
	case time.Time(c.Expiry).Before(now):
		return fmt.Errorf("the token expired at %s", time.Time(c.Expiry).UTC().Format(time.RFC3339))
	case now.Add(leeway).Before(time.Time(c.NotBefore)):
		return fmt.Errorf("the token is not valid before %s", time.Time(c.NotBefore).UTC().Format(time.RFC3339))
	}
	if err := g.keys.verify(ctx, signed); err != nil {
		return err
	}
	for _, aud := range c.Audience {
		if slices.Contains(g.audiences, aud) {
			return nil
		}
	}
	return errWrongAudience
}

// audience is one string or a list of them.
type audience []string

func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(a))
}

// timestamp is a number of seconds, whole or not; absent, it is the zero time.
type timestamp time.Time

func (t *timestamp) UnmarshalJSON(b []byte) error {
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	seconds, err := n.Int64()
	if err != nil {
		f, ferr := n.Float64()
		if ferr != nil {
			return ferr
		}
		seconds = int64(f)
	}
	*t = timestamp(time.Unix(seconds, 0))
	return nil
}
