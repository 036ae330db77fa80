package accessemu

import "net/url"

// ExternalEvaluationRule admits whom a service of the user's own admits: it is
// asked once for each token of an application, and not again before that token's
// end.
type ExternalEvaluationRule struct {
	EvaluateURL string `json:"evaluate_url"` // takes {"token": JWT} by POST, and answers the same
	KeysURL     string `json:"keys_url"`     // JWKS of the keys that sign the answers
}

func (r ExternalEvaluationRule) compile(field string, f *faults) matcher {
	ok := evaluationURL(r.EvaluateURL, join(field, "evaluate_url"), f)
	if !evaluationURL(r.KeysURL, join(field, "keys_url"), f) || !ok {
		return nil
	}
	return externalMatcher(r)
}

func evaluationURL(s, field string, f *faults) bool {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		f.add(field, quote(s), `an absolute URL, as "https://evaluate.example.com/keys"`, "")
		return false
	}
	return true
}

type externalMatcher ExternalEvaluationRule

// ask knows only what this sign-in has been answered.
func (m externalMatcher) ask(s subject) answer {
	if s.email == "" || s.answers == nil {
		return unknown
	}
	admitted, asked := s.answers.get(m)
	switch {
	case !asked:
		return unknown
	case admitted:
		return yes
	}
	return no
}

func (m externalMatcher) match(s subject) bool { return m.ask(s) == yes }
func (m externalMatcher) say() string          { return "whom " + m.EvaluateURL + " admits" }
