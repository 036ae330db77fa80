package environ

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"runtime"
	"strings"
)

// Input is what a Plan is computed from.
type Input struct {
	Proxy  string // "host:port" of the proxy listener; required
	Admin  string // "host:port" of the admin listener; required
	Tunnel string // "host:port" of the tunnel listener; empty: there is none, and connectors are led where nobody listens

	Client        string // whom requests come from (--client): the proxy's user name; empty: the default client
	ProxyPassword string // the proxy's password; empty: it asks for none

	// Tools is the folder that Tools.Write made, whose shims CMD shall find first; empty: none. What it sets
	// holds no longer than the folder does.
	Tools string

	Files Paths  // files that variables point at; an empty path leaves its variables out
	SPKI  string // base64 SHA-256 of the CA's key, for browsers; only the playwright format has it

	Token        string        // SUNDOG_TOKEN
	APIToken     string        // CLOUDFLARE_API_TOKEN that the local API takes
	AccountID    string        // of the world
	ServiceToken *ServiceToken // --service-token; nil: none

	// World are the names that must reach the proxy: hosts ("acme.cloudflareaccess.com"),
	// everything below a name ("*.example.com"), IP literals ("1.1.1.1").
	World []string
	// Origins are the literal hosts of ingress origins ("localhost", "grafana"),
	// which CMD may reach directly as the tunnel does.
	Origins []string

	Inherited []string          // "NAME=value", as os.Environ
	Issued    func(string) bool // whether this world issued a secret; nil: it issued none
	GOOS      string            // decides whether names ignore case; empty: runtime.GOOS
}

// ServiceToken is the pair of a service token.
type ServiceToken struct{ ClientID, ClientSecret string }

// Var is one environment variable.
type Var struct{ Name, Value string }

// Removal is something of the inherited environment that CMD must not see,
// and why: one line for stderr.
type Removal struct{ Name, Why string }

func (r Removal) String() string { return r.Name + ": " + r.Why }

// Plan is how CMD's environment differs from the inherited one.
type Plan struct {
	Set     []Var     // in a fixed order
	Removed []Removal // variables that hold real credentials, sorted by name
	NoProxy string    // the value of NO_PROXY
	Dropped []Removal // inherited NO_PROXY entries that are not in NoProxy

	input Input
}

// families are what the names of variables for Cloudflare's tools begin with, and
// secretWords what the names of those contain that hold a secret or lead to one. No
// list of whole names is ever complete.
var (
	families    = [...]string{"CLOUDFLARE_", "CF_", "TUNNEL_"}
	secretWords = [...]string{"TOKEN", "KEY", "SECRET", "CERT", "CRED"}
)

// identities are the variables beside them that say whose account is meant; a * at the
// end stands for any rest.
var identities = [...]string{
	"CLOUDFLARE_EMAIL", "CLOUDFLARE_ACCESS_*",
	"CF_EMAIL", "CF_API_*", "CF_ACCOUNT_ID", "CF_ACCESS_*",
}

// nobody is an address that refuses every connection: a port that only root could
// open, and that no service of today has.
const nobody = "127.0.0.1:1"

// New computes a Plan. It errs when an address is missing or a value cannot
// stand in an environment.
func New(in Input) (*Plan, error) {
	if in.GOOS == "" {
		in.GOOS = runtime.GOOS
	}
	var errs []error
	admin, err := reachable(in.Admin)
	if err != nil {
		errs = append(errs, fmt.Errorf("admin address %q: %w", in.Admin, err))
	}
	proxy, err := reachable(in.Proxy)
	if err != nil {
		errs = append(errs, fmt.Errorf("proxy address %q: %w", in.Proxy, err))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	in.Admin, in.Proxy = admin, proxy
	p := &Plan{input: in}
	p.noProxy()
	p.proxyVars()
	p.fileVars()
	p.accountVars()
	p.toolVars()
	p.remove()
	for _, v := range p.Set {
		if strings.ContainsRune(v.Value, 0) {
			errs = append(errs, fmt.Errorf("%s: a value with a NUL byte cannot stand in an environment", v.Name))
		}
	}
	return p, errors.Join(errs...)
}

// reachable is the address under which a listener is reached from here: one
// that listens everywhere is reached on loopback.
func reachable(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", errors.New(`want "host:port"; is that listener off?`)
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

func (p *Plan) set(value string, names ...string) {
	for _, name := range names {
		p.Set = append(p.Set, Var{name, value})
	}
}

func (p *Plan) proxyVars() {
	u := url.URL{Scheme: "http", Host: p.input.Proxy}
	switch {
	case p.input.ProxyPassword != "":
		u.User = url.UserPassword(p.input.Client, p.input.ProxyPassword)
	case p.input.Client != "":
		// Some clients send no credentials at all unless there is a colon.
		u.User = url.UserPassword(p.input.Client, "")
	}
	p.set(u.String(), "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
	p.set(p.NoProxy, "NO_PROXY", "no_proxy")
	p.set("1", "NODE_USE_ENV_PROXY")
}

func (p *Plan) fileVars() {
	if f := p.input.Files.CA; f != "" {
		p.set(f, "NODE_EXTRA_CA_CERTS", "TUNNEL_CACERT", "DENO_CERT")
	}
	if f := p.input.Files.Bundle; f != "" {
		p.set(f, replacing[:]...)
	}
	if f := p.input.Files.Cert; f != "" {
		p.set(f, "TUNNEL_ORIGIN_CERT")
	}
}

func (p *Plan) accountVars() {
	in := p.input
	api := "http://" + in.Admin + "/client/v4"
	p.set(api, "CLOUDFLARE_API_BASE_URL", "CLOUDFLARE_BASE_URL", "TUNNEL_API_URL")
	p.set(in.APIToken, "CLOUDFLARE_API_TOKEN")
	p.set(in.AccountID, "CLOUDFLARE_ACCOUNT_ID")
	// Without the variable cloudflared dials the real edge, also from below a script that
	// Refuse does not see. It keeps four connections and wants an address for each.
	connectors := in.Tunnel
	if connectors == "" {
		connectors = nobody
	}
	p.set(strings.Join([]string{connectors, connectors, connectors, connectors}, ","), "TUNNEL_EDGE")
	p.set("true", "TUNNEL_NO_PRECHECKS", "NO_AUTOUPDATE")
	p.set("false", "WRANGLER_SEND_METRICS") // they would be refused, a line for each
	p.set("http://"+in.Admin, "SUNDOG_URL")
	p.set(in.Token, "SUNDOG_TOKEN")
	if st := in.ServiceToken; st != nil {
		p.set(st.ClientID, "CLOUDFLARE_ACCESS_CLIENT_ID", "CF_ACCESS_CLIENT_ID", "TUNNEL_SERVICE_TOKEN_ID")
		p.set(st.ClientSecret, "CLOUDFLARE_ACCESS_CLIENT_SECRET", "CF_ACCESS_CLIENT_SECRET", "TUNNEL_SERVICE_TOKEN_SECRET")
	}
}
