package accessemu

import (
	"net/http"
	"net/netip"
)

// Client is who a request comes from, as the edge sees it.
type Client struct {
	IP      netip.Addr
	Country string // two upper-case letters; empty: not known
	ASN     uint32

	Posture     []string           // posture checks that the device passes, by their integration_uid
	Certificate *ClientCertificate // that the client has shown and the edge has verified; nil: none
}

// Request is a request as the edge hands it over.
type Request struct {
	Host   string // canonical: lower case, punycode, no port, no dot at the end
	Port   string // explicit port to keep in absolute URLs, as "4443"; empty: none
	HTTP   *http.Request
	Client Client
	Ray    string // 16 hex digits, shown on pages; may be empty

	Worker WorkerRef // that takes the request; the zero WorkerRef: none does

	// WorkerAt is the Worker that would take the request if its path read like this one, which is
	// canonical. Nil: Worker, however it reads.
	WorkerAt func(path string) WorkerRef

	// WorkersOn are the Workers that a canonical host leads to, by whatever path. It is asked about
	// the paths of Access itself, and by the team's host. nil: no host leads to any but Worker.
	WorkersOn func(host string) []WorkerRef

	As string // e-mail address; not empty: decide as if this person were signed in, whatever the credentials

	// Reticent keeps from the client what only the administrator should know:
	// Decision.Why and the pages name no policy, nobody whom one admits, and no
	// place in a document. For clients that are not the developer's own.
	Reticent bool

	// Own is a request that the edge makes for its administrator, to sign somebody
	// in without a browser: codes are not mailed, and none is too many.
	Own bool

	// Explain is told why Access answers with an error of its own, before the
	// answer begins. What Decide has said is not told again. nil: nobody is told.
	Explain func(Reason)
}

// Verdict is what is to become of a request.
type Verdict uint8

// The verdicts. Prepare is called before a request is passed on, for
// NoApplication, Bypass and Forward; State.Answer answers the others, but
// Ambiguous, for which the caller has a page of its own.
const (
	NoApplication Verdict = iota // no application covers it: pass it on
	Bypass                       // pass it on without identity
	Forward                      // pass it on with the identity's headers
	Login                        // 302 to the login page
	Unauthorized                 // 401 instead of a redirect, for XMLHttpRequest; and where a service token does not count
	Forbidden                    // 403: no login could help
	Ambiguous                    // 400: the path can be read in ways that different applications cover, or in too many, or holds a NUL
	Endpoint                     // a path, or a question about one, that belongs to Access itself
	Preflight                    // an OPTIONS request that cors_headers answers
)

var verdicts = [...]string{"no application", "bypass", "forward", "login", "unauthorized", "forbidden", "ambiguous", "endpoint", "preflight"}

// String is the verdict in lower-case words.
func (v Verdict) String() string {
	if int(v) < len(verdicts) {
		return verdicts[v]
	}
	return "unknown"
}

// Identity is who is signed in.
type Identity struct {
	Email   string // canonical
	Subject string // UUID, the same for an address on every run
	Nonce   string // key of the sign-in, "identity_nonce"
	Country string // at the sign-in
}

// Credential is one that a request carries and that was not accepted.
type Credential struct {
	Carrier string // "cookie CF_Authorization", "header Cf-Access-Token", …
	Problem string // "expired", "for another application (aud …)", …
}

// Reading is one way to understand the path of a request.
type Reading struct {
	Path        string
	App         *App   // nil: no application covers it
	Destination string // of App: "example.com/admin"
}

// Decision is what Access says about one request, and why.
type Decision struct {
	Verdict      Verdict
	App          *App         // nil: none
	Destination  string       // of App, that covers the request: "*.example.com/admin", "worker 0f9e…"
	Policy       string       // name of the deciding policy, or the path of an unnamed one: "policies[0]"; empty: none decided
	Identity     *Identity    // of an accepted credential; nil for a service token
	ServiceToken string       // name of the service token that the request proves to have; empty: none
	Carrier      string       // of the accepted credential
	Refused      []Credential // credentials that count as absent
	Readings     []Reading    // more than one: those that differ; nil for a plain path
	Why          string       // one line: application, deciding policy, what is missing; empty for Endpoint
	Mend         string       // what would change the answer; empty on success

	Kind, ID, Field string // document and path inside it that Why is about; empty: none

	assertion []string // our token, ready to be a header's value
	email     []string
	subject   subject
	deciding  *appPolicy
	brief     string // Why for a stranger
	signedIn  *verified
	header    http.Header // of the request
	shown     shown
	block     bool // Unauthorized with the page of Forbidden

	// What Prepare needs to make a token for a request that brought none.
	state  *State
	config *Config
	route  *route
	host   string
	cookie string // made by Prepare, for Finish
}

// Policies is what each policy of the application said, in the order of
// evaluation. It is worked out on demand.
func (d *Decision) Policies() []PolicyResult {
	if d.App == nil {
		return nil
	}
	return d.App.explain(d.subject, d.deciding)
}
