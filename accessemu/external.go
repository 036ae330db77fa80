package accessemu

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// evaluations are what external evaluations answered about one sign-in. Reading
// them takes no lock.
type evaluations struct {
	answers atomic.Pointer[map[externalMatcher]bool]
}

func (e *evaluations) get(m externalMatcher) (admitted, asked bool) {
	if all := e.answers.Load(); all != nil {
		admitted, asked = (*all)[m]
	}
	return admitted, asked
}

func (e *evaluations) put(m externalMatcher, admitted bool) {
	for {
		old := e.answers.Load()
		next := map[externalMatcher]bool{}
		if old != nil {
			next = maps.Clone(*old)
		}
		next[m] = admitted
		if e.answers.CompareAndSwap(old, &next) {
			return
		}
	}
}

// The bounds of one question.
const (
	evaluationTime = 10 * time.Second
	maxEvaluation  = 64 << 10 // bytes of an answer
)

// external tells whether some rule asks somebody else.
func (g *group) external() bool {
	return slices.ContainsFunc(slices.Concat(g.include, g.exclude, g.require), func(r rule) bool {
		if inner, ok := r.matcher.(groupMatcher); ok {
			return inner.group != nil && inner.group.external()
		}
		_, ok := r.matcher.(externalMatcher)
		return ok
	})
}

// externals are the questions of some rules.
func (p *ruleset) externals(found []externalMatcher) []externalMatcher {
	for r := range p.each {
		switch m := r.matcher.(type) {
		case externalMatcher:
			if !slices.Contains(found, m) {
				found = append(found, m)
			}
		case groupMatcher:
			if m.group != nil {
				found = m.group.externals(found)
			}
		}
	}
	return found
}

// consult asks the external evaluations of an application's policies about a
// sign-in, anew: the answers hold until the next token is asked for.
func (s *State) consult(ctx context.Context, c *Config, app *App, who *session, client Client) {
	for i := range app.policies {
		p := &app.policies[i]
		if !p.external {
			continue
		}
		for _, m := range p.externals(nil) {
			// Nobody is asked about somebody whom the other rules turn away.
			var supposed evaluations
			supposed.put(m, true)
			sub := who.signedInFrom(client)
			if sub.answers = &supposed; p.ask(sub) == no {
				continue
			}
			err := s.evaluate(ctx, c, m, who)
			if err != nil {
				s.log.Warn("access: an external evaluation does not admit", "who", who.email, "application", app.Name, "url", m.EvaluateURL, "why", err)
			}
			who.answers.put(m, err == nil)
		}
	}
}

type question struct {
	Identity identityDocument `json:"identity"`
	Issuer   string           `json:"iss"`
	Issued   int64            `json:"iat"`
	Expires  int64            `json:"exp"`
	Nonce    string           `json:"nonce"`
}

type evaluation struct {
	Success bool   `json:"success"`
	Issued  int64  `json:"iat"`
	Expires int64  `json:"exp"`
	Nonce   string `json:"nonce"`
}

type tokenBody struct {
	Token string `json:"token"`
}

// evaluate asks one service about one sign-in, and answers why it does not admit.
func (s *State) evaluate(ctx context.Context, c *Config, m externalMatcher, who *session) error {
	ctx, cancel := context.WithTimeout(ctx, evaluationTime)
	defer cancel()
	pair, err := s.keys()
	if err != nil {
		return err
	}
	now, nonce := s.now(), s.text(32, alphanumeric)
	token, err := pair.current.sign("JWT", question{who.identity, c.issuer, now.Unix(), now.Add(time.Minute).Unix(), nonce})
	if err != nil {
		return err
	}
	body, err := json.Marshal(tokenBody{token})
	if err != nil {
		return err
	}
	var answered tokenBody
	if err := s.fetchJSON(ctx, http.MethodPost, m.EvaluateURL, body, &answered); err != nil {
		return err
	}
	var keys jose.JSONWebKeySet
	if err := s.fetchJSON(ctx, http.MethodGet, m.KeysURL, nil, &keys); err != nil {
		return err
	}
	claims, err := openEvaluation(answered.Token, keys)
	if err != nil {
		return fmt.Errorf("%s: %w", m.EvaluateURL, err)
	}
	now = s.now()
	switch {
	case !equal(claims.Nonce, nonce):
		return errors.New("the answer's nonce is not the question's")
	case claims.Expires <= now.Unix():
		return errors.New("the answer has expired (exp)")
	case claims.Issued == 0 || claims.Issued > now.Add(time.Minute).Unix():
		return errors.New("the answer is from the future (iat)")
	case !claims.Success:
		return errors.New("the answer's success is not true")
	}
	return nil
}

// openEvaluation checks an answer with the service's own keys, RSA only.
func openEvaluation(token string, keys jose.JSONWebKeySet) (claims evaluation, err error) {
	if problem := malformed(token); problem != "" {
		return claims, errors.New("the answer's token is " + problem)
	}
	jws, err := jose.ParseSignedCompact(token, algorithms)
	if err != nil {
		return claims, errors.New("the answer's token is not a JWT signed with RS256")
	}
	kid := jws.Signatures[0].Protected.KeyID
	for _, key := range keys.Keys {
		if kid != "" && key.KeyID != "" && kid != key.KeyID || !key.Valid() || !key.IsPublic() {
			continue
		}
		if body, err := jws.Verify(key.Key); err == nil {
			if json.Unmarshal(body, &claims) != nil {
				return claims, errors.New("the answer's claims are not understood")
			}
			return claims, nil
		}
	}
	return claims, errors.New("no key of keys_url verifies the answer")
}

// fetchJSON asks, follows no redirect, and reads a bounded answer.
func (s *State) fetchJSON(ctx context.Context, method, url string, body []byte, into any) error {
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := s.http.RoundTrip(r)
	if err != nil {
		return fmt.Errorf("%s: %w", url, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %d", url, resp.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxEvaluation+1))
	if err == nil && len(data) > maxEvaluation {
		err = errors.New("the answer is longer than 64 KiB")
	}
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", url, err)
	}
	return nil
}
