package lazyregexp

import "testing"

func TestCompilesOnUse(t *testing.T) {
	bad := New("(")
	defer func() {
		if recover() == nil {
			t.Error("what is no expression was used")
		}
	}()
	if !New("^a+$").MatchString("aa") {
		t.Error("no match")
	}
	bad.MatchString("")
}
