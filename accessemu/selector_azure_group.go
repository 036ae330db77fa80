package accessemu

import "strings"

// AzureGroupRule admits the members of one group of Entra ID.
type AzureGroupRule struct {
	ID         string `json:"id"`
	ProviderID string `json:"identity_provider_id,omitempty"` // empty: of any provider
}

func (r AzureGroupRule) compile(field string, f *faults) matcher {
	if r.ID == "" {
		f.add(join(field, "id"), `""`, "the id of a group", "")
		return nil
	}
	return azureMatcher(r)
}

type azureMatcher AzureGroupRule

func (m azureMatcher) match(s subject) bool {
	return s.traits.by(m.ProviderID) && s.traits.member(func(g *membership) bool { return strings.EqualFold(g.ID, m.ID) })
}
func (m azureMatcher) say() string { return "a member of the Entra group " + quote(m.ID) }
