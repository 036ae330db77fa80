package accessemu

import (
	"strings"

	"golang.org/x/net/idna"
)

// hostPattern is the host of a destination: labels with at most one "*" each,
// which stands for any text inside that label only. A label that is "*" alone
// stands for any label.
type hostPattern struct {
	text    string // lower case, punycode
	labels  []labelPattern
	stars   int
	partial bool   // has wildcards, and none of them is a whole label
	head    string // literal text before the first "*"
	tail    string // literal text after the last "*"
}

type labelPattern struct {
	prefix, suffix string
	star           bool
}

func (p *hostPattern) literal() bool { return p.stars == 0 }

// rank orders hosts of different kind: a name before a partial wildcard before
// a whole label's.
func (p *hostPattern) rank() int {
	switch {
	case p.stars == 0:
		return 2
	case p.partial:
		return 1
	}
	return 0
}

// parseHost answers what is wrong in words, or "".
func parseHost(s string) (hostPattern, string) {
	p := hostPattern{partial: true}
	s = strings.TrimSuffix(lowerASCII(s), ".")
	if s == "" {
		return p, "the host is empty"
	}
	if strings.ContainsAny(s, ":[]") {
		return p, "an application has no port; it holds on every port"
	}
	labels := strings.Split(s, ".")
	for i, label := range labels {
		before, after, star := strings.Cut(label, "*")
		switch {
		case strings.Contains(after, "*"):
			return p, `at most one "*" may stand between two dots`
		case star && i == len(labels)-1:
			return p, `the last label may not hold "*"`
		case star && !literalPart(before, after):
			return p, "letters, digits, hyphens and dots are allowed in a host"
		case star:
			p.stars++
			p.partial = p.partial && label != "*"
		default:
			ascii, err := idna.Lookup.ToASCII(label)
			if err != nil && !validLabel(label) {
				return p, "letters, digits, hyphens and dots are allowed in a host"
			}
			if err == nil {
				before = ascii
			}
			if !validLabel(before) {
				return p, "letters, digits, hyphens and dots are allowed in a host"
			}
			labels[i] = before
		}
		p.labels = append(p.labels, labelPattern{before, after, star})
	}
	p.text = strings.Join(labels, ".")
	if len(p.text) > 253 {
		return p, "a host has at most 253 letters"
	}
	p.partial = p.partial && p.stars > 0
	p.head, p.tail = p.text, p.text
	if p.stars > 0 {
		p.head = p.text[:strings.IndexByte(p.text, '*')]
		p.tail = p.text[strings.LastIndexByte(p.text, '*')+1:]
	}
	return p, ""
}

func literalPart(parts ...string) bool {
	for _, s := range parts {
		for i := 0; i < len(s); i++ {
			if !labelByte(s[i]) {
				return false
			}
		}
	}
	return true
}

// match tells whether host, in canonical form, is one of the pattern's.
func (p *hostPattern) match(host string) bool {
	for i := range p.labels {
		label, rest, more := strings.Cut(host, ".")
		if more != (i < len(p.labels)-1) || !p.labels[i].match(label) {
			return false
		}
		host = rest
	}
	return true
}

func (p *labelPattern) match(label string) bool {
	if !p.star {
		return label == p.prefix
	}
	return len(label) > 0 && len(label) >= len(p.prefix)+len(p.suffix) &&
		strings.HasPrefix(label, p.prefix) && strings.HasSuffix(label, p.suffix)
}
