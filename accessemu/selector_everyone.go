package accessemu

// EveryoneRule admits everyone. In an allow policy that still means everyone
// who signs in.
type EveryoneRule struct{}

func (EveryoneRule) compile(string, *faults) matcher { return everyoneMatcher{} }

type everyoneMatcher struct{}

func (everyoneMatcher) match(subject) bool { return true }
func (everyoneMatcher) say() string        { return "everyone" }
