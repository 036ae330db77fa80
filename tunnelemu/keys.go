package tunnelemu

import (
	"fmt"
	"time"
)

// settings are the effective values of the originRequest keys that reach an HTTP origin, with defaults filled in.
type settings struct {
	connectTimeout, tlsTimeout, tcpKeepAlive, keepAliveTimeout time.Duration
	keepAliveConnections                                       int
	noHappyEyeballs, matchSNI, noTLSVerify, http2              bool
	hostHeader, serverName, caPool                             string
}

// originKey is one key of originRequest: how its value becomes a setting, or for which rules and why it is refused.
type originKey struct {
	name   string
	set    func(s *settings, o *OriginRequest)
	refuse func(k *compiled) string // "" when the key would change nothing
}

// originKeys are all keys but proxyAddress and proxyPort, which the connector reads and uses nowhere.
var originKeys = []originKey{
	{name: "connectTimeout", set: func(s *settings, o *OriginRequest) { setDuration(&s.connectTimeout, 30*time.Second, o.ConnectTimeout) }},
	{name: "tlsTimeout", set: func(s *settings, o *OriginRequest) { setDuration(&s.tlsTimeout, 10*time.Second, o.TLSTimeout) }},
	{name: "tcpKeepAlive", set: func(s *settings, o *OriginRequest) { setDuration(&s.tcpKeepAlive, 30*time.Second, o.TCPKeepAlive) }},
	{name: "keepAliveTimeout", set: func(s *settings, o *OriginRequest) {
		setDuration(&s.keepAliveTimeout, 90*time.Second, o.KeepAliveTimeout)
	}},
	{name: "keepAliveConnections", set: func(s *settings, o *OriginRequest) { setValue(&s.keepAliveConnections, 100, o.KeepAliveConnections) }},
	{name: "noHappyEyeballs", set: func(s *settings, o *OriginRequest) { setValue(&s.noHappyEyeballs, false, o.NoHappyEyeballs) }},
	{name: "httpHostHeader", set: func(s *settings, o *OriginRequest) { setValue(&s.hostHeader, "", o.HTTPHostHeader) }},
	{name: "originServerName", set: func(s *settings, o *OriginRequest) { setValue(&s.serverName, "", o.OriginServerName) }},
	{name: "matchSNItoHost", set: func(s *settings, o *OriginRequest) { setValue(&s.matchSNI, false, o.MatchSNIToHost) }},
	{name: "caPool", set: func(s *settings, o *OriginRequest) { setValue(&s.caPool, "", o.CAPool) }},
	{name: "noTLSVerify", set: func(s *settings, o *OriginRequest) { setValue(&s.noTLSVerify, false, o.NoTLSVerify) }},
	{name: "http2Origin", set: func(s *settings, o *OriginRequest) { setValue(&s.http2, false, o.HTTP2Origin) }},
	{name: "disableChunkedEncoding", refuse: func(k *compiled) string {
		if isTrue(k.origin.DisableChunkedEncoding) && (k.service.kind == kindHTTP || k.service.kind == kindUnix) {
			return "a body of unknown length would have to be sent without any framing"
		}
		return ""
	}},
	{name: "bastionMode", refuse: func(k *compiled) string {
		if isTrue(k.origin.BastionMode) && k.service.kind == kindStream {
			return "TCP over WebSocket is not built"
		}
		return ""
	}},
	{name: "proxyType", refuse: func(k *compiled) string {
		if k.origin.ProxyType != nil && *k.origin.ProxyType == "socks" && k.service.kind == kindStream {
			return "SOCKS over WebSocket is not built"
		}
		return ""
	}},
	{name: "ipRules", refuse: func(k *compiled) string {
		if len(k.rule.OriginRequest.IPRules) > 0 && k.service.kind == kindSocks {
			return "SOCKS over WebSocket is not built"
		}
		return ""
	}},
	{name: "access", refuse: func(k *compiled) string {
		// Only the rule's own block counts; the connector never enforces the top-level one.
		if a := k.rule.OriginRequest.Access; a != nil && a.Required {
			return "the connector's own check of the Access token is not built"
		}
		return ""
	}},
}

func (o *OriginRequest) settings() settings {
	var s settings
	for _, key := range originKeys {
		if key.set != nil {
			key.set(&s, o)
		}
	}
	return s
}

// unsupported names every service and key that would need what is not built.
func (c *Config) unsupported(rules []compiled) (errs Errors) {
	seen := map[string]bool{}
	for i := range rules {
		k := &rules[i]
		at := fmt.Sprintf("ingress[%d].", i)
		if k.service.kind == kindStream || k.service.kind == kindSocks {
			field := at + "service"
			if len(c.Ingress) == 0 {
				field = "url"
			}
			errs = append(errs, c.errorAt(field, &Error{Class: ClassUnsupported, Found: fmt.Sprintf("the service %s is not supported yet: TCP over WebSocket is not built", k.service.name), Allowed: "http, https, ws, wss, unix, unix+tls, http_status, hello_world"}))
		}
		for _, key := range originKeys {
			if key.refuse == nil {
				continue
			}
			why := key.refuse(k)
			if why == "" {
				continue
			}
			field := at + "originRequest." + key.name
			if own := c.At(field); c.root != nil && own == c.At(at+"originRequest") {
				field = "originRequest." + key.name
			}
			if seen[field] {
				continue
			}
			seen[field] = true
			errs = append(errs, c.errorAt(field, &Error{Class: ClassUnsupported, Found: "the origin request key " + key.name + " is not supported yet: " + why, Allowed: "the configuration without it"}))
		}
	}
	sortErrors(errs)
	return errs
}

func setDuration(to *time.Duration, def time.Duration, v *Duration) {
	*to = def
	if v != nil {
		*to = time.Duration(*v)
	}
}

func setValue[T any](to *T, def T, v *T) {
	*to = def
	if v != nil {
		*to = *v
	}
}
