package accessemu

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// CORSHeaders is how Access answers preflights itself, with the REST API's field
// names.
type CORSHeaders struct {
	AllowAllHeaders  bool     `json:"allow_all_headers,omitempty"`
	AllowAllMethods  bool     `json:"allow_all_methods,omitempty"`
	AllowAllOrigins  bool     `json:"allow_all_origins,omitempty"`
	AllowCredentials bool     `json:"allow_credentials,omitempty"`
	AllowedHeaders   []string `json:"allowed_headers,omitempty"`
	AllowedMethods   []string `json:"allowed_methods,omitempty"`
	AllowedOrigins   []string `json:"allowed_origins,omitempty"`
	MaxAge           int      `json:"max_age,omitempty"` // seconds; 0: the header is left out
}

var corsMethods = []string{"GET", "POST", "HEAD", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}

// compileCORS answers nil for settings that say nothing: tools send them unasked.
func compileCORS(doc *CORSHeaders, bypass bool, f *faults) *CORSHeaders {
	if doc == nil || doc.empty() {
		return nil
	}
	const at = "cors_headers"
	if bypass {
		f.add(at, "settings beside options_preflight_bypass, which leaves preflights to the origin", "one of them", "")
	}
	for _, m := range doc.AllowedMethods {
		if !slices.Contains(corsMethods, strings.ToUpper(m)) {
			f.add(at+".allowed_methods", quote(m), either(corsMethods), suggest(m, corsMethods))
		}
	}
	for _, o := range doc.AllowedOrigins {
		if o != "*" && !validOrigin(o) {
			f.add(at+".allowed_origins", quote(o), `an origin, as "https://spa.example.com"`, "")
		}
	}
	for _, h := range doc.AllowedHeaders {
		if !httpguts.ValidHeaderFieldName(h) {
			f.add(at+".allowed_headers", quote(h), "the name of a header", "")
		}
	}
	if doc.MaxAge < -1 || doc.MaxAge > 86400 {
		f.add(at+".max_age", strconv.Itoa(doc.MaxAge), "seconds, from -1 to 86400", "")
	}
	if doc.AllowCredentials && (doc.AllowAllOrigins || slices.Contains(doc.AllowedOrigins, "*")) {
		f.add(at+".allow_credentials", "true for every origin, which would let any page act as who is signed in", "allowed_origins by name", "")
	}
	return doc
}

func (c *CORSHeaders) empty() bool {
	return !c.AllowAllHeaders && !c.AllowAllMethods && !c.AllowAllOrigins && !c.AllowCredentials &&
		len(c.AllowedHeaders)+len(c.AllowedMethods)+len(c.AllowedOrigins) == 0 && c.MaxAge == 0
}

func validOrigin(s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	host, port, hasPort := strings.Cut(rest, ":")
	return ok && (scheme == "https" || scheme == "http") && validDomain(lowerASCII(host)) && (!hasPort || port != "" && strings.Trim(port, digits) == "")
}

// preflight notes that Access answers OPTIONS itself, whatever the policies say.
func (d *Decision) preflight() {
	d.Verdict = Preflight
	d.Why = d.App.label() + ": cors_headers answers OPTIONS requests, and the origin is not asked"
	d.Kind, d.ID, d.Field = "app", d.App.ID, "cors_headers"
	if origin := d.header.Get("Origin"); !d.App.cors.allows(origin) {
		d.Why += "; the origin " + clip(quote(origin)) + " is not among those it allows, so the browser will refuse"
		d.Mend = "add it to allowed_origins"
	}
}

func (c *CORSHeaders) allows(origin string) bool {
	return origin != "" && (c.AllowAllOrigins || slices.Contains(c.AllowedOrigins, "*") ||
		slices.ContainsFunc(c.AllowedOrigins, func(o string) bool { return strings.EqualFold(strings.TrimSuffix(o, "/"), origin) }))
}

// answerPreflight answers 200. To an origin that is not allowed it says nothing
// more, and its browser refuses.
func (s *State) answerPreflight(w http.ResponseWriter, r *Request, a *App) {
	c, h, in := a.cors, w.Header(), r.HTTP.Header
	h.Set("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
	h.Set("Content-Length", "0")
	if origin := in.Get("Origin"); c.allows(origin) {
		any := (c.AllowAllOrigins || slices.Contains(c.AllowedOrigins, "*")) && !c.AllowCredentials
		if any {
			origin = "*"
		}
		h.Set("Access-Control-Allow-Origin", origin)
		if methods := allowed(c.AllowAllMethods, c.AllowedMethods, in.Get("Access-Control-Request-Method")); methods != "" {
			h.Set("Access-Control-Allow-Methods", methods)
		}
		if names := allowed(c.AllowAllHeaders, c.AllowedHeaders, strings.Join(in["Access-Control-Request-Headers"], ", ")); names != "" {
			h.Set("Access-Control-Allow-Headers", names)
		}
		if c.AllowCredentials {
			h.Set("Access-Control-Allow-Credentials", "true")
		}
		if c.MaxAge != 0 {
			h.Set("Access-Control-Max-Age", strconv.Itoa(c.MaxAge))
		}
	}
	w.WriteHeader(http.StatusOK)
}

// allowed lists what is allowed: what was asked for when all is.
func allowed(all bool, list []string, asked string) string {
	if all {
		return asked
	}
	return strings.Join(list, ", ")
}
