package mark

import (
	"slices"
	"testing"
)

func TestString(t *testing.T) {
	for want, m := range map[string]Mark{
		"":            {},
		"a.yaml":      {File: "a.yaml", Column: 3},
		"a.yaml:2":    {File: "a.yaml", Line: 2},
		"a.yaml:2:17": {File: "a.yaml", Line: 2, Column: 17},
	} {
		if got := m.String(); got != want {
			t.Errorf("%+v is %q, want %q", m, got, want)
		}
		if m.IsZero() != (want == "") {
			t.Errorf("IsZero of %+v", m)
		}
	}
}

func TestCompare(t *testing.T) {
	sorted := []Mark{{}, {"a", 1, 2}, {"a", 1, 10}, {"a", 9, 1}, {"a", 10, 1}, {"b", 1, 1}}
	mixed := []Mark{sorted[4], sorted[1], sorted[5], sorted[0], sorted[3], sorted[2]}
	if slices.SortFunc(mixed, Mark.Compare); !slices.Equal(mixed, sorted) {
		t.Error(mixed)
	}
}
