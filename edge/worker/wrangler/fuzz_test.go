package wrangler

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// Whatever a file says, it is a Worker or has errors with places in the file.
func checkFile(t *testing.T, name, text string) {
	for _, env := range []string{"", "staging"} {
		cfg, findings, err := parseText(name, []byte(text), Options{Env: env, Lookup: func(string) (string, bool) { return "", false }})
		var es Errors
		switch {
		case err != nil && (!errors.As(err, &es) || len(es) == 0):
			t.Fatalf("an error of type %T", err)
		case err == nil:
			for _, b := range cfg.Version.Bindings {
				if b.Name == "" || b.Type == "" || b.At == "" {
					t.Errorf("a binding without name, type or place: %+v", b)
				}
				if b.Type == "json" && !json.Valid(b.JSON) {
					t.Errorf("the JSON of %s is none: %s", b.Name, b.JSON)
				}
			}
		}
		for _, p := range append(findings, es...) {
			if p.Found == "" || p.At.Line > 1+strings.Count(text, "\n") {
				t.Errorf("a problem that says nothing, or lies behind the end: %+v", p)
			}
		}
	}
}

func FuzzJSONC(f *testing.F) {
	for _, text := range []string{everyFieldJSONC, `{"name":"a","main":"b","env":{"staging":{"vars":{"a":1}}}}`, `[]`, `{"vars":{"":1}}`, `{"pages_build_output_dir":"d","name":"a"}`, "\ufeff{}", `{"routes":[{"pattern":"*"}],"route":"a"}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkFile(t, "wrangler.jsonc", text) })
}

func FuzzTOML(f *testing.F) {
	for _, text := range []string{everyFieldTOML, "[env.staging.vars]\na.b = 1\n", "[[a]]\n[a.b]\n[[a]]\nx=1979-05-27T07:32:00Z\ny=inf\nz=0x_f", "vars={a=1,b=[{c=2}]}", "a=\"\"\"\n\"\"\"", "[a]\n[a.b.c]\n[a.b]\nd=+1_0.5e3"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkFile(t, "wrangler.toml", text) })
}

func FuzzDotenv(f *testing.F) {
	for _, text := range []string{"A=1\nB='x\ny'\nC=\"\\\"\"", "export A: b", "A=`", "A=\"\\\"\nB=\"", "\r\nA\n=\n1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		pairs, bad := dotenv(text)
		for _, p := range pairs {
			if p.name == "" || text[p.at:p.at+len(p.name)] != p.name {
				t.Errorf("%q is not at %d", p.name, p.at)
			}
		}
		for _, at := range bad {
			if at >= len(text) {
				t.Errorf("%d is behind the end", at)
			}
		}
	})
}

func FuzzExpand(f *testing.F) {
	f.Add("$A", "x$B", "${A:-b}")
	f.Add(`\$A${B:+c}`, "$A$A", "")
	f.Fuzz(func(t *testing.T, text, a, b string) {
		env := map[string]string{"A": a, "B": b}
		got, ok := expand(text, func(name string) string { return env[name] })
		if ok && !strings.Contains(text, "$") && got != text {
			t.Errorf("%q became %q", text, got)
		}
	})
}
