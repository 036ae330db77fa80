package world

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/internal/lazyregexp"
)

var (
	label      = lazyregexp.New(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	hex32      = lazyregexp.New(`^[0-9A-Fa-f]{32}$`)
	clientName = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	country    = lazyregexp.New(`^([A-Z]{2}|T1)$`)
	hostname   = lazyregexp.New(`^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$`)
)

// normalise brings names to one form and checks what no fake checks when it
// compiles its documents.
func (d *draft) normalise() {
	d.checkSettings()
	for _, z := range d.zones {
		v := z.doc.Value.(*dnsemu.Zone)
		v.Name = canonical(v.Name)
		for _, r := range z.records {
			v := r.Value.(*Record)
			v.Name = absolute(v.Name, z.doc.Value.(*dnsemu.Zone).Name)
		}
	}
	for _, t := range d.tunnels {
		d.checkTunnel(t)
	}
	for _, c := range d.clients {
		d.checkClient(c)
	}
	for _, o := range d.origins {
		d.checkOrigin(o)
	}
	for _, e := range d.egress {
		d.checkEgress(e)
	}
	for _, q := range d.quirks {
		d.checkQuirk(q)
	}
}

func (d *draft) checkSettings() {
	s := d.settings.Value.(*Settings)
	if s.Team != "" && !label.MatchString(s.Team) {
		hint := ""
		if team, ok := strings.CutSuffix(strings.ToLower(s.Team), ".cloudflareaccess.com"); ok {
			hint = `write "` + team + `"`
		} else if label.MatchString(strings.ToLower(s.Team)) {
			hint = "write it in lower case"
		}
		d.report(d.settings, "team", "the text "+quote(s.Team), "lower-case letters, digits and hyphens", hint)
	}
	if s.WorkersSubdomain != "" && !label.MatchString(s.WorkersSubdomain) {
		hint := ""
		if sub, ok := strings.CutSuffix(strings.ToLower(s.WorkersSubdomain), ".workers.dev"); ok {
			hint = `write "` + sub + `"`
		}
		d.report(d.settings, "workers_subdomain", "the text "+quote(s.WorkersSubdomain), "lower-case letters, digits and hyphens", hint)
	}
	if s.AccountID != "" && !hex32.MatchString(s.AccountID) {
		d.report(d.settings, "account.id", "the text "+quote(s.AccountID), "32 hexadecimal digits", "leave it out to have one made")
	}
	if d.organization == nil {
		return
	}
	team, ok := strings.CutSuffix(d.organization.Value.(*accessemu.Organization).AuthDomain, ".cloudflareaccess.com")
	switch {
	case !ok || !label.MatchString(team):
	case s.Team == "":
		s.Team = team
	case s.Team != team:
		d.find(d.organization, "auth_domain", "auth_domain says "+quote(team)+", team says "+quote(s.Team)+" at "+d.settings.At("team").String(), "make them agree")
	}
}

// transports are how a connector may be joined to the edge. The last has no
// limits of its own, and no real connector has it.
var transports = []string{"auto", "quic", "http2", "none"}

func (d *draft) checkTunnel(doc *Document) {
	t := doc.Value.(*Tunnel)
	if found := t.secretTrouble(); found != "" {
		// Without its source, so that no line with a secret is shown.
		d.probs.add(nil, Error{
			Mark: doc.At("secret"), Field: doc.label("secret"), Found: found, Allowed: "32 bytes or more in base64",
			Hint: "openssl rand -base64 32 makes one; without it, one is made for each run",
		})
	}
	if t.ConfigFile != "" && t.Config != nil {
		d.report(doc, "config", "both config and config_file", "one of them", "")
	}
	if t.Transport != "" && !slices.Contains(transports, t.Transport) {
		d.report(doc, "transport", "the text "+quote(t.Transport), oneOf(transports), didYouMean(t.Transport, transports))
	}
	if t.ID == "" && t.Name == "" {
		d.report(doc, "", "a tunnel without id and name", "at least one of them", "")
	}
}

func (d *draft) checkClient(doc *Document) {
	c := doc.Value.(*Client)
	if !clientName.MatchString(c.Name) {
		d.report(doc, "", "the client name "+quote(c.Name), "letters, digits, dots, hyphens and underscores", "")
	}
	if c.IP.Zone() != "" {
		d.report(doc, "ip", "the address "+c.IP.String(), "an IP address without a zone", "")
	}
	c.IP = c.IP.Unmap()
	if c.Country != "" && !country.MatchString(c.Country) {
		hint := ""
		if up := strings.ToUpper(c.Country); country.MatchString(up) {
			hint = `write "` + up + `"`
		}
		d.report(doc, "country", "the text "+quote(c.Country), "two capital letters, as DE, or T1", hint)
	}
}

// schemes are what an ingress rule's service may start with.
const schemes = "http, https, ws, wss, tcp, ssh, rdp or smb"

var scheme = lazyregexp.New(`^(https?|wss?|tcp|ssh|rdp|smb)$`)

func (d *draft) checkOrigin(doc *Document) {
	o := doc.Value.(*Origin)
	if why := originProblem(o.From); why != "" {
		d.report(doc, "", quote(o.From)+" as an origin, "+why, "scheme://host:port, with "+schemes, "")
	}
	if why := originProblem(o.To); why != "" && !strings.HasPrefix(o.To, "unix:/") {
		d.report(doc, "", quote(o.To)+" as where an origin is, "+why, "scheme://host:port, with "+schemes+", or unix:/path", "")
	}
}

// originProblem says why a text is no origin; "" when it is one.
func originProblem(s string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme == "" || u.Opaque != "":
		return "which has no scheme"
	case !scheme.MatchString(u.Scheme):
		return "whose scheme is unknown"
	case u.Hostname() == "":
		return "which has no host"
	case u.User != nil:
		return "which has a user"
	case u.Path != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "which has a path or more"
	case u.Port() != "" && !validPort(u.Port()):
		return "whose port is none"
	}
	return ""
}

// dials is the address that an origin stands for: "grafana:3000".
func dials(origin string) string {
	u, err := url.Parse(strings.ToLower(origin))
	if err != nil || u.Hostname() == "" {
		return origin
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "ws": "80", "https": "443", "wss": "443", "ssh": "22", "rdp": "3389", "smb": "445", "tcp": "7864"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func validPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

func (d *draft) checkEgress(doc *Document) {
	e := doc.Value.(*Egress)
	const allowed = `host:port, where host may be *, or start with "*.", and port may be *`
	_, bare, hasScheme := strings.Cut(e.Pattern, "://")
	if !hasScheme {
		bare = e.Pattern
	}
	host, port, err := net.SplitHostPort(e.Pattern)
	if err != nil || hasScheme {
		hint := ""
		if bare = strings.TrimSuffix(bare, "/"); hostname.MatchString(strings.ToLower(bare)) {
			hint = `write "` + bare + `:443"`
		}
		d.report(doc, "", "the text "+quote(e.Pattern), allowed, hint)
		return
	}
	if host != "*" && net.ParseIP(host) == nil && !hostname.MatchString(strings.TrimPrefix(strings.ToLower(host), "*.")) {
		d.report(doc, "", "the host "+quote(host), allowed, "")
	}
	if port != "*" && !validPort(port) {
		d.report(doc, "", "the port "+quote(port), allowed, "")
	}
	e.Pattern = strings.ToLower(e.Pattern)
}
