package run

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/environ"
	"github.com/sundog-edge/sundog/tunnelemu/connector"
)

// ServiceTokenError is a --service-token that the world does not have.
type ServiceTokenError struct {
	Name   string
	Tokens []string // that it has, and whose secrets are known
}

func (e *ServiceTokenError) Error() string {
	if len(e.Tokens) == 0 {
		return fmt.Sprintf("there is no service token %q: this world has no access.service_tokens with a secret", e.Name)
	}
	return fmt.Sprintf("there is no service token %q with a known secret in this world; it has %s", e.Name, strings.Join(e.Tokens, ", "))
}

// WithServiceToken is the same way inside for commands that are a machine: their
// environment has the client id and the secret of a service token. The error is a
// *ServiceTokenError when there is none of that name.
func (in Inside) WithServiceToken(name string) (Inside, error) {
	i := slices.IndexFunc(in.ServiceTokens, func(p edge.ServiceTokenPair) bool { return p.Name == name || p.ClientID == name })
	if i < 0 {
		e := &ServiceTokenError{Name: name}
		for _, p := range in.ServiceTokens {
			e.Tokens = append(e.Tokens, p.Name)
		}
		return in, e
	}
	p := in.ServiceTokens[i]
	in.shown = &environ.ServiceToken{ClientID: p.ClientID, ClientSecret: p.ClientSecret}
	return in, nil
}

// issued tells whether this world made a secret, so that a command may keep it.
func (in Inside) issued(secret string) bool {
	return secret == in.APIToken || secret == in.Token || slices.ContainsFunc(in.Tunnels, func(t environ.Tunnel) bool {
		c, err := connector.ParseCredentials(t.Credentials)
		return err == nil && secret == c.Token()
	}) ||
		slices.ContainsFunc(in.ServiceTokens, func(p edge.ServiceTokenPair) bool { return secret == p.ClientID || secret == p.ClientSecret })
}
