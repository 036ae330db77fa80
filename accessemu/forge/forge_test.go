package forge_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/accessemu/forge"
	"github.com/sundog-edge/sundog/accessemu/keypool"
)

const email, host = "alice@example.com", "app.example.com"

// access is a team with one application that admits alice.
func access(t testing.TB) (*accessemu.State, *accessemu.Config, *accessemu.App) {
	t.Helper()
	c, err := accessemu.NewConfig(accessemu.Settings{Team: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	txn := c.Txn()
	if err := txn.PutApp(accessemu.Application{Domain: host, Policies: []accessemu.PolicyRef{{Policy: accessemu.Policy{
		Name: "Alice", Decision: "allow", Include: []accessemu.Rule{{Selector: "email", Value: accessemu.EmailRule{Email: email}}},
	}}}}); err != nil {
		t.Fatal(err)
	}
	if c, err = txn.Commit(); err != nil {
		t.Fatal(err)
	}
	s := accessemu.NewState(accessemu.StateOptions{Keys: keypool.Key, Now: func() time.Time { return time.Unix(1_800_000_000, 0) }})
	t.Cleanup(s.Close)
	app, _, _ := c.Match(host, "/")
	return s, c, app
}

func material(t testing.TB, s *accessemu.State, c *accessemu.Config, app *accessemu.App) forge.Material {
	t.Helper()
	m, err := s.Forging(c, app, host, email, accessemu.Client{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func decide(s *accessemu.State, c *accessemu.Config, put func(*http.Request)) accessemu.Decision {
	r, _ := http.NewRequest(http.MethodGet, "https://"+host+"/", nil)
	put(r)
	return c.Decide(s, &accessemu.Request{Host: host, HTTP: r})
}

func TestNames(t *testing.T) {
	kebab := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, f := range forge.All() {
		if !kebab.MatchString(f.Name) || seen[f.Name] {
			t.Errorf("%q is no name, or stands twice", f.Name)
		}
		seen[f.Name] = true
		for what, text := range map[string]string{"What": f.What, "Must": f.Must, "Mend": f.Mend, "Takes": f.Takes} {
			if text == "" || strings.ContainsAny(text, "\n\r") {
				t.Errorf("%s: %s is %q; it is one line", f.Name, what, text)
			}
		}
		if found, ok := forge.Find(f.Name); !ok || found.Name != f.Name {
			t.Errorf("%s is not found", f.Name)
		}
	}
	if len(seen) < 60 {
		t.Errorf("%d forgeries", len(seen))
	}
	for given, want := range map[string]string{"alg-non": "alg-none", "expierd": "expired", "aud-short": "aud-shortened", "xyzzy": "", "": ""} {
		if got := forge.Nearest(given); got != want {
			t.Errorf("nearest to %q is %q, want %q", given, got, want)
		}
	}
}

// Access here is a sound validator, and is asked with every forgery in every place.
func TestAccessRefusesAll(t *testing.T) {
	s, c, app := access(t)
	m := material(t, s, c, app)
	if d := decide(s, c, func(r *http.Request) { forge.Put(r, m.Genuine) }); d.Verdict != accessemu.Forward {
		t.Fatalf("genuine: %v, %s", d.Verdict, d.Why)
	}
	for _, f := range forge.All() {
		t.Run(f.Name, func(t *testing.T) {
			forged, err := f.Make(m)
			if err != nil {
				t.Fatal(err)
			}
			if f.Kind == forge.Believe {
				if forged.Claimed == "" || forged.Claimed == email {
					t.Errorf("it names %q", forged.Claimed)
				}
				if d := decide(s, c, forged.Put); d.Verdict == accessemu.Forward && d.Identity.Email != email {
					t.Errorf("%q was believed", d.Identity.Email)
				}
				return
			}
			if forged.Token == m.Genuine {
				t.Error("it is the genuine token")
			}
			for carrier, put := range map[string]func(*http.Request){
				"as Access":        forged.Put,
				"Cf-Access-Token":  func(r *http.Request) { r.Header.Set("Cf-Access-Token", forged.Token) },
				"CF_Authorization": func(r *http.Request) { r.Header["Cookie"] = []string{forge.Cookie + "=" + forged.Token} },
			} {
				if d := decide(s, c, put); d.Verdict != accessemu.Login {
					t.Errorf("%s: %v, %s", carrier, d.Verdict, d.Why)
				}
			}
		})
	}
}

// Each is refused for what it is about, and not for another slip.
func TestReasons(t *testing.T) {
	s, c, app := access(t)
	m := material(t, s, c, app)
	for name, want := range map[string]string{
		"alg-none":                      "not a JWT signed with RS256",
		"alg-hs256-public-key-pem":      "not a JWT signed with RS256",
		"jwk-embedded-genuine-kid":      "brings its own key",
		"jku-elsewhere":                 `its header has the unexpected member "jku"`,
		"kid-unknown":                   "its kid is not one of the account's keys",
		"kid-genuine-foreign-signature": "its signature is wrong",
		"signature-of-another-token":    "its signature is wrong",
		"key-rotated-out":               "its kid is not one of the account's keys",
		"iss-suffix":                    "issued by another team (iss)",
		"aud-other-application":         "for another application (aud)",
		"aud-shortened":                 "for another application (aud)",
		"expired":                       "expired",
		"exp-missing":                   "expired",
		"exp-duplicated":                "expired",
		"exp-string":                    "its claims are not understood",
		"not-yet-valid":                 "not valid yet (nbf)",
		"org-token":                     "a token of another kind (type)",
		"meta-token":                    "issued by another team (iss)",
		"token-1mb":                     "longer than a token can be",
		"jwe":                           "not a JWT of three parts",
	} {
		f, ok := forge.Find(name)
		if !ok {
			t.Errorf("there is no %s", name)
			continue
		}
		forged, err := f.Make(m)
		if err != nil {
			t.Error(err)
			continue
		}
		d := decide(s, c, forged.Put)
		if len(d.Refused) == 0 || d.Refused[0].Problem != want {
			t.Errorf("%s: refused for %+v, want %q", name, d.Refused, want)
		}
	}
}

func TestMaterial(t *testing.T) {
	f, _ := forge.Find("alg-none")
	if _, err := f.Make(forge.Material{Genuine: "x.y.z"}); err == nil || !strings.Contains(err.Error(), "forge: alg-none: the material lacks a key") {
		t.Error(err)
	}
	s, c, app := access(t)
	m := material(t, s, c, app)
	for genuine, want := range map[string]string{"x": "three parts, not 1", "x.y.z": "part 1 of the token", "e30.e30.e30": "lacks iss, aud or email"} {
		m.Genuine = genuine
		if _, err := f.Make(m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", genuine, err, want)
		}
	}
}

func TestMembers(t *testing.T) {
	var m forge.Members
	if err := m.UnmarshalJSON([]byte(`{"b":1,"a":["x"],"b":2}`)); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		got  forge.Members
		want string
	}{
		"as read": {m, `{"b":1,"a":["x"],"b":2}`},
		"with":    {m.With("b", "<").With("c", nil), `{"b":"<","a":["x"],"b":2,"c":null}`},
		"twice":   {m.Twice("a", 0), `{"b":1,"a":["x"],"b":2,"a":0}`},
		"without": {m.Without("b"), `{"a":["x"]}`},
		"none":    {nil, `{}`},
	} {
		got, err := tt.got.MarshalJSON()
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(tt.want, strings.ReplaceAll(string(got), `\u003c`, "<")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if m.Text("a") != "x" || m.Text("b") != "" || m.Text("z") != "" {
		t.Error(m.Text("a"), m.Text("b"), m.Text("z"))
	}
}

// Whatever is read as a token can be written again.
func FuzzParse(f *testing.F) {
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("eyJhIjp7ImIiOlsxLG51bGxdfSwiYSI6MX0.eyJhdWQiOlsieCJdfQ.AAAA")
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		header, claims, err := forge.Parse(token)
		if err != nil {
			return
		}
		for _, m := range []forge.Members{header, claims} {
			text, err := m.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			var again forge.Members
			if err := again.UnmarshalJSON(text); err != nil || len(again) != len(m) {
				t.Fatalf("%s: %v", text, err)
			}
		}
	})
}
