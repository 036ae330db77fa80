package wrangler

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/internal/fixtures"
)

func TestDotenv(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string // name, value, name, value
		bad  int
	}{
		{"A=1", []string{"A", "1"}, 0},
		{"  export  A = 1 2  # comment\r\nB=\r\n\r\n#C=3\nD: x", []string{"A", "1 2", "B", "", "D", "x"}, 0},
		{"A=b#c", []string{"A", "b"}, 0},
		{`A='x # "y"' # z` + "\nB=`it's`\nC=\"a\\nb\"\nD='a\\nb'", []string{"A", `x # "y"`, "B", "it's", "C", "a\nb", "D", `a\nb`}, 0},
		{"KEY=\"-----BEGIN\nx\n-----END\"\nB=1", []string{"KEY", "-----BEGIN\nx\n-----END", "B", "1"}, 0},
		{`A="a\"b"`, []string{"A", `a\"b`}, 0},
		{`A="a\"`, []string{"A", `a\`}, 0},
		{`A='it's'`, []string{"A", "it's"}, 0},
		{"A=\"open\nB=2", []string{"A", `"open`, "B", "2"}, 0},
		{"A.b-c=1", []string{"A.b-c", "1"}, 0},
		{"A:1\njust text\nB=2\n=3\nC", []string{"B", "2"}, 4},
		{"A=\n'x'", []string{"A", "x"}, 0},
		{"export=1\nexported=2", []string{"export", "1", "exported", "2"}, 0},
		{"", nil, 0},
	} {
		var got []string
		pairs, bad := dotenv(test.text)
		for _, p := range pairs {
			got = append(got, p.name, p.value)
			if test.text[p.at:p.at+len(p.name)] != p.name {
				t.Errorf("%q: %s is not at %d", test.text, p.name, p.at)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" || len(bad) != test.bad {
			t.Errorf("%q: %d bad lines, %s", test.text, len(bad), diff)
		}
	}
}

func TestExpand(t *testing.T) {
	env := map[string]string{"A": "1", "B": "two words", "DOLLAR": "$DOLLAR", "NEXT": "$A"}
	for text, want := range map[string]string{
		"$A-${B}": "1-two words", `\$A $A`: "$A 1", "${X:-d}${X-e}": "de", "${A:+yes}${X:+no}": "yes", "$": "$", "$1": "$1", "${}": "${}", "${NEXT}": "1", "$DOLLAR": "",
		"a${X:-${A}}": "a1",
	} {
		if got, ok := expand(text, func(name string) string { return env[name] }); got != want || !ok {
			t.Errorf("%q is %q, %v, want %q", text, got, ok, want)
		}
	}
	if _, ok := expand("x$DOLLAR", func(name string) string { return "x$DOLLAR$DOLLAR" }); ok {
		t.Error("there is an end to what has none")
	}
}

func TestLocalSecrets(t *testing.T) {
	const top = "-- wrangler.json --\n{\"name\": \"a\", \"main\": \"a.js\", \"compatibility_date\": \"2026-03-22\", \"vars\": {\"V\": \"file\", \"W\": \"file\"}, \"env\": {\"staging\": {\"vars\": {\"V\": \"staging\"}}}}\n-- a.js --\n"
	const needs = "-- wrangler.json --\n{\"name\": \"a\", \"main\": \"a.js\", \"compatibility_date\": \"2026-03-22\", \"vars\": {\"V\": \"file\"}, \"secrets\": {\"required\": [\"KEY\", \"GONE\"]}}\n-- a.js --\n"
	for _, test := range []struct {
		name, files, env string
		process          map[string]string
		want, findings   []string
	}{
		{"none", top, "", nil, []string{"plain_text V=file wrangler.json:1:81", "plain_text W=file wrangler.json:1:94"}, nil},
		{".dev.vars wins", top + "-- .dev.vars --\nV=secret\n\nS=$V\n-- .env --\nE=1\n", "", nil, []string{"plain_text W=file wrangler.json:1:94", "secret_text S=$V .dev.vars:3:1", "secret_text V=secret .dev.vars:1:1"}, nil},
		{".dev.vars of the environment", top + "-- .dev.vars --\nV=secret\nX=1\n-- .dev.vars.staging --\nS=1\n", "staging", nil, []string{"plain_text V=staging wrangler.json:1:137", "secret_text S=1 .dev.vars.staging:1:1"}, nil},
		{".env is merged and expanded", top + "-- .env --\nA=1\nB=x$A\n-- .env.local --\nA=2\n-- .env.staging --\nC=$A\n-- .env.staging.local --\nC=${C:-none}$B\n", "staging", nil, []string{"plain_text V=staging wrangler.json:1:137", "secret_text A=2 .env.local:1:1", "secret_text B=x2 .env:2:1", "secret_text C=nonex2 .env.staging.local:1:1"}, nil},
		{".env is switched off", top + "-- .env --\nA=1\n", "", map[string]string{"CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV": "false"}, []string{"plain_text V=file wrangler.json:1:81", "plain_text W=file wrangler.json:1:94"}, nil},
		{"the process", top + "-- .env --\nA=1\n", "", map[string]string{"CLOUDFLARE_INCLUDE_PROCESS_ENV": "true", "A": "2", "W": "3", "HOME": "/"}, []string{"plain_text V=file wrangler.json:1:81", "secret_text A=2 .env:1:1", "secret_text W=3 "}, nil},
		{"required", needs + "-- .dev.vars --\nV=1\nKEY=2\nOTHER=3\nrubbish\n", "", nil, []string{"secret_text KEY=2 .dev.vars:2:1", "secret_text V=1 .dev.vars:1:1"}, []string{
			".dev.vars:4:1: the line is no NAME=value, so it does nothing",
			`wrangler.json:1:122: secrets.required[1]: no local file gives the secret "GONE" (add it to .dev.vars)`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := fixtures.Folder(t, test.files)
			cfg, findings, err := Load(dir, Options{Env: test.env, Lookup: func(name string) (string, bool) { v, ok := test.process[name]; return v, ok }})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, b := range cfg.Version.Bindings {
				got = append(got, b.Type+" "+b.Name+"="+b.Text+" "+b.At)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			var said []string
			for _, line := range lines(findings, dir) {
				if test.findings != nil {
					said = append(said, line)
				}
			}
			if diff := cmp.Diff(test.findings, said); diff != "" {
				t.Error(diff)
			}
			for _, name := range []string{".dev.vars", ".env", ".env.local"} {
				path := filepath.Join(dir, name)
				if slices.Contains(cfg.Read, path) && slices.Contains(cfg.Looked, path) {
					t.Errorf("%s is read, and would have been: %v, %v", name, cfg.Read, cfg.Looked)
				}
			}
		})
	}
}
