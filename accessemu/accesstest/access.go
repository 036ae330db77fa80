package accesstest

import (
	"net/http"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/accessemu/forge"
	"github.com/sundog-edge/sundog/accessemu/keypool"
)

// The application that every Access has, and who signs in when nobody is named.
const (
	Host  = "app.example.com"
	Email = "alice@example.com"
)

// Access is a team with one application. Its methods may be used from several goroutines;
// those that make tokens may end the test, so that they belong to its own goroutine.
type Access struct {
	Issuer   string // "https://acme.cloudflareaccess.com", without a slash at the end: TEAM_DOMAIN
	AUD      string // audience tag of the application, 64 hex digits: POLICY_AUD
	OtherAUD string // that of another application of the team
	CertsURL string // Issuer + "/cdn-cgi/access/certs": where the keys are

	// HTTPClient answers for Issuer's host in process. Every other host is an error.
	HTTPClient *http.Client

	// Now is the time at which tokens are made. Nil: the system's. It may be set before the
	// first token is made.
	Now func() time.Time

	t      testing.TB
	state  *accessemu.State
	config *accessemu.Config
	app    *accessemu.App
}

// New makes the team of that name; it ends with the test. A name that no team can have ends
// the test.
func New(t testing.TB, team string) *Access {
	t.Helper()
	a := &Access{t: t}
	if err := a.compile(team); err != nil {
		t.Fatalf("accesstest: %v", err)
	}
	a.state = accessemu.NewState(accessemu.StateOptions{Keys: keypool.Key, Now: a.now})
	t.Cleanup(a.state.Close)
	a.Issuer = a.config.Issuer()
	a.CertsURL = a.Issuer + certsPath
	a.HTTPClient = &http.Client{Transport: internet{a}}
	return a
}

const certsPath = "/cdn-cgi/access/certs"

func (a *Access) compile(team string) error {
	c, err := accessemu.NewConfig(accessemu.Settings{Team: team})
	if err != nil {
		return err
	}
	everyone := accessemu.Policy{Name: "Everyone", Decision: "allow", Include: []accessemu.Rule{{Selector: "everyone", Value: accessemu.EveryoneRule{}}}}
	txn := c.Txn()
	for _, domain := range []string{Host, "other." + Host} {
		if err := txn.PutApp(accessemu.Application{Domain: domain, Policies: []accessemu.PolicyRef{{Policy: everyone}}}); err != nil {
			return err
		}
	}
	if a.config, err = txn.Commit(); err != nil {
		return err
	}
	a.app, _, _ = a.config.Match(Host, "/")
	other, _, _ := a.config.Match("other."+Host, "/")
	a.AUD, a.OtherAUD = a.app.AUD, other.AUD
	return nil
}

func (a *Access) now() time.Time {
	if a.Now == nil {
		return clock()
	}
	return a.Now()
}

var clock = time.Now

// RotateKeys makes a new current key. The one that it replaces becomes the previous key, and
// the one before that is in the key set no longer.
func (a *Access) RotateKeys() {
	a.t.Helper()
	if err := a.state.RotateKeys(); err != nil {
		a.t.Fatalf("accesstest: %v", err)
	}
}

// material is a genuine token of a person, and the keys.
func (a *Access) material(email string) forge.Material {
	a.t.Helper()
	m, err := a.state.Forging(a.config, a.app, Host, email, accessemu.Client{Country: "DE"})
	if err != nil {
		a.t.Fatalf("accesstest: %v", err)
	}
	m.OtherAUD = a.OtherAUD
	return m
}
