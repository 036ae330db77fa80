package tunnelemu

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// managementHost is answered by the connector itself, before any rule.
const managementHost = "management.argotunnel.com"

// Findings lists what is legal but probably wrong in a valid configuration, but for unknown keys, which only the
// parsers see (their findings include these). What New refuses is an error there and not listed here.
func (c *Config) Findings() []Finding {
	f := &finder{cfg: c}
	if _, _, named := c.rules(); !named {
		f.add("", "no ingress rules: every request is answered with 503", "add ingress, or url for a single origin")
	}
	if c.OriginRequest.Access != nil {
		f.add("originRequest.access", "cloudflared ignores access at top level: no request is checked (github.com/cloudflare/cloudflared/issues/784)", "move it into the originRequest of each rule")
	}
	f.settings()
	if len(c.Ingress) > 0 {
		compiled, _ := c.compile()
		reach := newReach()
		for i := range compiled {
			f.rule(i, &compiled[i], reach)
		}
	}
	f.effects("originRequest", &c.OriginRequest, nil)
	return f.list
}

type finder struct {
	cfg  *Config
	list []Finding
}

func (f *finder) add(field, text, mend string) {
	at := f.cfg.At(field)
	f.list = append(f.list, Finding{File: f.cfg.File, Line: at.Line, Column: at.Column, Field: field, Text: text, Mend: mend})
}

// settings are flags that the run command refuses or that ingress makes useless.
func (f *finder) settings() {
	s := f.cfg.Settings
	if v, ok := s["grace-period"].(string); ok {
		if d, err := time.ParseDuration(v); err == nil && d > 3*time.Minute {
			f.add("grace-period", "cloudflared tunnel run exits: more than 3m", "write at most 3m")
		}
	}
	if v, ok := s["edge-ip-version"].(string); ok && !slices.Contains([]string{"4", "6", "auto"}, v) {
		f.add("edge-ip-version", "cloudflared tunnel run exits: "+quoted(v)+" is none of auto, 4, 6", "write auto")
	}
	if _, err := f.cfg.transport(""); err != nil {
		f.add("protocol", "cloudflared tunnel run exits: "+err.Found+" is no transport", "write auto")
	}
	if _, errs := f.cfg.warpTags(""); len(errs) > 0 {
		f.add(errs[0].Field, "cloudflared tunnel run exits: "+errs[0].Found+" is not NAME=VALUE", "")
	}
	if len(f.cfg.Ingress) == 0 {
		return
	}
	if u, _ := s["url"].(string); u != "" {
		f.add("url", "without effect beside ingress, and `ingress validate` refuses it", "remove it: the last ingress rule is the catch-all")
	}
	for _, name := range []string{"hello-world", "bastion", "unix-socket", "http-host-header", "origin-server-name", "origin-ca-pool", "no-tls-verify", "no-chunked-encoding", "http2-origin"} {
		if _, ok := s[name]; ok {
			f.add(name, "without effect beside ingress", "use originRequest and a rule's service")
		}
	}
}

func (f *finder) rule(i int, k *compiled, reach *reach) {
	r := k.rule
	at := fmt.Sprintf("ingress[%d]", i)
	host := at + ".hostname"
	wild := strings.HasPrefix(r.Hostname, "*.")
	switch {
	case r.Hostname == managementHost:
		f.add(host, "never reached: the connector answers this host itself", "")
	case len(r.Hostname) > 1 && r.Hostname[0] == '*' && !wild:
		f.add(host, quoted(r.Hostname)+" is no wildcard without a dot after the star: only that text itself would match", `write "*.`+r.Hostname[1:]+`"`)
	case strings.ContainsAny(r.Hostname, "/?#@ \t"):
		f.add(host, quoted(r.Hostname)+" holds characters that no host name has, so it never matches", "write the host alone")
	case len(r.Hostname) > 1 && strings.HasSuffix(r.Hostname, "."):
		f.add(host, "hosts are compared as they come and the edge sends none with a trailing dot", "write "+quoted(strings.TrimSuffix(r.Hostname, ".")))
	case wild && !isASCII(r.Hostname):
		f.add(host, "clients send punycode, and a wildcard has no punycode form: it never matches", "write the wildcard in punycode")
	case wild && r.Hostname != strings.ToLower(r.Hostname):
		f.add(host, "hosts are compared case-sensitively and the edge sends them in lower case", "write "+quoted(strings.ToLower(r.Hostname)))
	}
	if earlier := reach.covered(i, k); earlier >= 0 {
		f.add(at, fmt.Sprintf("never reached: rule %d before it takes every such request (rules count from 0)", earlier), "move it up, or remove it")
	}
	reach.note(i, k)

	switch {
	case k.service.kind == kindStatus && k.service.status < 200:
		f.add(at+".service", fmt.Sprintf("%d is no final status: the request is aborted without an answer", k.service.status), "use 200 or above")
	case k.service.kind == kindHTTP && (k.service.url.User != nil || k.service.url.RawQuery != "" || k.service.url.Fragment != ""):
		f.add(at+".service", "only scheme, host and port are used: user, query and fragment are dropped", "write "+k.service.url.Scheme+"://"+k.service.url.Host)
	}
	if a := r.OriginRequest.Access; a != nil && a.Required && len(a.AudTag) == 0 {
		f.add(at+".originRequest.access", "required without audTag: no request passes", "add audTag and teamName")
	}
	if k.service.kind == kindStream && k.service.url != nil && k.service.url.Port() == "" {
		f.add(at+".service", k.service.name+" has no default port, so every connection fails", "write "+k.service.text+":PORT")
	}
	if k.service.kind == kindSocks && len(r.OriginRequest.IPRules) == 0 {
		f.add(at+".service", "without ipRules in the rule itself every destination is denied", "add ipRules: [{prefix: 10.0.0.0/8, allow: true}]")
	}
	f.effects(at+".originRequest", &r.OriginRequest, &k.service)
}

// effects names the keys that change nothing; s is the rule's service, nil at top level.
func (f *finder) effects(at string, o *OriginRequest, s *service) {
	if o.ProxyAddress != nil {
		f.add(at+".proxyAddress", "without effect in cloudflared", "remove it")
	}
	if o.ProxyPort != nil {
		f.add(at+".proxyPort", "without effect in cloudflared", "remove it")
	}
	if o.ProxyType != nil && *o.ProxyType != "" && *o.ProxyType != "socks" {
		f.add(at+".proxyType", quoted(*o.ProxyType)+" is without effect: cloudflared knows only socks", "remove it")
	}
	if s == nil {
		if len(o.IPRules) > 0 {
			f.add(at+".ipRules", "without effect at top level: the rules of a socks-proxy are read from the rule itself", "move it into the rule")
		}
		return
	}
	if o.ProxyType != nil && *o.ProxyType == "socks" && s.kind != kindStream {
		f.add(at+".proxyType", "without effect on the service "+s.name, "remove it")
	}
	if len(o.IPRules) > 0 && s.kind != kindSocks {
		f.add(at+".ipRules", "without effect on the service "+s.name+": only socks-proxy reads it", "remove it")
	}
	if s.kind == kindUnix {
		if o.HTTPHostHeader != nil && *o.HTTPHostHeader != "" {
			f.add(at+".httpHostHeader", "without effect on the service "+s.name, "remove it")
		}
		if isTrue(o.MatchSNIToHost) {
			f.add(at+".matchSNItoHost", "without effect on the service "+s.name, "use originServerName")
		}
	}
}

// reach remembers what earlier rules take, to find rules that nothing reaches.
type reach struct {
	host map[string]int    // hosts taken whole, by the first rule without a path
	tail map[string]int    // suffixes taken whole: ".example.com"
	same map[[2]string]int // hostname and path
}

func newReach() *reach {
	return &reach{host: map[string]int{}, tail: map[string]int{}, same: map[[2]string]int{}}
}

func (r *reach) covered(i int, k *compiled) int {
	if j, ok := r.same[[2]string{k.rule.Hostname, k.rule.Path}]; ok {
		return j
	}
	j := r.taken(k.rule.Hostname)
	if j >= 0 && k.puny != "" && r.taken(k.puny) < 0 {
		return -1
	}
	return j
}

// taken is the rule that takes all of host, or -1. A wildcard is inside a wildcard whose suffix its own ends with.
func (r *reach) taken(host string) int {
	if j, ok := r.host[host]; ok {
		return j
	}
	for i := 0; i < len(host); i++ {
		if host[i] == '.' {
			if j, ok := r.tail[host[i:]]; ok {
				return j
			}
		}
	}
	return -1
}

func (r *reach) note(i int, k *compiled) {
	key := [2]string{k.rule.Hostname, k.rule.Path}
	if _, ok := r.same[key]; !ok {
		r.same[key] = i
	}
	if k.rule.Path != "" {
		return
	}
	for _, host := range []string{k.rule.Hostname, k.puny} {
		into := r.host
		if strings.HasPrefix(host, "*.") {
			host, into = host[1:], r.tail
		}
		if _, ok := into[host]; !ok && host != "" {
			into[host] = i
		}
	}
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}
