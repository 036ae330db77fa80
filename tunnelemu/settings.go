package tunnelemu

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// settingType is what a flag of the `tunnel` command wants from config.yml. Each is checked without any conversion:
// a quoted number is no int, and the words of YAML 1.1 are no booleans here.
type settingType struct {
	allowed string
	ok      func(any) bool
}

var (
	textSetting = settingType{"a string", func(v any) bool { _, ok := v.(string); return ok }}
	boolSetting = settingType{"true or false, without quotes", func(v any) bool { _, ok := v.(bool); return ok }}
	intSetting  = settingType{"a whole number, without quotes", func(v any) bool { _, ok := v.(int); return ok }}
	timeSetting = settingType{goDuration, func(v any) bool {
		s, ok := v.(string)
		if !ok {
			return false
		}
		_, err := time.ParseDuration(s)
		return err == nil
	}}
	listSetting = settingType{"a list of strings", func(v any) bool {
		list, ok := v.([]any)
		for _, e := range list {
			if _, text := e.(string); !text {
				return false
			}
		}
		return ok
	}}
)

// settingTypes are the flags that the connector reads from config.yml whichever subcommand runs. Names that are not
// here are not looked at, so their values are not checked either.
var settingTypes = func() map[string]settingType {
	m := map[string]settingType{}
	for _, row := range []struct {
		settingType
		names string
	}{
		{textSetting, "api-url cacert credentials-file edge-bind-address edge-ip-version hostname http-host-header label lb-pool log-directory logfile loglevel management-hostname metrics name origin-ca-pool origin-server-name origincert pidfile protocol proxy-address proxy-dns-address quick-service region trace-output transport-loglevel unix-socket url"},
		{boolSetting, "bastion hello-world http2-origin is-autoupdated management-diagnostics no-autoupdate no-chunked-encoding no-prechecks no-tls-verify post-quantum proxy-dns proxy-no-happy-eyeballs quic-disable-pmtu-discovery socks5 stdin-control"},
		{intSetting, "compression-quality ha-connections max-edge-addr-retries max-fetch-size proxy-dns-max-upstream-conns proxy-dns-port proxy-keepalive-connections proxy-port quic-connection-level-flow-control-limit quic-stream-level-flow-control-limit retries"},
		{timeSetting, "autoupdate-freq grace-period metrics-update-freq proxy-connect-timeout proxy-connection-timeout proxy-expect-continue-timeout proxy-keepalive-timeout proxy-tcp-keepalive proxy-tls-timeout rpc-timeout write-stream-timeout"},
		{listSetting, "edge proxy-dns-bootstrap proxy-dns-upstream tag"},
	} {
		for _, name := range strings.Fields(row.names) {
			m[name] = row.settingType
		}
	}
	return m
}()

// otherSettings are flags that are valid in the file and not checked; they are no misspelling of a typed key.
var otherSettings = strings.Fields("config credentials-contents dns-resolver-addrs features force icmpv4-src icmpv6-src max-active-flows output overwrite-dns token token-file virtual-dns")

// setting keeps a top-level key that is no typed one, and checks it when it is a flag's name.
func (d *decoder) setting(cfg *Config, p pair) {
	name := p.key.Value
	var v any
	if err := p.value.Decode(&v); err != nil {
		d.fail(&trail{key: name}, p.value, ClassSyntax, strings.TrimPrefix(err.Error(), "yaml: "), "YAML", "")
		return
	}
	if want, flag := settingTypes[name]; !flag {
		if !slices.Contains(otherSettings, name) {
			d.nearMiss(p.key, []string{"tunnel", "ingress", "originRequest", "warp-routing"})
		}
	} else if !want.ok(v) {
		d.fail(&trail{key: name}, positioned(p), ClassType, describe(p.value), want.allowed, "")
		return
	}
	if cfg.Settings == nil {
		cfg.Settings = map[string]any{}
	}
	cfg.Settings[name] = v
}

// positioned is the value's node, or the key's when an absent value has no place of its own.
func positioned(p pair) *yaml.Node {
	if p.value.Line == 0 {
		return p.key
	}
	return p.value
}

// singleOrigin is the one catch-all rule that a config.yml without ingress describes by flags: hello-world, bastion,
// url or unix-socket, and the proxy flags beside them. Its originRequest is not read then.
func (c *Config) singleOrigin() (Rule, bool) {
	text := func(name string) string { s, _ := c.Settings[name].(string); return s }
	var r Rule
	at := ""
	for _, name := range []string{"hello-world", "bastion"} {
		if on, _ := c.Settings[name].(bool); on && r.Service == "" {
			r.Service, at = strings.ReplaceAll(name, "-", "_"), name
		}
	}
	switch {
	case r.Service != "":
	case text("url") != "":
		r.Service, at = originOf(text("url")), "url"
	case text("unix-socket") != "":
		r.Service, at = "unix:"+text("unix-socket"), "unix-socket"
	default:
		return r, false
	}
	where := c.At(at)
	r.Line, r.Column = where.Line, where.Column
	o := &r.OriginRequest
	setTime := func(to **Duration, name string) {
		if v, err := time.ParseDuration(text(name)); err == nil {
			d := Duration(v)
			*to = &d
		}
	}
	setTime(&o.ConnectTimeout, "proxy-connect-timeout")
	setTime(&o.TLSTimeout, "proxy-tls-timeout")
	setTime(&o.TCPKeepAlive, "proxy-tcp-keepalive")
	setTime(&o.KeepAliveTimeout, "proxy-keepalive-timeout")
	setAs(&o.NoHappyEyeballs, c.Settings["proxy-no-happy-eyeballs"])
	setAs(&o.KeepAliveConnections, c.Settings["proxy-keepalive-connections"])
	setAs(&o.HTTPHostHeader, c.Settings["http-host-header"])
	setAs(&o.OriginServerName, c.Settings["origin-server-name"])
	setAs(&o.CAPool, c.Settings["origin-ca-pool"])
	setAs(&o.NoTLSVerify, c.Settings["no-tls-verify"])
	setAs(&o.DisableChunkedEncoding, c.Settings["no-chunked-encoding"])
	setAs(&o.HTTP2Origin, c.Settings["http2-origin"])
	return r, true
}

func setAs[T any](to **T, v any) {
	if t, ok := v.(T); ok {
		*to = &t
	}
}

// originOf brings the url flag to a service: http by default, and nothing but scheme and host.
func originOf(text string) string {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	return fmt.Sprintf("%s://%s", u.Scheme, u.Host)
}
