package tunnelemu

import (
	"net/netip"
	"testing"
)

func TestIPRules(t *testing.T) {
	rule := func(prefix string, allow bool, ports ...int) IPRule {
		return IPRule{Prefix: &prefix, Ports: ports, Allow: allow}
	}
	for _, c := range []struct {
		name  string
		rules []IPRule
		to    string
		want  bool
	}{
		{"no rules deny", nil, "10.0.0.1:80", false},
		{"no match denies", []IPRule{rule("10.0.0.0/8", true)}, "11.0.0.1:80", false},
		{"every port", []IPRule{rule("10.0.0.0/8", true)}, "10.1.2.3:65535", true},
		{"one of the ports", []IPRule{rule("10.0.0.0/8", true, 80, 443)}, "10.1.2.3:443", true},
		{"another port", []IPRule{rule("10.0.0.0/8", true, 80, 443)}, "10.1.2.3:22", false},
		{"the first match decides: deny", []IPRule{rule("10.0.0.0/16", false), rule("10.0.0.0/8", true)}, "10.0.0.1:80", false},
		{"the first match decides: allow", []IPRule{rule("10.0.0.0/8", true), rule("10.0.0.0/16", false)}, "10.0.0.1:80", true},
		{"a rule for another port is no match", []IPRule{rule("10.0.0.0/8", false, 22), rule("0.0.0.0/0", true)}, "10.0.0.1:80", true},
		{"bits after the length do not count", []IPRule{rule("10.0.0.77/8", true)}, "10.9.9.9:80", true},
		{"IPv6", []IPRule{rule("fd00::/8", true)}, "[fd00::1]:80", true},
		{"IPv4 is not IPv6", []IPRule{rule("::/0", true)}, "10.0.0.1:80", false},
		{"IPv4 written as IPv6 is IPv4", []IPRule{rule("10.0.0.0/8", true)}, "[::ffff:10.0.0.1]:80", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := newIPPolicy(c.rules).allows(netip.MustParseAddrPort(c.to)); got != c.want {
				t.Errorf("%s: %v", c.to, got)
			}
		})
	}
}
