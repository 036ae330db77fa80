package accessemu

import "strings"

// GeoRule admits one country, by its two-letter code. It is asked again at
// every request of a session.
type GeoRule struct {
	CountryCode string `json:"country_code"`
}

func (r GeoRule) compile(field string, f *faults) matcher {
	code := strings.ToUpper(r.CountryCode)
	if code == "UK" {
		f.add(join(field, "country_code"), quote(r.CountryCode), "a two-letter ISO 3166-1 country code", `"GB"`)
		return nil
	}
	if len(code) != 2 || code[0] < 'A' || code[0] > 'Z' || (code[1] < 'A' || code[1] > 'Z') && code != "T1" {
		f.add(join(field, "country_code"), quote(r.CountryCode), `a two-letter ISO 3166-1 country code, as "DE", or "T1" for Tor`, "")
		return nil
	}
	return geoMatcher(code)
}

type geoMatcher string

func (m geoMatcher) match(s subject) bool { return s.country == string(m) }
func (m geoMatcher) say() string          { return "a client in the country " + string(m) }
