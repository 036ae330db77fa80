package bundle

import "testing"

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		glob, name    string
		loose, strict bool
	}{
		{"**/*.txt", "./a.txt", true, true},
		{"**/*.txt", "../x/a.txt", true, true},
		{"**/*.txt", "a.txt", false, true}, // a bare name is a package
		{"**/*.txt", "x/y/a.txt", true, true},
		{"*.txt", "x/a.txt", true, false},
		{"**/*.wasm?module", "./a.wasm?module", true, true},
		{"**/*.wasm?module", "./a.wasmXmodule", false, false},
		{"src/**/*.js", "src/a.js", false, true},
		{"src/**/*.js", "src/x/y/a.js", true, true},
		{"src/**", "src/x/y", true, true},
		{"a**b", "a/b", true, false},
		{"**", "any/thing", true, true},
		{"a.b", "axb", false, false},
		{"{a,b}", "a", false, false},
		{"{a,b}", "{a,b}", true, true},
		{"", "", true, true},
	} {
		if got := glob(c.glob, false).MatchString(c.name); got != c.loose {
			t.Errorf("%q loosely matches %q: %t", c.glob, c.name, got)
		}
		if got := glob(c.glob, true).MatchString(c.name); got != c.strict {
			t.Errorf("%q strictly matches %q: %t", c.glob, c.name, got)
		}
	}
}

func FuzzGlob(f *testing.F) {
	for _, s := range []string{"**/*.txt", "*", "***", "a/**/b", "[x](y", "\\", "**\xff/", "\x00*"} {
		f.Add(s, "x/a.txt")
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		loose, strict := glob(pattern, false), glob(pattern, true)
		if strict.MatchString(name) && !loose.MatchString(name) && !loose.MatchString("./"+name) {
			t.Errorf("%q matches %q strictly and not loosely", pattern, name)
		}
	})
}
