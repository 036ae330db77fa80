package accessemu

import (
	"fmt"
	"iter"
	"strings"
	"time"

	iradix "github.com/hashicorp/go-immutable-radix/v2"

	"github.com/sundog-edge/sundog/internal/derive"
)

// DefaultSession is how long a sign-in lasts when nothing says otherwise.
const DefaultSession = 24 * time.Hour

// Settings are what a Config begins with.
type Settings struct {
	Team         string // "acme" for acme.cloudflareaccess.com; empty: "sundog"
	AccountID    string // 32 hex digits; empty: derived from Team
	Organization Organization
}

// Config is a compiled, immutable set of applications and policies. A nil
// *Config has none of either. Several goroutines may use one.
type Config struct {
	account    string
	authDomain string
	issuer     string
	org        Organization
	session    time.Duration

	apps     *iradix.Tree[*App] // by id
	auds     *iradix.Tree[*App]
	policies named[*policy] // reusable ones
	groups   named[*group]
	lists    named[*list]
	tokens   named[*serviceToken]
	pages    named[*customPage]
	clients  *iradix.Tree[*serviceToken] // by client id
	ownPages customPages
	uses     *uses
	people   *iradix.Tree[*Person] // by address

	providers named[*provider] // identity providers
	offers    []*provider      // the same by name, or the one-time PIN. Never empty

	index   index
	workers *workerRoutes
	folded  index  // routes whose path has upper-case letters, in lower case
	order   uint64 // of the next new application
}

// NewConfig begins a set of applications. Its errors are FieldErrors of the
// organization, or of the field "team".
func NewConfig(s Settings) (*Config, error) {
	if s.Team == "" {
		s.Team = "sundog"
	}
	f := faults{kind: "organization"}
	team := lowerASCII(s.Team)
	if !validLabel(team) || strings.Contains(team, "_") {
		f.add("team", quote(s.Team), "the first label of the team domain: letters, digits and hyphens, as \"acme\"", "")
	}
	if s.AccountID == "" {
		s.AccountID = derive.Hex32("", "account", team)
	}
	c := &Config{
		account:    s.AccountID,
		authDomain: team + ".cloudflareaccess.com",
		apps:       iradix.New[*App](),
		auds:       iradix.New[*App](),
		policies:   newNamed[*policy](),
		groups:     newNamed[*group](),
		lists:      newNamed[*list](),
		tokens:     newNamed[*serviceToken](),
		pages:      newNamed[*customPage](),
		clients:    iradix.New[*serviceToken](),
		uses:       iradix.New[citer](),
		people:     iradix.New[*Person](),
		providers:  newNamed[*provider](),
		offers:     implicitProviders(s.AccountID),
		index:      newIndex(),
		workers:    iradix.New[*route](),
		folded:     newIndex(),
	}
	c.setOrganization(s.Organization, &f)
	if err := f.err(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Config) setOrganization(o Organization, f *faults) {
	if o.AuthDomain != "" {
		c.authDomain = lowerASCII(o.AuthDomain)
		if !validDomain(c.authDomain) {
			f.add("auth_domain", quote(o.AuthDomain), `a host name, as "acme.cloudflareaccess.com"`, "")
		}
	}
	for i, zone := range o.DenyUnmatchedExempted {
		if !validDomain(lowerASCII(zone)) {
			f.add(fmt.Sprintf("deny_unmatched_requests_exempted_zone_names[%d]", i), quote(zone), `the name of a zone, as "example.com"`, "")
		}
	}
	c.session = parseSession(o.SessionDuration, "session_duration", DefaultSession, f)
	if d := o.LoginDesign; d != nil {
		compileDesign(d, f)
	}
	o.AuthDomain = c.authDomain
	c.org, c.issuer = o, "https://"+c.authDomain
}

// AuthDomain is the host of the login pages: "acme.cloudflareaccess.com".
func (c *Config) AuthDomain() string {
	if c == nil {
		return ""
	}
	return c.authDomain
}

// Issuer is the "iss" of every token: "https://" and the AuthDomain, without a
// port or a slash at the end.
func (c *Config) Issuer() string {
	if c == nil {
		return ""
	}
	return c.issuer
}

// Organization is the organization as set, with its AuthDomain.
func (c *Config) Organization() Organization {
	if c == nil {
		return Organization{}
	}
	return c.org
}

// App finds an application by id.
func (c *Config) App(id string) (*App, bool) {
	if c == nil {
		return nil, false
	}
	return c.apps.Get([]byte(id))
}

// AppByAUD finds an application by its audience tag.
func (c *Config) AppByAUD(aud string) (*App, bool) {
	if c == nil {
		return nil, false
	}
	return c.auds.Get([]byte(aud))
}

// Apps lists the applications in the order of their ids.
func (c *Config) Apps() iter.Seq[*App] {
	return func(yield func(*App) bool) {
		if c == nil {
			return
		}
		c.apps.Root().Walk(func(_ []byte, a *App) bool { return !yield(a) })
	}
}

// Match is the application that decides a canonical host and a path, and the
// destination of it that does: "*.example.com/admin". It reads the path in its
// canonical form only; Decide also looks at other readings.
func (c *Config) Match(host, path string) (app *App, destination string, ok bool) {
	if c == nil {
		return nil, "", false
	}
	if !plainPath(path) {
		path = canonicalPath(path)
	}
	r := c.index.match(host, path)
	if r == nil {
		return nil, "", false
	}
	return r.app, r.destination, true
}

// App is a compiled application. It must not be changed.
type App struct {
	ID      string   // UUID
	AUD     string   // 64 hex digits
	Name    string   // as given, else its first destination
	Domains []string // its hosts and paths in canonical form, the first one the primary; empty: it only has Workers

	doc      Application
	routes   []*route
	workers  []*route // destinations that are Workers
	policies []appPolicy
	session  time.Duration
	order    uint64
	refs     []string // of what it names, its own policies' rules included

	cors         *CORSHeaders // nil: preflights are refused
	tokensHeader string       // carrier of a service token in the single header
	pages        customPages
	allowed      []*provider // by allowed_idps, when it names any
}

// Document is the application as it was put, with ID, AUD, Name and Type.
func (a *App) Document() Application { return a.doc }

// Policies are the documents of the application's policies in the order in
// which they are listed, reusable ones resolved.
func (a *App) Policies() []Policy {
	list := make([]Policy, len(a.policies))
	for i, p := range a.policies {
		list[i] = p.doc
	}
	return list
}

// onHost tells whether any destination is on a canonical host.
func (a *App) onHost(host string) bool {
	for _, r := range a.routes {
		if r.host.match(host) {
			return true
		}
	}
	return false
}

// label names the application in a sentence.
func (a *App) label() string {
	if a.Name == a.primary() {
		return "application " + a.Name
	}
	return "application " + quote(a.Name) + " (" + a.primary() + ")"
}
