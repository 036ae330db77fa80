package tunnelemu

import "time"

// settings are the effective values of the originRequest keys that reach an origin, with defaults filled in.
type settings struct {
	connectTimeout, tlsTimeout, tcpKeepAlive, keepAliveTimeout           time.Duration
	keepAliveConnections                                                 int
	noHappyEyeballs, matchSNI, noTLSVerify, http2, disableChunked, socks bool
	hostHeader, serverName, caPool                                       string
}

// originKey is one key of originRequest: how its value becomes a setting, or what reads it instead.
type originKey struct {
	name  string
	set   func(s *settings, o *OriginRequest)
	reads string
}

// originKeys are all keys.
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
	{name: "disableChunkedEncoding", set: func(s *settings, o *OriginRequest) { setValue(&s.disableChunked, false, o.DisableChunkedEncoding) }},
	{name: "proxyType", set: func(s *settings, o *OriginRequest) { s.socks = o.ProxyType != nil && *o.ProxyType == "socks" }},
	{name: "bastionMode", reads: "the choice of the service"},
	{name: "ipRules", reads: "socks-proxy, from the rule itself"},
	{name: "access", reads: "the check before the origin, from the rule itself"},
	{name: "proxyAddress", reads: "nothing, as in the connector"},
	{name: "proxyPort", reads: "nothing, as in the connector"},
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
