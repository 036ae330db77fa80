package accessemu

// DescribedPolicy is a policy of an application as its documents have it, in words.
type DescribedPolicy struct {
	Policy
	Words           string // whom it describes: "any e-mail address ending in @example.com"
	Kind, ID, Field string // document in which it is written: "app" or "policy", and the path inside it
}

// Described are the application's policies in the order in which they are listed, reusable ones resolved.
func (a *App) Described() []DescribedPolicy {
	list := make([]DescribedPolicy, len(a.policies))
	for i := range a.policies {
		p := &a.policies[i]
		list[i] = DescribedPolicy{Policy: p.doc, Words: p.say(), Kind: p.place.kind, ID: p.place.id, Field: p.place.field}
	}
	return list
}
