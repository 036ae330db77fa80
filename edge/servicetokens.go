package edge

import (
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/world"
)

// ServiceToken is a service token of the world, without its secret.
type ServiceToken struct {
	Name     string `json:"name"`
	ID       string `json:"id"`
	ClientID string `json:"client_id"`
}

// ServiceTokenPair is what a program shows to be let in.
type ServiceTokenPair struct {
	Name         string `json:"name"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	Made         bool   `json:"made"` // for this run, because no file gives a secret
}

// Headers are those of a request that shows the pair.
func (p ServiceTokenPair) Headers() http.Header {
	return http.Header{"Cf-Access-Client-Id": {p.ClientID}, "Cf-Access-Client-Secret": {p.ClientSecret}}
}

// madeSecrets are the secrets of this run: of tokens for which no document gives
// one. They outlive reloads.
type madeSecrets struct {
	mu      sync.Mutex // guards what follows
	byID    map[string]string
	tunnels map[string][]byte // by UUID
}

// withSecret is a service token with the secret that no document gives.
func (e *Edge) withSecret(t accessemu.ServiceToken) accessemu.ServiceToken {
	if t.ClientSecret != "" || t.ClientSecretHash != "" {
		return t
	}
	e.made.mu.Lock()
	defer e.made.mu.Unlock()
	if e.made.byID == nil {
		e.made.byID = map[string]string{}
	}
	if e.made.byID[t.ID] == "" {
		e.made.byID[t.ID] = e.access.NewServiceSecret()
	}
	t.ClientSecret = e.made.byID[t.ID]
	return t
}

// noteServiceTokens tells Access from when the life of tokens counts.
func (e *Edge) noteServiceTokens(changes []world.Change) {
	value := func(doc *world.Document) (t accessemu.ServiceToken) {
		if doc != nil {
			t = *doc.Value.(*accessemu.ServiceToken)
		}
		return t
	}
	for _, c := range changes {
		if c.Key.Kind == world.KindServiceToken {
			e.access.ServiceTokenChanged(value(c.Old), value(c.New))
		}
	}
}

// ServiceTokenPairs are the service tokens whose secrets are known here, in the
// order of the files. One of which a document gives only the hash is left out.
func (e *Edge) ServiceTokenPairs() []ServiceTokenPair {
	s := e.snap.Load()
	var list []ServiceTokenPair
	for _, doc := range s.inFileOrder(world.KindServiceToken) {
		t := doc.Value.(*accessemu.ServiceToken)
		known, ok := s.access.ServiceToken(t.ID)
		if !ok {
			continue
		}
		whole := *t
		if whole.ClientSecretHash == "" {
			whole = e.withSecret(whole)
		}
		if whole.ClientSecret != "" {
			list = append(list, ServiceTokenPair{known.Name, known.ClientID, whole.ClientSecret, t.ClientSecret == ""})
		}
	}
	return list
}

// ServiceTokenHeaders are the headers by which a request shows a service token,
// by its name or client id. The error says which names there are.
func (e *Edge) ServiceTokenHeaders(name string) (http.Header, error) {
	var names []string
	for _, p := range e.ServiceTokenPairs() {
		if p.Name == name || p.ClientID == name {
			return p.Headers(), nil
		}
		names = append(names, p.Name)
	}
	if _, ok := e.snap.Load().access.ServiceToken(name); ok {
		return nil, fmt.Errorf("of the service token %q only the hash of its secret is known", name)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("there is no service token %q: this world has no access.service_tokens", name)
	}
	return nil, fmt.Errorf("there is no service token %q in this world; it has %s", name, strings.Join(names, ", "))
}

// outward carries what Access itself asks of others: through the edge's one way
// out, with the edge's own certificates trusted.
type outward struct{ edge *Edge }

func (o outward) RoundTrip(r *http.Request) (*http.Response, error) {
	return o.edge.direct.transport().RoundTrip(r)
}
