package accessemu

// fold is the route with its path in lower case, if that differs.
func (r *route) fold() (*route, bool) {
	text := lowerASCII(r.path.text)
	if text == r.path.text {
		return nil, false
	}
	low := *r
	low.path = newPathPattern(text)
	return &low, true
}

// otherCase is the route that would decide if case did not count, or nil when
// no letter's case matters. Paths differ by case here, as in a URL, but not for
// every server.
func (c *Config) otherCase(host, path string) *route {
	if !hasUpper(path) && c.folded.literal.Len() == 0 && c.folded.wild.Len() == 0 {
		return nil
	}
	best := c.index.find(host, path, true)
	if r := c.folded.find(host, path, true); r != nil && (best == nil || r.precedes(best)) {
		best = r
	}
	return best
}

func hasUpper(s string) bool {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return true
		}
	}
	return false
}

// sayCase adds to Why what a server that ignores case would make of the path of
// a request that is passed on.
func (d *Decision) sayCase(c *Config, host, path string) {
	if r := c.otherCase(host, path); r != nil && r.app != d.App {
		d.Why += "; a server that ignores case takes the path for one of " + r.destination + ", which " + r.app.label() + " covers"
	}
}
