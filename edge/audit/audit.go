package audit

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Kind is how an entrypoint leads to its target.
type Kind string

// The kinds of entrypoints.
const (
	Tunnel       Kind = "tunnel"
	Direct       Kind = "direct origin"
	WorkersDev   Kind = "workers.dev"
	Preview      Kind = "Preview URL"
	CustomDomain Kind = "Custom Domain"
	Route        Kind = "Route"
	PagesDev     Kind = "pages.dev"
	PagesPreview Kind = "Pages preview"
)

// Entrypoint is one way in. Host and Path are patterns, in which * stands for any text.
type Entrypoint struct {
	Host, Path string
	Plain      bool // it is asked by plain HTTP, which leads elsewhere than HTTPS
	Kind       Kind
	Reaches    string // the target in words
	Identity   string // what the target is: the same text for the same target; empty: nothing that matters
	Guard      string // name of the application; empty: none
	Where      string // file:line:column of what makes the entrypoint

	Policies []Policy    // of the application
	Asked    []Principal // whom its policies name, and the service tokens
	Forgers  []Principal // the forgeries to try

	Ignored      bool   // an access block of the tunnel should check what comes here, and checks nothing
	IgnoredWhere string // file:line:column of it; empty: it is in no file
}

// URL is the entrypoint as a URL, with its patterns.
func (e *Entrypoint) URL() string { return e.at(e.Path) }

// at is the URL of a path of its host.
func (e *Entrypoint) at(path string) string {
	if e.Plain {
		return "http://" + e.Host + path
	}
	return "https://" + e.Host + path
}

// Policy is a policy of an application.
type Policy struct {
	Name     string
	Decision string // "allow", "deny", "bypass" or "non_identity"
	Words    string // whom it describes
	Everyone bool   // it describes everybody
	Where    string // file:line:column
}

// Role says what a principal shows.
type Role uint8

// The roles of principals.
const (
	Anonymous    Role = iota // no credential
	Nobody                   // a login, by an address that nobody has named
	Person                   // a login
	ServiceToken             // a service token
	Forger                   // a forged credential
)

// Principal is who asks.
type Principal struct {
	Role   Role
	Name   string // address, name of a service token or of a forgery
	Label  string // how to call all of them; empty: Name
	Policy int    // of a Person: the place of the policy that names them
}

func (p *Principal) label() string { return cmp.Or(p.Label, p.Name) }

// Answer is what becomes of a principal at an entrypoint.
type Answer struct {
	Enters   bool   // the request goes on to the target
	Identity string // of the target
	Bypass   bool   // no policy looked at who it is
}

// Accepted lets the failures of a host pass.
type Accepted struct {
	Host   string // or host and path, as the table shows them
	Reason string
	Until  string // the last day, as 2027-01-31; empty: without end
	Where  string // file:line:column
}

// Rule is what a failure breaks.
type Rule string

// The rules.
const (
	UnprotectedSibling Rule = "unprotected-sibling"
	Bypass             Rule = "bypass"
	IgnoredAccess      Rule = "ignored-access-block"
	ForgedCredential   Rule = "forged-credential"
	AcceptUnused       Rule = "accept-unused"
	AcceptIncomplete   Rule = "accept-incomplete"
)

// Failure is one thing that is probably a mistake.
type Failure struct {
	Rule  Rule     `json:"rule"`
	URLs  []string `json:"urls"`
	Text  string   `json:"text"`            // one line
	Mend  string   `json:"mend"`            // what to change
	Where string   `json:"where,omitempty"` // file:line:column

	Beside []string `json:"beside,omitempty"` // of an unprotected sibling: the entrypoints that ask for a login

	Reason string `json:"reason,omitempty"` // of one that was accepted
	Until  string `json:"until,omitempty"`  // likewise; in a failure: it was accepted, and the day has passed
}

// Entry is an entrypoint with who may enter.
type Entry struct {
	URL     string   `json:"url"`
	Kind    Kind     `json:"kind"`
	Reaches string   `json:"reaches"`
	Guard   string   `json:"guard,omitempty"` // name of the application; empty: none
	Public  bool     `json:"public"`          // anyone enters without a login
	Who     []string `json:"who"`             // who may enter, in words
	Where   string   `json:"where,omitempty"` // file:line:column
}

// Report is what an audit found.
type Report struct {
	Entrypoints []Entry   `json:"entrypoints"`
	Failures    []Failure `json:"failures"`
	Accepted    []Failure `json:"accepted"`        // those that audit.accept lets pass
	Stale       []string  `json:"stale,omitempty"` // errors of the files since: what was audited is older than they are
}

// OK tells whether nothing fails.
func (r *Report) OK() bool { return len(r.Failures) == 0 }

// Run audits entrypoints. ask decides about a principal at an entrypoint's host and at a path, which may be patterns and
// need not be the entrypoint's own; it must answer the same for the same question. A date of accepted counts in now's time zone.
func Run(entrypoints []Entrypoint, accepted []Accepted, now time.Time, ask func(e *Entrypoint, path string, p Principal) Answer) Report {
	a := &auditor{points: entrypoints, ask: ask}
	r := Report{Entrypoints: []Entry{}}
	for i := range a.points {
		r.Entrypoints = append(r.Entrypoints, a.entry(&a.points[i]))
	}
	for i := range a.points {
		a.bypasses(&a.points[i])
		a.ignored(&a.points[i])
		a.forgeries(&a.points[i])
	}
	a.siblings()
	r.Failures, r.Accepted = accept(a, accepted, now)
	return r
}

type auditor struct {
	points []Entrypoint
	public []bool // of points: anyone enters
	ask    func(e *Entrypoint, path string, p Principal) Answer
	found  []found
}

// found is a failure at one entrypoint.
type found struct {
	Failure
	host, path string
}

func (a *auditor) fail(e *Entrypoint, path string, f Failure) {
	f.URLs = []string{e.at(path)}
	a.found = append(a.found, found{f, e.Host, path})
}

// entry asks who enters.
func (a *auditor) entry(e *Entrypoint) Entry {
	x := Entry{URL: e.URL(), Kind: e.Kind, Reaches: e.Reaches, Guard: e.Guard, Where: e.Where}
	anyone := a.ask(e, e.Path, Principal{Role: Anonymous})
	x.Public = anyone.Enters
	a.public = append(a.public, x.Public)
	if x.Public {
		x.Who = []string{"anyone, without a login"}
		return x
	}
	add := func(who string) {
		if !slices.Contains(x.Who, who) {
			x.Who = append(x.Who, who)
		}
	}
	everybody := a.ask(e, e.Path, Principal{Role: Nobody}).Enters
	if everybody {
		add("anyone who logs in")
	}
	enters, kept := map[int]bool{}, map[int]bool{} // places of policies: whom they name enter, or do not
	machines := false
	for _, p := range e.Asked {
		in := a.ask(e, e.Path, p).Enters
		switch {
		case p.Role == ServiceToken && in:
			machines = true
			add("service token " + p.label())
		case p.Role == Person && in:
			enters[p.Policy] = true
			if !everybody {
				add(p.label())
			}
		case p.Role == Person:
			kept[p.Policy] = true
		}
	}
	for i, p := range e.Policies {
		switch {
		case p.Decision == "allow" && !everybody && (kept[i] || !enters[i]):
			add(p.Words) // it wants more than an address, or names nobody by one
		case p.Decision == "non_identity" && !machines:
			add(p.Words)
		case p.Decision == "bypass":
			add("without a login: " + p.Words)
		}
	}
	if len(x.Who) == 0 {
		x.Who = []string{"nobody"}
	}
	return x
}

func (a *auditor) bypasses(e *Entrypoint) {
	for _, p := range e.Policies {
		if p.Decision != "bypass" {
			continue
		}
		who := "some (" + p.Words + ")"
		if p.Everyone {
			who = "anyone"
		}
		a.fail(e, e.Path, Failure{
			Rule: Bypass, Where: p.Where, Text: who + " may enter without a login, by the bypass policy \"" + p.Name + "\" of application \"" + e.Guard + "\"",
			Mend: "take the policy out, or accept it, with a reason, under audit: accept:",
		})
	}
}

func (a *auditor) ignored(e *Entrypoint) {
	if !e.Ignored {
		return
	}
	a.fail(e, e.Path, Failure{
		Rule: IgnoredAccess, Where: e.IgnoredWhere, Text: "originRequest.access at top level checks no request: cloudflared ignores it there (quirk top-level-access-ignored)",
		Mend: "move the access block into the originRequest of each rule",
	})
}

func (a *auditor) forgeries(e *Entrypoint) {
	var taken []string
	for _, p := range e.Forgers {
		if a.ask(e, e.Path, p).Enters {
			taken = append(taken, p.label())
		}
	}
	if len(taken) > 0 {
		a.fail(e, e.Path, Failure{
			Rule: ForgedCredential, Where: e.Where, Text: "a forged credential is let in: " + strings.Join(taken, ", "), Mend: "report it: the edge should refuse it",
		})
	}
}
