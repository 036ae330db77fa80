package accessemu

import (
	"slices"
	"strings"
)

// UserRiskScoreRule admits people of some risk scores. Nobody is scored here: a
// person has the score that the claim user_risk_score says, else "unscored".
type UserRiskScoreRule struct {
	Scores []string `json:"user_risk_score"` // "low", "medium", "high" or "unscored"
}

var riskScores = []string{"low", "medium", "high", "unscored"}

func (r UserRiskScoreRule) compile(field string, f *faults) matcher {
	at := join(field, "user_risk_score")
	if len(r.Scores) == 0 {
		f.add(at, "an empty list", either(riskScores), "")
		return nil
	}
	for _, s := range r.Scores {
		if !slices.Contains(riskScores, s) {
			f.add(at, quote(s), either(riskScores), suggest(s, riskScores))
			return nil
		}
	}
	return riskMatcher(r.Scores)
}

type riskMatcher []string

func (m riskMatcher) match(s subject) bool {
	if s.traits == nil || len(s.traits.claims["user_risk_score"]) == 0 {
		return slices.Contains(m, "unscored")
	}
	return slices.Contains(m, s.traits.claims["user_risk_score"][0])
}
func (m riskMatcher) say() string { return "who has the risk score " + strings.Join(m, " or ") }
