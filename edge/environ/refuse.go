package environ

import (
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// cloudflaredValued are cloudflared's flags that take a value of their own
// word. A flag that is not here is taken for one without, so that an unknown
// flag never hides a command that must be refused.
var cloudflaredValued = []string{
	"config", "origincert", "credentials-file", "cred-file", "credentials-contents", "token", "token-file",
	"protocol", "p", "edge", "region", "edge-ip-version", "edge-bind-address", "cacert", "ha-connections", "retries",
	"max-edge-addr-retries", "rpc-timeout", "write-stream-timeout", "grace-period", "metrics", "loglevel",
	"transport-loglevel", "proto-loglevel", "logfile", "log-directory", "output", "pidfile", "autoupdate-freq", "tag",
	"label", "features", "F", "max-active-flows", "dns-resolver-addrs", "icmpv4-src", "icmpv6-src",
	"management-hostname", "api-url", "quick-service", "name", "n", "hostname", "lb-pool", "max-fetch-size", "url",
	"unix-socket", "proxy-connect-timeout", "proxy-tls-timeout", "proxy-tcp-keepalive",
	"proxy-keepalive-connections", "proxy-keepalive-timeout", "http-host-header", "origin-server-name",
	"origin-ca-pool", "proxy-address", "proxy-port",
}

// Refuse says whether CMD is a command that would leave the lookalike
// internet or change this machine, and why, with what to use instead.
func Refuse(argv []string) (reason string, refused bool) {
	if len(argv) == 0 || commandName(argv[0]) != "cloudflared" {
		return "", false
	}
	words, flags := cloudflaredWords(argv[1:])
	if slices.Contains(flags, "help") || slices.Contains(flags, "h") {
		return "", false
	}
	at := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	switch {
	case at(0) == "login", at(0) == "tunnel" && at(1) == "login":
		return "cloudflared login fetches the certificate of a real account; under sundog exec this world's is in place already (TUNNEL_ORIGIN_CERT), so leave the login out", true
	case at(0) == "service" && at(1) != "":
		return "cloudflared service would change this machine's own service; dial in without one: cloudflared tunnel run NAME, or cloudflared tunnel run --token TOKEN", true
	case at(0) == "tunnel" && at(1) == "", at(0) == "" && len(flags) > 0 && !slices.Contains(flags, "version"):
		if service, err := url.Parse(flagValue(argv[1:], "quick-service")); err == nil && isLoopback(service.Hostname()) {
			return "", false
		}
		return "cloudflared tunnel without a command makes a quick tunnel, on the real network; say sundog tunnel quick URL for one here, or cloudflared tunnel run NAME", true
	}
	return "", false
}

// isLoopback tells whether a host is this machine.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback() || host == "localhost"
}

// cloudflaredWords splits arguments into commands with their arguments, and
// names of flags.
func cloudflaredWords(args []string) (words, flags []string) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			return append(words, args[i+1:]...), flags
		}
		if !strings.HasPrefix(arg, "-") || arg == "-" {
			words = append(words, arg)
			continue
		}
		name, _, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		flags = append(flags, name)
		if !hasValue && slices.Contains(cloudflaredValued, name) {
			i++
		}
	}
	return words, flags
}

// commandName is a command without folder and without Windows' suffixes.
func commandName(path string) string {
	name := filepath.Base(strings.ReplaceAll(path, `\`, "/"))
	lower := strings.ToLower(name)
	for _, suffix := range []string{".exe", ".cmd", ".bat", ".ps1"} {
		if strings.HasSuffix(lower, suffix) {
			return lower[:len(lower)-len(suffix)]
		}
	}
	return name
}
