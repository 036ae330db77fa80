package edge

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/world"
)

// Loan is a credential that the proxy adds to requests that carry none, for the hosts that an
// application covers and no others.
type Loan struct {
	As           string // e-mail address of the person; empty: the service token
	ServiceToken string // name of one; counts when As is empty
	Client       string // entry of clients: that the requests come from; empty: the default one, in the person's own country if that has one
}

// Lent is a Loan in force.
type Lent struct {
	User    string              // user name for the proxy; a secret
	Holder  string              // whose credential it is
	Apps    []string            // names of the applications that let the holder in
	Refused []*NotAdmittedError // by the others
}

// maxLoans is how many loans are in force; the oldest makes room.
const maxLoans = 1024

// loanMark begins the user name of a loan. No entry of clients: can begin so.
const loanMark = "~"

const (
	unknownLoan = "the proxy's user is not known to this edge any more"
	mendLoan    = "run sundog exec again"
)

func isLoan(user string) bool { return strings.HasPrefix(user, loanMark) }

// Lend registers a credential for the proxy, and returns its user name there. Somebody whom no
// application lets in is a *NotAdmittedError.
func (e *Edge) Lend(l Loan) (*Lent, error) {
	if l.As == "" && l.ServiceToken != "" {
		return e.lendMachine(l)
	}
	email, ok := accessemu.CanonicalEmail(l.As)
	if !ok {
		return nil, &SignInError{Found: fmt.Sprintf("%q is no e-mail address", l.As), Mend: "name one, as alice@example.com"}
	}
	lent := &Lent{Holder: email}
	var odd error
	for _, doc := range e.snap.Load().inFileOrder(world.KindApp) {
		name, err := e.lets(email, l.Client, doc.Key.ID)
		var refused *NotAdmittedError
		switch {
		case errors.As(err, &refused):
			lent.Refused = append(lent.Refused, refused)
		case err != nil:
			odd = err
		case name != "":
			lent.Apps = append(lent.Apps, name)
		}
	}
	switch {
	case len(lent.Apps) > 0:
	case len(lent.Refused) > 0:
		return nil, lent.Refused[0]
	case odd != nil:
		return nil, odd
	default:
		return nil, &SignInError{Found: "this world has no application that asks for a login", Mend: "leave out --as, or add one under access:"}
	}
	var err error
	lent.User, err = e.loans.add(&loan{credential: &person{edge: e, email: email, client: l.Client}, client: l.Client}, e.random)
	return lent, err
}

// lets asks one application about somebody. name is empty where it asks nobody to log in.
func (e *Edge) lets(email, client, id string) (name string, err error) {
	snap := e.snap.Load()
	app, ok := snap.access.App(id)
	if !ok {
		return "", nil
	}
	var first error
	for _, domain := range snap.destinations(app) {
		u, err := parseSample(domain)
		if err != nil {
			return "", err
		}
		q, err := e.walkFor(email, client).judge(u, email)
		var refused *NotAdmittedError
		switch {
		case err == nil && q.guard.Verdict == accessemu.Forward:
			return app.Name, nil
		case errors.As(err, &refused), first == nil:
			first = err
		}
	}
	return "", first
}

// EndLoan ends a loan before the edge does, and tells whether there was one.
func (e *Edge) EndLoan(user string) bool { return e.loans.end(user) }

// loan is a credential and who brings it.
type loan struct {
	credential
	client string
}

// credential is what the proxy can add to requests.
type credential interface {
	holder() string
	// machine tells whether it opens what no sign-in could.
	machine() bool
	// country is where its requests come from; empty: from the client's own.
	country(s *snapshot) string
	// headers open the application that covers a request. stale are those that did not; nil: none were tried.
	headers(q *request, stale http.Header) (http.Header, error)
}

type loans struct {
	mu     sync.RWMutex // guards all below
	byUser map[string]*loan
	order  []string // the oldest first
}

func (l *loans) of(user string) *loan {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.byUser[user]
}

func (l *loans) add(one *loan, random io.Reader) (user string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b [24]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", err
	}
	user = loanMark + base64.RawURLEncoding.EncodeToString(b[:])
	if l.byUser == nil {
		l.byUser = make(map[string]*loan)
	}
	if len(l.order) == maxLoans {
		delete(l.byUser, l.order[0])
		l.order = l.order[1:]
	}
	l.byUser[user] = one
	l.order = append(l.order, user)
	return user, nil
}

func (l *loans) end(user string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.byUser[user]
	delete(l.byUser, user)
	l.order = slices.DeleteFunc(l.order, func(u string) bool { return u == user })
	return ok
}

// lend adds the credential of the proxy's user to a request that carries none and is held for want of
// one, and decides again. What the client says itself counts before.
func (q *request) lend(r *http.Request) {
	switch g := &q.guard; {
	case !q.admission.tls, len(g.Refused) > 0, carriesCredential(r.Header):
		return
	case !q.admission.loan.machine() && strings.HasPrefix(r.Header.Get("User-Agent"), "cloudflared/"):
		// Its way to a token begins with being turned away.
		q.lent = "leaves cloudflared to sign " + q.admission.loan.holder() + " in by itself"
		return
	case g.Verdict == accessemu.Endpoint && g.App != nil:
	case g.Verdict == accessemu.Forbidden && q.admission.loan.machine():
	case g.Verdict != accessemu.Login && g.Verdict != accessemu.Unauthorized:
		return
	}
	holder := q.admission.loan.holder()
	var h http.Header
	for range 2 {
		var err error
		h, err = q.admission.loan.headers(q, h)
		if err != nil {
			q.lent = "has no credential of " + holder + " to add: " + err.Error()
			return
		}
		for name, values := range h {
			r.Header[name] = values
		}
		q.guard = q.snap.access.Decide(q.edge.access, &q.view)
		if !q.held() || q.guard.Verdict == accessemu.Endpoint || q.guard.Identity != nil {
			q.lent = "adds the credential of " + holder + ", since the request carries none"
			return
		}
		for name := range h {
			delete(r.Header, name)
		}
	}
	q.guard = q.snap.access.Decide(q.edge.access, &q.view)
	q.lent = "has no credential of " + holder + " that counts here"
}

// carriesCredential tells whether a client brings what Access may read, good or not.
func carriesCredential(h http.Header) bool {
	for _, name := range [...]string{"Cf-Access-Token", "Cf-Access-Jwt-Assertion", "Cf-Access-Client-Id", "Cf-Access-Client-Secret"} {
		if len(h[name]) > 0 {
			return true
		}
	}
	for _, line := range h["Cookie"] {
		for part := range strings.SplitSeq(line, ";") {
			if name, _, _ := strings.Cut(strings.TrimSpace(part), "="); name == "CF_Authorization" {
				return true
			}
		}
	}
	return false
}
