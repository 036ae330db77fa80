package accessemu

// EmailRule admits one e-mail address, whatever the case of its letters.
type EmailRule struct {
	Email string `json:"email"`
}

func (r EmailRule) compile(field string, f *faults) matcher {
	email, ok := canonicalEmail(r.Email)
	if !ok {
		f.add(join(field, "email"), quote(r.Email), `an e-mail address, as "alice@example.com"`, "")
		return nil
	}
	return emailMatcher(email)
}

type emailMatcher string

func (m emailMatcher) match(s subject) bool { return s.email == string(m) }
func (m emailMatcher) say() string          { return "the e-mail address " + string(m) }
