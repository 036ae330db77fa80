package dnsemu

import (
	"strings"

	"golang.org/x/net/idna"
)

// unicode turns U-labels into A-labels, as the API stores names. Underscores and
// stars pass.
var unicode = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// canonicalName is name in lower case and ASCII, without a trailing dot; ok is
// false when it is no name that a record may have or point to.
func canonicalName(name string) (canonical string, ok bool) {
	s := strings.TrimSuffix(name, ".")
	for i := range len(s) {
		if s[i] >= 0x80 {
			ascii, err := unicode.ToASCII(s)
			if err != nil {
				return "", false
			}
			s = ascii
			break
		}
	}
	s = strings.ToLower(s)
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_', c == '.', c == '*':
		default:
			return "", false
		}
	}
	var buf [maxKey]byte
	_, ok = appendKey(buf[:0], s)
	return s, ok
}

// inZone reports whether the canonical name is the zone's or below it.
func inZone(name, zone string) bool {
	return name == zone || strings.HasSuffix(name, zone) && name[len(name)-len(zone)-1] == '.'
}

// ownerName is the canonical absolute form of a record's name in a zone.
func ownerName(name, zone string) (string, *FieldError) {
	wrong := &FieldError{
		Field: "name", Found: quote(name),
		Allowed: `"@", a name in ` + zone + " or one relative to it: labels of 1 to 63 letters, digits, hyphens, underscores or stars, 253 characters in all",
	}
	if name == "@" {
		return zone, nil
	}
	canonical, ok := canonicalName(name)
	switch {
	case !ok:
		return "", wrong
	case inZone(canonical, zone):
		return canonical, nil
	case strings.HasSuffix(name, "."):
		wrong.Hint = "a name that ends with a dot is absolute, and this one is outside the zone"
		return "", wrong
	}
	if canonical, ok = canonicalName(canonical + "." + zone); !ok {
		return "", wrong
	}
	return canonical, nil
}
