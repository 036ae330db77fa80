package world

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/internal/nearest"
)

// Protection is an Access application to be.
type Protection struct {
	Host  string   // that the world has, and behind it a path, if only that is meant
	Allow []string // e-mail addresses, and "@example.com" for all of a domain
	AUD   string   // audience tag; empty: one is made

	ServiceTokens []string // names of the service tokens that enter, too

	beside string // a destination of the application that has AUD already; empty: none has
}

// Protect makes the protections of hosts that a world has, each for the same people. The error
// is all that is wrong with them, joined.
func (w *World) Protect(hosts, allow []string) ([]Protection, error) {
	return w.ProtectOf(w.hosts(), hosts, allow)
}

// ProtectOf is Protect of hosts that are among known, in which * stands for a part of a label, or for one and more.
func (w *World) ProtectOf(known, hosts, allow []string) ([]Protection, error) {
	var errs []error
	seen := map[string]bool{}
	var list []Protection
	for _, given := range hosts {
		host, path, _ := strings.Cut(given, "/")
		host = canonical(host)
		switch _, port, hasPort := strings.Cut(host, ":"); {
		case strings.Contains(given, "://"):
			errs = append(errs, fmt.Errorf("%q is a URL; allowed: a host, as app.example.com, and a path behind it", given))
			continue
		case hasPort:
			errs = append(errs, fmt.Errorf("%q names the port %s; allowed: a host without one, as Access has no ports", given, port))
			continue
		case !covers(known, host):
			hint := "its hosts are " + oneOf(known)
			if near := nearest.Word(host, known); near != "" {
				hint = `did you mean "` + near + `"?`
			} else if len(known) == 0 {
				hint = "it has none"
			}
			errs = append(errs, fmt.Errorf("%q is no host of this world (%s)", given, hint))
			continue
		}
		if path != "" {
			host += "/" + path
		}
		if !seen[host] {
			seen[host] = true
			p := Protection{Host: host, AUD: w.audience(host)}
			p.beside = w.destinationOf(p.AUD)
			list = append(list, p)
		}
	}
	var who []string
	for _, given := range allow {
		if why := notSomebody(given); why != "" {
			errs = append(errs, fmt.Errorf("%q %s; allowed: an address, as alice@example.com, or @example.com for all of a domain", given, why))
		} else if !seen[given] {
			seen[given] = true
			who = append(who, given)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Allow = who
	}
	return list, nil
}

// notSomebody says why a text is neither an address nor a domain behind an @; "" when it is.
func notSomebody(s string) string {
	name, domain, ok := strings.Cut(s, "@")
	switch {
	case !ok:
		return "has no @"
	case strings.Contains(domain, "@"):
		return "has more than one @"
	case strings.ContainsAny(s, " \t\r\n,;<>\"'()"):
		return "has characters that no address has"
	case !hostname.MatchString(canonical(domain)) || strings.Contains(domain, ".."):
		return "has no domain behind the @"
	case name == "":
		if _, err := publicsuffix.EffectiveTLDPlusOne(canonical(domain)); err != nil {
			return "is all of a public suffix"
		}
	}
	return ""
}

// hosts are the names that a world's records serve, as its files order them, and those of its Workers
// and Pages projects below workers.dev and pages.dev, previews as wildcards.
func (w *World) hosts() (names []string) {
	seen := map[string]bool{}
	for _, doc := range inFileOrder(w, KindRecord) {
		if r := doc.Value.(*Record); r.Proxied && !seen[r.Name] {
			seen[r.Name] = true
			names = append(names, r.Name)
		}
	}
	below := "." + w.Settings().WorkersSubdomain + ".workers.dev"
	for _, doc := range inFileOrder(w, KindWorker) {
		v := doc.Value.(*Worker)
		if v.WorkersDev {
			names = append(names, v.Name+below)
		}
		if v.PreviewURLs {
			names = append(names, "*-"+v.Name+below)
		}
	}
	for _, doc := range inFileOrder(w, KindPagesProject) {
		name := doc.Value.(*PagesProject).Name + ".pages.dev"
		names = append(names, name, "*."+name)
	}
	return names
}

// someHost is an example.
func (w *World) someHost() string {
	if names := w.hosts(); len(names) > 0 {
		return names[0]
	}
	return "app.example.com"
}

// covers tells whether a host is one of names, or below a wildcard among them.
func covers(names []string, host string) bool {
	for _, name := range names {
		if name == host || strings.HasPrefix(name, "*.") && strings.HasSuffix(host, name[1:]) && len(host) >= len(name) {
			return true
		}
		// "*-api.acme.workers.dev": a part of the first label.
		if rest, ok := strings.CutPrefix(name, "*"); ok && !strings.HasPrefix(rest, ".") {
			if part, ok := strings.CutSuffix(host, rest); ok && part != "" && !strings.Contains(part, ".") {
				return true
			}
		}
	}
	return false
}

// destinationOf is a destination of the application with an audience; empty: there is none, or none by host.
func (w *World) destinationOf(aud string) string {
	for doc := range w.All(KindApp) {
		app := doc.Value.(*accessemu.Application)
		if aud == "" || app.AUD != aud {
			continue
		}
		for _, text := range slices.Concat([]string{app.Domain}, app.SelfHostedDomains) {
			if text != "" {
				return normal(text)
			}
		}
		for _, d := range app.Destinations {
			if d.URI != "" {
				return normal(d.URI)
			}
		}
	}
	return ""
}

// audience is the one that the connector, or the Worker, checks for a host already; empty: none.
func (w *World) audience(host string) string {
	for doc := range w.All(KindWorker) {
		v := doc.Value.(*Worker)
		if v.Project == nil || !slices.Contains(w.hostsOf(v), host) {
			continue
		}
		for _, b := range v.Project.Version.Bindings {
			if isAUD(b.Name) && hex64.MatchString(b.Text) {
				return b.Text
			}
		}
	}
	for doc := range w.All(KindTunnel) {
		cfg := doc.Value.(*Tunnel).Config
		if cfg == nil {
			continue
		}
		for _, rule := range cfg.Ingress {
			if a := rule.OriginRequest.Access; a != nil && len(a.AudTag) > 0 && canonical(rule.Hostname) == host {
				return a.AudTag[0]
			}
		}
	}
	return ""
}

// Configs are cloudflared's files of a folder, at most one of each place, the first one first.
func Configs(dir string) []string {
	paths, _ := configsIn(dir, Loader{}.home())
	return paths
}
