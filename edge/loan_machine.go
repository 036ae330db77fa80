package edge

import (
	"errors"
	"net/http"
)

// lendMachine lends a service token.
func (e *Edge) lendMachine(l Loan) (*Lent, error) {
	if _, err := e.ServiceTokenHeaders(l.ServiceToken); err != nil {
		return nil, &SignInError{Found: err.Error(), Mend: "name one of access.service_tokens"}
	}
	m := machine{e, l.ServiceToken}
	user, err := e.loans.add(&loan{credential: m, client: l.Client}, e.random)
	if err != nil {
		return nil, err
	}
	return &Lent{User: user, Holder: m.holder()}, nil
}

// machine is the credential of a service token, as it is at the time of each request: a rotation is
// followed.
type machine struct {
	edge *Edge
	name string
}

func (m machine) holder() string           { return "the service token " + m.name }
func (m machine) machine() bool            { return true }
func (m machine) country(*snapshot) string { return "" }

func (m machine) headers(_ *request, stale http.Header) (http.Header, error) {
	if stale != nil {
		return nil, errors.New("no policy of this application admits it")
	}
	return m.edge.ServiceTokenHeaders(m.name)
}
