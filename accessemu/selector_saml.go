package accessemu

import "slices"

// SAMLAttributeRule admits who has exactly this value of an attribute, perhaps
// among others.
type SAMLAttributeRule struct {
	Name       string `json:"attribute_name"`
	Value      string `json:"attribute_value"`
	ProviderID string `json:"identity_provider_id,omitempty"`
}

func (r SAMLAttributeRule) compile(field string, f *faults) matcher {
	if r.Name == "" {
		f.add(join(field, "attribute_name"), `""`, "the name of an attribute", "")
		return nil
	}
	return samlMatcher(r)
}

type samlMatcher SAMLAttributeRule

func (m samlMatcher) match(s subject) bool {
	return s.traits.by(m.ProviderID) && s.traits != nil && slices.Contains(s.traits.saml[m.Name], m.Value)
}
func (m samlMatcher) say() string {
	return "who has the SAML attribute " + m.Name + " " + quote(m.Value)
}
