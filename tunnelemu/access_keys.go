package tunnelemu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/go-jose/go-jose/v4"
)

// keySet are the public keys of one issuer. They are fetched when the first token asks for them, and again only when
// no key that is there verifies a token.
type keySet struct {
	url    string
	client *http.Client
	have   atomic.Pointer[jose.JSONWebKeySet]
	turn   chan struct{} // holds one token: whoever has it may fetch
}

// keySet is shared by the rules of one team.
func (b *builder) keySet(issuer string) *keySet {
	if s := b.keySets[issuer]; s != nil {
		return s
	}
	if b.client == nil {
		via := b.options.HTTP
		if via == nil {
			tr := &http.Transport{DialContext: b.dial((&OriginRequest{}).settings()).open}
			b.transports = append(b.transports, tr)
			via = tr
		}
		b.client = &http.Client{Transport: via}
	}
	s := &keySet{url: issuer + "/cdn-cgi/access/certs", client: b.client, turn: make(chan struct{}, 1)}
	if b.keySets == nil {
		b.keySets = map[string]*keySet{}
	}
	b.keySets[issuer] = s
	return s
}

var errSignature = errors.New("no key of the team verifies the token")

// verify checks a signature.
func (s *keySet) verify(ctx context.Context, signed *jose.JSONWebSignature) error {
	before := s.have.Load()
	if verifies(before, signed) {
		return nil
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	// Another request may have fetched while this one waited.
	keys := s.have.Load()
	if keys == before {
		var err error
		if keys, err = s.fetch(ctx); err != nil {
			return fmt.Errorf("the team's keys: %w", err)
		}
		s.have.Store(keys)
	}
	if !verifies(keys, signed) {
		return errSignature
	}
	return nil
}

// verifies tries the key that the token names, or all of them when it names none.
func verifies(keys *jose.JSONWebKeySet, signed *jose.JSONWebSignature) bool {
	if keys == nil {
		return false
	}
	kid := signed.Signatures[0].Header.KeyID
	for i := range keys.Keys {
		if k := &keys.Keys[i]; kid == "" || k.KeyID == kid {
			if _, err := signed.Verify(k); err == nil {
				return true
			}
		}
	}
	return false
}

// maxKeySet bounds the answer of the team's host.
const maxKeySet = 1 << 20

func (s *keySet) fetch(ctx context.Context) (*jose.JSONWebKeySet, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxKeySet))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", s.url, resp.Status)
	}
	keys := new(jose.JSONWebKeySet)
	if err := json.Unmarshal(body, keys); err != nil {
		return nil, fmt.Errorf("%s: %w", s.url, err)
	}
	return keys, nil
}
