package accessemu

import (
	"sync"

	forging "github.com/sundog-edge/sundog/accessemu/forge"
	"github.com/sundog-edge/sundog/internal/derive"
)

// firstStrangersKey is where a KeySource has keys that are not the account's.
const firstStrangersKey = 1 << 20

// Forging is what forgeries of a token for an application are made of: a genuine
// token, as Token makes one, and the account's own keys. Whoever holds them can sign
// anything, so they are for tests of origins on this machine. The host is one of the
// application's.
func (s *State) Forging(c *Config, a *App, host, email string, client Client) (forging.Material, error) {
	genuine, err := s.Token(c, a, host, email, client)
	if err != nil {
		return forging.Material{}, err
	}
	pair, err := s.keys()
	if err != nil {
		return forging.Material{}, err
	}
	others, err := s.others()
	if err != nil {
		return forging.Material{}, err
	}
	m := forging.Material{
		Genuine: genuine, Foreign: others[0], Retired: others[1], Now: s.now(),
		OtherAUD: otherAUD(c, a), OrgAUD: orgAUD(c),
	}
	if m.Current, err = pair.current.forging(); err != nil {
		return forging.Material{}, err
	}
	m.Previous, err = pair.previous.forging()
	return m, err
}

// otherAUD is the audience tag of another application, if need be of one that the
// world does not have.
func otherAUD(c *Config, a *App) string {
	for other := range c.Apps() {
		if other.AUD != a.AUD {
			return other.AUD
		}
	}
	return derive.Hex64(c.account, "aud", "another application")
}

func orgAUD(c *Config) string { return derive.Hex64(c.account, "aud", "organization") }

func (k *signingKey) forging() (forging.Key, error) {
	cert, err := k.cert()
	return forging.Key{ID: k.kid, Private: k.private, Certificate: cert}, err
}

// strangersKeys makes two keys that the key set does not list.
func (s *State) strangersKeys() (made [2]forging.Key, err error) {
	var errs [2]error
	var wg sync.WaitGroup
	for i := range made {
		wg.Go(func() {
			private, err := s.ring.source(firstStrangersKey + i)
			if err == nil {
				made[i], err = forging.NewKey(private, "")
			}
			errs[i] = err
		})
	}
	wg.Wait()
	for _, e := range errs {
		if e != nil {
			return made, e
		}
	}
	return made, nil
}
