package environ

import (
	"fmt"
	"net"
	"slices"
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
		return fmt.Sprintf("%s asks the system's resolver, which knows no name of this world; say sundog dig NAME, or %s", argv[0], flags)
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
