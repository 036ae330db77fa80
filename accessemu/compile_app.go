package accessemu

import (
	"cmp"
	"fmt"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/sundog-edge/sundog/internal/derive"
)

var laterTypes = []string{
	"app_launcher", "biso", "bookmark", "dash_sso", "end_user", "infrastructure", "mcp", "mcp_portal",
	"proxy_endpoint", "rdp", "saas", "ssh", "vnc", "warp",
}

var laterDestinations = []string{"private", "via_mcp_server_portal"}

// compileApp compiles all of an application but its references to reusable
// policies, which resolve does.
func compileApp(doc Application, account string) (*App, error) {
	f := faults{kind: "app", id: doc.ID}
	a := &App{doc: doc}
	a.compileRoutes(&f)
	if len(a.routes)+len(a.workers) > 0 {
		a.Name = cmp.Or(doc.Name, a.primary())
		a.ID = cmp.Or(doc.ID, derive.UUID(account, "access_app", a.primary()))
		a.AUD = cmp.Or(doc.AUD, derive.Hex64(account, "aud", cmp.Or(doc.ID, a.primary())))
	}
	f.id = cmp.Or(a.ID, doc.ID)
	if a.doc.Type = cmp.Or(doc.Type, "self_hosted"); a.doc.Type != "self_hosted" {
		if slices.Contains(laterTypes, doc.Type) {
			f.add("type", quote(doc.Type)+", which is not supported yet", "self_hosted", "")
		} else {
			f.add("type", quote(doc.Type)+", which is no application type", "self_hosted", suggest(doc.Type, append(laterTypes, "self_hosted")))
		}
	}
	if doc.AUD != "" && !isHex(doc.AUD, 64) {
		f.add("aud", quote(doc.AUD), "64 lower-case hex digits, or nothing to have them derived", "")
	}
	a.session = parseSession(doc.SessionDuration, "session_duration", DefaultSession, &f)
	compileAppCookies(a, &f)
	if h := doc.ServiceTokensHeader; h != "" {
		if !httpguts.ValidHeaderFieldName(h) {
			f.add("read_service_tokens_from_header", quote(h), `the name of a request header, as "Authorization"`, "")
		}
		a.doc.ServiceTokensHeader = textproto.CanonicalMIMEHeaderKey(h)
		a.tokensHeader = "header " + a.doc.ServiceTokensHeader
	}
	a.cors = compileCORS(doc.CORSHeaders, doc.OptionsPreflightBypass, &f)
	a.refs = append(a.refs, refsOfProviders(&a.doc)...)
	for _, ref := range doc.CustomPages {
		a.refs = append(a.refs, refTo("custom_page", ref))
	}
	denyURL(doc.CustomDenyURL, "custom_deny_url", &f)
	denyURL(doc.NonIdentityDenyURL, "custom_non_identity_deny_url", &f)
	a.doc.ID, a.doc.AUD, a.doc.Name = a.ID, a.AUD, a.Name
	a.compilePolicies(account, &f)
	if err := f.err(); err != nil {
		return nil, err
	}
	return a, nil
}

// compileRoutes takes the primary domain and the destinations, or the older
// self_hosted_domains when there are none.
func (a *App) compileRoutes(f *faults) {
	if a.doc.Domain != "" {
		a.addRoute(a.doc.Domain, "domain", f)
	}
	for i, d := range a.doc.Destinations {
		at := fmt.Sprintf("destinations[%d]", i)
		switch {
		case slices.Contains(laterDestinations, d.Type):
			f.add(at+".type", quote(d.Type)+", which is not supported yet", either(destinationTypes), "")
		case d.Type != "" && !slices.Contains(destinationTypes, d.Type):
			f.add(at+".type", quote(d.Type)+", which is no destination type", either(destinationTypes), suggest(d.Type, slices.Concat(destinationTypes, laterDestinations)))
		case d.Type != "" && d.Type != destinationPublic:
			a.addWorker(d, at, f)
		case d.WorkerID != "":
			f.add(at+".worker_id", quote(d.WorkerID)+", which a public destination does not have", "worker_id with the type worker or preview_worker", "")
		case d.URI == "":
			f.add(at+".uri", `""`, `a host, or host/path, as "app.example.com/admin"`, "")
		default:
			a.addRoute(d.URI, at+".uri", f)
		}
	}
	if a.doc.Destinations == nil {
		for i, d := range a.doc.SelfHostedDomains {
			a.addRoute(d, fmt.Sprintf("self_hosted_domains[%d]", i), f)
		}
	}
	if len(a.routes)+len(a.workers) == 0 && len(f.list) == 0 {
		f.add("domain", "an application without a domain or a destination", `a host, or host/path, as "app.example.com/admin"`, "")
	}
}

func (a *App) addRoute(text, field string, f *faults) {
	if _, rest, ok := strings.Cut(text, "://"); ok {
		f.add(field, quote(text), "a host, or host/path, without a scheme", quote(rest))
		return
	}
	host, path, slash := strings.Cut(text, "/")
	r := &route{app: a, field: field}
	var problem string
	if r.host, problem = parseHost(host); problem != "" {
		f.add(field, quote(text)+": "+problem, "", "")
		return
	}
	if slash {
		path = "/" + path
	}
	if path == "" {
		r.path = newPathPattern("")
	} else if r.path, problem = parsePath(path); problem != "" {
		f.add(field, quote(text)+": "+problem, "", "")
		return
	}
	r.destination = r.host.text + r.path.text
	if slices.ContainsFunc(a.routes, func(o *route) bool { return sameRoute(o, r) }) {
		return
	}
	a.routes = append(a.routes, r)
	a.Domains = append(a.Domains, r.destination)
}

func compileAppCookies(a *App, f *faults) {
	sameSite := []string{"none", "lax", "strict"}
	a.doc.SameSiteCookie = lowerASCII(a.doc.SameSiteCookie)
	if s := a.doc.SameSiteCookie; s != "" && !slices.Contains(sameSite, s) {
		f.add("same_site_cookie_attribute", quote(s), either(sameSite), suggest(s, sameSite))
	}
	if a.doc.PathCookie {
		for _, r := range a.routes {
			if strings.Contains(r.path.text, ";") {
				f.add("path_cookie_attribute", "true, but the path "+quote(r.path.text)+" holds a semicolon, which the path of a cookie cannot", "false", "")
			}
		}
	}
}

func denyURL(s, field string, f *faults) {
	if s == "" {
		return
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		f.add(field, quote(s), `an absolute URL, as "https://example.com/no-access"`, "")
	}
}

// parseSession reads a duration of at least a second and at most a month.
func parseSession(s, field string, missing time.Duration, f *faults) time.Duration {
	if s == "" {
		return missing
	}
	const most = 31 * 24 * time.Hour
	d, err := time.ParseDuration(s)
	switch {
	case err != nil || d < 0:
		f.add(field, quote(s), `a duration, as "30m" or "24h"`, "")
	case d == 0:
		f.add(field, quote(s)+", a session that ends at once, which is not supported yet", `at least "1s" and at most a month, "744h"`, "")
	case d < time.Second || d > most:
		f.add(field, quote(s), `at least "1s" and at most a month, "744h"`, "")
	}
	return d
}

func isHex(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for i := range n {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
