package edge

import (
	"errors"
	"net/http"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/world"
)

func (b *backend) Persons() (list []admin.Person) {
	for _, doc := range b.snap.Load().inFileOrder(world.KindPerson) {
		p := doc.Value.(*accessemu.Person)
		list = append(list, admin.Person{Email: doc.Key.ID, Name: p.Name, Groups: p.Groups, Country: p.Country})
	}
	return list
}

func (b *backend) Login(l admin.Login) (admin.LoggedIn, error) {
	done, err := (*Edge)(b).SignIn(SignIn(l))
	if err != nil {
		return admin.LoggedIn{}, asProblem(err)
	}
	answer := admin.LoggedIn{
		Email: done.Email, URL: done.URL, Protected: done.Protected, App: done.App, AUD: done.AUD,
		Policy: done.Policy, Why: done.Why, Where: done.Where, Expires: done.Expires, Cookies: []admin.Cookie{},
	}
	for _, c := range done.Cookies {
		answer.Cookies = append(answer.Cookies, admin.Cookie{
			Name: c.Name, Value: c.Value, Domain: c.Host, Path: c.Path, Expires: expiry(c.Cookie),
			HTTPOnly: c.HttpOnly, Secure: c.Secure, SameSite: sameSite(c.SameSite),
		})
	}
	return answer, nil
}

func expiry(c *http.Cookie) float64 {
	if c.Expires.IsZero() {
		return -1
	}
	return float64(c.Expires.Unix())
}

func sameSite(mode http.SameSite) string {
	switch mode {
	case http.SameSiteStrictMode:
		return "Strict"
	case http.SameSiteNoneMode:
		return "None"
	}
	return "Lax"
}

func (b *backend) NextIdentity(i admin.Identity) (int, error) {
	if err := b.access.QueueIdentity(accessemu.ProviderAnswer(i)); err != nil {
		return 0, &admin.Problem{Status: http.StatusBadRequest, Failure: admin.Failure{Error: strings.ReplaceAll(err.Error(), "\n", "; ")}}
	}
	return b.access.QueuedIdentities(), nil
}

func (b *backend) Lend(c admin.Credential) (admin.Lent, error) {
	lent, err := (*Edge)(b).Lend(Loan(c))
	if err != nil {
		return admin.Lent{}, asProblem(err)
	}
	answer := admin.Lent{User: lent.User, Holder: lent.Holder, Apps: lent.Apps}
	for _, refused := range lent.Refused {
		answer.Refused = append(answer.Refused, failureOf(refused))
	}
	return answer, nil
}

func (b *backend) Expire(x admin.Expiry) (admin.Expired, error) { return (*Edge)(b).Expire(x) }

func (b *backend) Users() []admin.User { return (*Edge)(b).Users() }

func (b *backend) SSHCA(at string) (admin.SSHCA, error) { return (*Edge)(b).SSHCA(at) }

func (b *backend) EndLoan(user string) bool { return (*Edge)(b).EndLoan(user) }

func failureOf(e *NotAdmittedError) admin.Failure {
	return admin.Failure{Error: e.Error(), Mend: e.Mend, Where: e.Where, Details: e.Policies}
}

// asProblem gives an error the status and the body that the admin port answers.
func asProblem(err error) error {
	var refused *NotAdmittedError
	var wrong *SignInError
	switch {
	case errors.As(err, &refused):
		return &admin.Problem{Status: http.StatusForbidden, Failure: failureOf(refused)}
	case errors.As(err, &wrong):
		p := &admin.Problem{Status: http.StatusBadRequest, Failure: admin.Failure{Error: wrong.Found, Mend: wrong.Mend}}
		if len(wrong.Hosts) > 0 {
			p.Status = http.StatusNotFound
			for _, h := range wrong.Hosts {
				p.Details = append(p.Details, "https://"+h+"/")
			}
		}
		return p
	}
	return err
}
