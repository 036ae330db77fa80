package environ

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
)

// Hint is advice about a CMD that is known to ignore the proxy; empty: none.
// dns is the address of the DNS listener; empty: there is none. CMD runs all
// the same.
func Hint(argv []string, dns string) string {
	if len(argv) == 0 {
		return ""
	}
	host, port, err := net.SplitHostPort(dns)
	hasDNS := err == nil
	asks := func(flags string) string {
		if !hasDNS {
			return argv[0] + " asks the system's resolver, which knows no name of this world"
		}
		return fmt.Sprintf("%s asks the system's resolver, which knows no name of this world; say %s", argv[0], flags)
	}
	args := argv[1:]
	switch commandName(argv[0]) {
	case "nslookup":
		if !slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "-po") }) {
			return asks(fmt.Sprintf("nslookup -port=%s NAME %s", port, host))
		}
	case "dig", "kdig", "drill":
		if !slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "@") }) {
			return asks(fmt.Sprintf("%s @%s -p %s NAME", commandName(argv[0]), host, port))
		}
	case "host":
		if !slices.Contains(args, "-p") {
			return asks(fmt.Sprintf("host -p %s NAME %s", port, host))
		}
	case "wrangler":
		return wranglerHint(args)
	case "npx", "bunx", "pnpx":
		if i := slices.Index(args, "wrangler"); i >= 0 {
			return wranglerHint(args[i+1:])
		}
	}
	return ""
}

func wranglerHint(args []string) string {
	if !slices.Contains(args, "dev") {
		return ""
	}
	return "wrangler dev: the Worker's own fetch ignores the proxy and does not reach this world"
}

// NodeHint is advice for a Node of the given version ("v20.20.2", as node
// --version prints it) that ignores NODE_USE_ENV_PROXY; empty: it obeys, or
// the version cannot be read. fetch obeys from 22.21 and 24.0 on.
func NodeHint(version string) string {
	parts := strings.SplitN(strings.TrimPrefix(strings.TrimSpace(version), "v"), ".", 3)
	if len(parts) < 2 {
		return ""
	}
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	if err1 != nil || err2 != nil || major >= 24 || major == 22 && minor >= 21 {
		return ""
	}
	return fmt.Sprintf("Node %s ignores proxy variables: its fetch does not reach this world; use Node 22.21, 24 or newer",
		strings.TrimSpace(version))
}
