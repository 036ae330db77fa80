package tunnelemu

import (
	"fmt"
	"net"
	"regexp"
	"strings"

	"golang.org/x/net/idna"
)

// compiled is one rule, checked and ready to match.
type compiled struct {
	rule    *Rule
	unnamed bool // the rule of a configuration without rules
	service service
	path    *regexp.Regexp // nil: every path
	puny    string         // the hostname's other form, "" when there is none
	origin  OriginRequest  // effective: the rule's own keys over the top-level ones
}

// defaultRule answers when nothing says where requests go.
var defaultRule = Rule{Service: "http_status:503"}

// rules are what the connector would run: the ingress rules, else the one origin that flags describe, else 503.
func (c *Config) rules() (rules []Rule, defaults OriginRequest, named bool) {
	if len(c.Ingress) > 0 {
		return c.Ingress, c.OriginRequest, true
	}
	if r, ok := c.singleOrigin(); ok {
		return []Rule{r}, OriginRequest{}, true
	}
	return []Rule{defaultRule}, OriginRequest{}, false
}

// Validate reports, as Errors, every reason why the connector would refuse to start with this configuration. The
// parsers have already asked; a Config filled by hand is checked by New.
func (c *Config) Validate() error {
	_, errs := c.compile()
	return errs.err()
}

func (c *Config) compile() ([]compiled, Errors) {
	rules, defaults, named := c.rules()
	list := make([]compiled, len(rules))
	var errs Errors
	for i := range rules {
		k := &list[i]
		k.rule, k.origin, k.unnamed = &rules[i], defaults, !named
		k.origin.override(&rules[i].OriginRequest)
		for _, e := range k.compile(i == len(rules)-1, i) {
			field := fmt.Sprintf("ingress[%d]", i)
			if len(c.Ingress) == 0 {
				e.Field = "url"
			} else if e.Field == "" {
				e.Field = field
			} else {
				e.Field = field + "." + e.Field
			}
			errs = append(errs, c.errorAt(e.Field, e))
		}
	}
	return list, errs
}

// errorAt completes an error with the place of its field.
func (c *Config) errorAt(field string, e *Error) *Error {
	at := c.At(field)
	e.File, e.Field, e.Line, e.Column = c.File, field, at.Line, at.Column
	return e
}

// compile runs a rule's checks in the connector's order; fields of the errors are relative to the rule.
func (k *compiled) compile(last bool, index int) (errs Errors) {
	r := k.rule
	var bad *Error
	if k.service, bad = parseService(r, &k.origin); bad != nil {
		if bad.Field == "" {
			bad.Field = "service"
		}
		errs = append(errs, bad)
	}
	if a := r.OriginRequest.Access; a != nil && a.Required && len(a.AudTag) > 0 && a.TeamName == "" {
		errs = append(errs, &Error{Class: ClassAccess, Field: "originRequest.access", Found: "required with audTag, but no teamName", Allowed: "teamName: the part of the team's address before .cloudflareaccess.com"})
	}
	errs = append(errs, checkHostname(r, last, index)...)
	if r.Path != "" {
		re, err := regexp.Compile(r.Path)
		if err != nil {
			errs = append(errs, &Error{Class: ClassRegexp, Field: "path", Found: fmt.Sprintf("%s in rule #%d: %s", quoted(r.Path), index+1, reason(err)), Allowed: "an RE2 expression, as package regexp takes it"})
		}
		k.path = re
	}
	if ascii, err := idna.Lookup.ToASCII(r.Hostname); err == nil && ascii != r.Hostname {
		k.puny = ascii
	}
	return errs
}

func checkHostname(r *Rule, last bool, index int) (errs Errors) {
	if strings.LastIndexByte(r.Hostname, '*') > 0 {
		return Errors{{Class: ClassWildcard, Field: "hostname", Found: quoted(r.Hostname), Allowed: `one "*", and only as the first label: "*.example.com"`}}
	}
	if host, _, err := net.SplitHostPort(r.Hostname); err == nil {
		e := &Error{Class: ClassHostPort, Field: "hostname", Found: quoted(r.Hostname), Allowed: "a hostname without scheme and port; requests match whatever port they name"}
		if host != "" {
			e.Hint = "write " + host
		}
		return Errors{e}
	}
	everyHost := r.Hostname == "" || r.Hostname == "*"
	switch {
	case last && !everyHost:
		return Errors{{Class: ClassNoCatchAll, Field: "hostname", Found: "the last rule is only for " + quoted(r.Hostname), Allowed: "a last rule without hostname and path", Hint: "add a rule: - service: http_status:404"}}
	case last && r.Path != "":
		return Errors{{Class: ClassNoCatchAll, Field: "path", Found: "the last rule is only for paths that match " + quoted(r.Path), Allowed: "a last rule without hostname and path", Hint: "add a rule: - service: http_status:404"}}
	case !last && everyHost && r.Path == "":
		return Errors{{Class: ClassShadowing, Field: "hostname", Found: fmt.Sprintf("rule #%d matches every request, so the rules after it are never reached", index+1), Allowed: "a catch-all as the last rule only", Hint: "give it a hostname or a path, or move it to the end"}}
	}
	return nil
}

// reason is the regexp package's message without its preamble.
func reason(err error) string {
	return strings.TrimPrefix(err.Error(), "error parsing regexp: ")
}

// override sets every key that over has.
func (o *OriginRequest) override(over *OriginRequest) {
	take(&o.ConnectTimeout, over.ConnectTimeout)
	take(&o.TLSTimeout, over.TLSTimeout)
	take(&o.TCPKeepAlive, over.TCPKeepAlive)
	take(&o.NoHappyEyeballs, over.NoHappyEyeballs)
	take(&o.KeepAliveConnections, over.KeepAliveConnections)
	take(&o.KeepAliveTimeout, over.KeepAliveTimeout)
	take(&o.HTTPHostHeader, over.HTTPHostHeader)
	take(&o.OriginServerName, over.OriginServerName)
	take(&o.MatchSNIToHost, over.MatchSNIToHost)
	take(&o.CAPool, over.CAPool)
	take(&o.NoTLSVerify, over.NoTLSVerify)
	take(&o.DisableChunkedEncoding, over.DisableChunkedEncoding)
	take(&o.BastionMode, over.BastionMode)
	take(&o.ProxyAddress, over.ProxyAddress)
	take(&o.ProxyPort, over.ProxyPort)
	take(&o.ProxyType, over.ProxyType)
	take(&o.HTTP2Origin, over.HTTP2Origin)
	take(&o.Access, over.Access)
	if len(over.IPRules) > 0 {
		o.IPRules = over.IPRules
	}
}

func take[T any](to **T, from *T) {
	if from != nil {
		*to = from
	}
}
