package accessemu

import "strings"

// EmailDomainRule admits every e-mail address of one domain, not of its
// subdomains.
type EmailDomainRule struct {
	Domain string `json:"domain"`
}

func (r EmailDomainRule) compile(field string, f *faults) matcher {
	domain := lowerASCII(r.Domain)
	if !validDomain(domain) {
		hint := ""
		if bare := strings.TrimLeft(domain, "@*."); validDomain(bare) {
			hint = quote(bare)
		}
		f.add(join(field, "domain"), quote(r.Domain), `a domain without "@", as "example.com"`, hint)
		return nil
	}
	return emailDomainMatcher(domain)
}

type emailDomainMatcher string

func (m emailDomainMatcher) match(s subject) bool {
	at := strings.LastIndexByte(s.email, '@')
	return at > 0 && s.email[at+1:] == string(m)
}
func (m emailDomainMatcher) say() string { return "any e-mail address ending in @" + string(m) }
