package accessemu

import "strings"

// GitHubOrganizationRule admits the members of one organization, or of one team
// of it. A sign-in knows them as the groups "ORG" and "ORG/TEAM".
type GitHubOrganizationRule struct {
	Name       string `json:"name"`
	Team       string `json:"team,omitempty"`
	ProviderID string `json:"identity_provider_id,omitempty"`
}

func (r GitHubOrganizationRule) compile(field string, f *faults) matcher {
	if r.Name == "" {
		f.add(join(field, "name"), `""`, "the name of an organization", "")
		return nil
	}
	group := r.Name
	if r.Team != "" {
		group += "/" + r.Team
	}
	return githubMatcher{group, r.ProviderID}
}

type githubMatcher struct{ group, provider string }

func (m githubMatcher) match(s subject) bool {
	return s.traits.by(m.provider) && s.traits.member(func(g *membership) bool {
		// Who is in a team is in its organization.
		return strings.EqualFold(g.Name, m.group) || len(g.Name) > len(m.group) && g.Name[len(m.group)] == '/' && strings.EqualFold(g.Name[:len(m.group)], m.group)
	})
}
func (m githubMatcher) say() string { return "a member of " + m.group + " on GitHub" }
