package accessemu

// AnyValidServiceTokenRule admits whoever shows a service token of the account
// that is enabled and has not expired. In an allow policy it still means a login.
type AnyValidServiceTokenRule struct{}

func (AnyValidServiceTokenRule) compile(string, *faults) matcher { return anyServiceTokenMatcher{} }

type anyServiceTokenMatcher struct{}

func (anyServiceTokenMatcher) match(s subject) bool { return s.service != nil }
func (anyServiceTokenMatcher) say() string          { return "any valid service token" }
