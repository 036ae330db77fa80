package attack

import (
	"fmt"
	"net/http"
)

// State is what the baseline says of an origin.
type State string

const (
	Checks      State = "checks"      // it takes the genuine token and refuses who has none: it can be judged
	Open        State = "open"        // it answers alike with a token and without: it does not check at all
	Closed      State = "closed"      // it refuses the genuine token: nothing can be said
	Unsteady    State = "unsteady"    // two requests of the same kind are answered differently: nothing can be said
	Unreachable State = "unreachable" // it does not answer
)

// baseline is what forgeries are compared with.
type baseline struct {
	genuine, anonymous [2]answer
	yes, no            map[string]bool
}

// judge says whether it can be compared with, and in words why not.
func (b *baseline) judge() (State, string) {
	for _, a := range append(b.genuine[:], b.anonymous[:]...) {
		if a.failed != nil {
			return Unreachable, "no answer came: " + a.failed.Error()
		}
	}
	g, n := b.genuine[0], b.anonymous[0]
	switch {
	case !g.like(b.genuine[1]) || !n.like(b.anonymous[1]):
		return Unsteady, fmt.Sprintf("the same request was answered by %s and by %s", pair(b.genuine), pair(b.anonymous))
	case refusing(g.status) && (g.status == n.status || !refusing(n.status)):
		return Closed, fmt.Sprintf("the genuine token was answered by %d: the origin refuses it; look at its team domain, its AUD tag, its way to the team's keys and its clock", g.status)
	case g.like(n) && g.status/100 == 3:
		return Closed, fmt.Sprintf("with a genuine token and without any the answer is %d to %s: name a URL that answers by itself, and a person whom it takes", g.status, g.location)
	case g.like(n) && g.status >= 400:
		return Closed, fmt.Sprintf("with a genuine token and without any the answer is %d: name a URL that the origin has", g.status)
	case g.status >= 500:
		return Closed, fmt.Sprintf("the genuine token was answered by %d; mend that first", g.status)
	}
	b.yes, b.no = marks(b.genuine, b.anonymous), marks(b.anonymous, b.genuine)
	if g.like(n) && len(b.yes) == 0 && len(b.no) == 0 {
		return Open, fmt.Sprintf("a request without any token is answered as one with a genuine token, by %d: nothing checks tokens there", g.status)
	}
	return Checks, ""
}

func pair(a [2]answer) string { return fmt.Sprintf("%d, then %d", a[0].status, a[1].status) }

// refusing are the statuses that say no.
func refusing(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden
}

// letsIn compares an answer to a forgery.
func (b *baseline) letsIn(a answer) Verdict {
	g, n := b.genuine[0], b.anonymous[0]
	switch {
	case a.failed != nil:
		return Refused
	case !g.like(n) && a.like(g):
		return LetIn
	case !g.like(n) && a.like(n):
		return Refused
	case !a.like(g): // neither like the one nor like the other
		if a.status/100 == 2 && a.share(b.no) < 0.5 {
			return LetIn
		}
		return Refused
	}
	yes, no := a.share(b.yes), a.share(b.no)
	if len(b.yes) == 0 {
		yes = 1 - no
	}
	if len(b.no) == 0 {
		no = 1 - yes
	}
	switch {
	case yes > no:
		return LetIn
	case no > yes:
		return Refused
	}
	return Unclear
}
