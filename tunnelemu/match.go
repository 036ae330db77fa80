package tunnelemu

import "strings"

// index finds the first rule that matches a host and path in a time that does not grow with the number of rules that
// name a host. It keeps the connector's order: of all candidates the lowest number wins.
type index struct {
	rules   []compiled
	literal chains
	puny    chains // the other form of internationalised and upper-case hostnames
	suffix  chains // ".example.com" for "*.example.com"
	any     []int32
	longest int // length of the longest suffix
}

// chains lists, for each key, the rules that have it, in rising order.
type chains struct {
	first map[string]int32
	next  []int32 // of rule i, the next rule with the same key; 0 ends the chain
}

func (c *chains) put(n int, key string, rule int32) {
	if c.first == nil {
		c.first, c.next = map[string]int32{}, make([]int32, n)
	}
	// Rules are put from the last to the first, so that each becomes its chain's head.
	c.next[rule] = c.first[key]
	c.first[key] = rule + 1
}

func newIndex(rules []compiled) *index {
	x := &index{rules: rules}
	for i := len(rules) - 1; i >= 0; i-- {
		host := rules[i].rule.Hostname
		switch {
		case host == "" || host == "*":
			x.any = append(x.any, int32(i))
			continue
		case strings.HasPrefix(host, "*."):
			x.suffix.put(len(rules), host[1:], int32(i))
			x.longest = max(x.longest, len(host)-1)
		default:
			x.literal.put(len(rules), host, int32(i))
		}
		if p := rules[i].puny; p != "" {
			x.puny.put(len(rules), p, int32(i))
		}
	}
	for i, j := 0, len(x.any)-1; i < j; i, j = i+1, j-1 {
		x.any[i], x.any[j] = x.any[j], x.any[i]
	}
	return x
}

// find is the number of the first rule that matches, or the last rule's when none does. host has no port.
func (x *index) find(host, path string) int {
	best := int32(len(x.rules))
	best = x.along(&x.literal, host, path, best)
	best = x.along(&x.puny, host, path, best)
	for i := max(0, len(host)-x.longest); i < len(host); i++ {
		if host[i] == '.' {
			best = x.along(&x.suffix, host[i:], path, best)
		}
	}
	for _, i := range x.any {
		if i >= best {
			break
		}
		if x.rules[i].matchPath(path) {
			best = i
			break
		}
	}
	if int(best) == len(x.rules) {
		return len(x.rules) - 1
	}
	return int(best)
}

// along is the first rule of a key's chain below best whose path matches, else best.
func (x *index) along(c *chains, key, path string, best int32) int32 {
	for i := c.first[key]; i != 0 && i <= best; i = c.next[i-1] {
		if x.rules[i-1].matchPath(path) {
			return i - 1
		}
	}
	return best
}

func (k *compiled) matchPath(path string) bool { return k.path == nil || k.path.MatchString(path) }

// match says how the host met the rule.
func (k *compiled) match(host string) Match {
	r := k.rule
	switch {
	case k.unnamed:
		return MatchDefault
	case r.Hostname == "" || r.Hostname == "*":
		return MatchAny
	case r.Hostname == host || k.puny != "" && k.puny == host:
		return MatchHost
	}
	return MatchWildcard
}

// matchHost is one rule's host test, as the connector makes it.
func (k *compiled) matchHost(host string) bool {
	name := k.rule.Hostname
	return name == "" || name == "*" || name == host || k.puny != "" && k.puny == host ||
		strings.HasPrefix(name, "*.") && strings.HasSuffix(host, name[1:])
}

// dropPort is the host alone when the text splits as host:port in the way of net.SplitHostPort, else the text itself.
// It exists because SplitHostPort allocates for every host without a port.
func dropPort(text string) string {
	colon := strings.LastIndexByte(text, ':')
	if colon < 0 {
		return text
	}
	host := text[:colon]
	if text[0] == '[' {
		end := strings.IndexByte(text, ']')
		if end < 0 || end+1 != colon {
			return text
		}
		host = text[1:end]
		if strings.IndexByte(text[1:], '[') >= 0 || strings.IndexByte(text[end+1:], ']') >= 0 {
			return text
		}
		return host
	}
	if strings.IndexByte(host, ':') >= 0 || strings.ContainsAny(text, "[]") {
		return text
	}
	return host
}
