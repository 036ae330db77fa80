package attack_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/accessemu/forge"
	"github.com/sundog-edge/sundog/accessemu/keypool"
	"github.com/sundog-edge/sundog/edge/attack"
)

const host = "app.example.com"

// team makes the material, and a sound check: who it is, or empty.
func team(t *testing.T) (m [2]forge.Material, check func(token string) string) {
	t.Helper()
	c, err := accessemu.NewConfig(accessemu.Settings{Team: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	txn := c.Txn()
	if err := txn.PutApp(accessemu.Application{Domain: host, Policies: []accessemu.PolicyRef{{Policy: accessemu.Policy{
		Decision: "allow", Include: []accessemu.Rule{{Selector: "everyone", Value: accessemu.EveryoneRule{}}},
	}}}}); err != nil {
		t.Fatal(err)
	}
	if c, err = txn.Commit(); err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_800_000_000, 0)
	s := accessemu.NewState(accessemu.StateOptions{Keys: keypool.Key, Now: func() time.Time { return now }})
	t.Cleanup(s.Close)
	app, _, _ := c.Match(host, "/")
	for i := range m {
		if m[i], err = s.Forging(c, app, host, "alice@example.com", accessemu.Client{}); err != nil {
			t.Fatal(err)
		}
	}
	return m, func(token string) string {
		r, _ := http.NewRequest(http.MethodGet, "https://"+host+"/", nil)
		r.Header.Set("Cf-Access-Token", token)
		if d := c.Decide(s, &accessemu.Request{Host: host, HTTP: r}); d.Verdict == accessemu.Forward {
			return d.Identity.Email
		}
		return ""
	}
}

func way(h http.Handler) attack.Way {
	return attack.Way{Name: "origin", To: "here", URL: "http://" + host + "/", Send: func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result(), nil
	}}
}

func letIn(r attack.WayReport) (names []string) {
	for _, x := range r.Results {
		if x.Verdict == attack.LetIn {
			names = append(names, x.Name)
		}
	}
	return names
}

// However an origin says no and yes, a sound one is found sound and a weak one weak.
func TestVerdicts(t *testing.T) {
	m, check := team(t)
	var count atomic.Int64
	noise := func() string { return fmt.Sprintf("request %d of today, id %x", count.Add(1), count.Load()*7919) }
	yes := func(w http.ResponseWriter, who string) {
		fmt.Fprintf(w, "<h1>Welcome</h1> you are %s; %s", who, noise())
	}
	for style, no := range map[string]func(w http.ResponseWriter, r *http.Request){
		"401": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(401) },
		"http.StatusForbidden page": func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "forbidden "+noise(), http.StatusForbidden)
		},
		"http.StatusFound":    func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login?"+noise(), http.StatusFound) },
		"200 with login page": func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<h1>Please sign in</h1>", noise()) },
		"404":                 func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) },
		"401, and 400 for an odd one": func(w http.ResponseWriter, r *http.Request) {
			if len(r.Header.Get(forge.HeaderAssertion)) > 5000 {
				w.WriteHeader(400)
				return
			}
			w.WriteHeader(401)
		},
	} {
		for name, tt := range map[string]struct {
			who  func(r *http.Request) string
			want []string
		}{
			"sound": {func(r *http.Request) string {
				if len(r.Header[forge.HeaderAssertion]) != 1 {
					return ""
				}
				return check(r.Header.Get(forge.HeaderAssertion))
			}, nil},
			"believes the header of the address": {func(r *http.Request) string {
				if who := check(r.Header.Get(forge.HeaderAssertion)); who == "" {
					return r.Header.Get(forge.HeaderEmail)
				} else if said := r.Header.Get(forge.HeaderEmail); said != "" {
					return said
				} else {
					return who
				}
			}, []string{"email-header-alone", "email-header-disagrees"}},
			"decodes and does not verify": {func(r *http.Request) string {
				header, claims, err := forge.Parse(r.Header.Get(forge.HeaderAssertion))
				if err != nil || header.Text("kid") != m[0].Current.ID {
					return ""
				}
				if claims.Text("email") == "" || header.Text("alg") != "RS256" || claims.Text("iss") != "https://acme.cloudflareaccess.com" {
					return ""
				}
				return claims.Text("email")
			}, []string{"kid-genuine-foreign-signature", "signature-of-another-token", "header-disagrees"}},
		} {
			if tt.want != nil && style != "403 page" && style != "200 with login page" {
				continue // how a weak one says no makes two differences: by status, and by words
			}
			t.Run(style+"/"+name, func(t *testing.T) {
				h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if who := tt.who(r); who != "" {
						yes(w, who)
						return
					}
					no(w, r)
				})
				r, err := attack.Run(t.Context(), way(h), m)
				if err != nil {
					t.Fatal(err)
				}
				if r.State != attack.Checks || len(r.Results) != len(forge.All()) {
					t.Fatalf("%s (%s), %d results", r.State, r.Why, len(r.Results))
				}
				got := letIn(r)
				if tt.want == nil {
					if len(got) != 0 {
						t.Errorf("let in: %q", got)
					}
					report := attack.Report{Ways: []attack.WayReport{r}}
					if !report.Sound() {
						t.Error("it is not found sound")
					}
					return
				}
				for _, name := range tt.want {
					if !slices.Contains(got, name) {
						t.Errorf("%s is missing from %q", name, got)
					}
				}
			})
		}
	}
}

func TestBaselines(t *testing.T) {
	m, check := team(t)
	var count atomic.Int64
	status := func(with, without int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			code := without
			if check(r.Header.Get(forge.HeaderAssertion)) != "" {
				code = with
			}
			if code/100 == 3 {
				w.Header().Set("Location", "/elsewhere?n="+strconv.FormatInt(count.Add(1), 10))
			}
			w.WriteHeader(code)
		}
	}
	for name, tt := range map[string]struct {
		h     http.Handler
		state attack.State
		why   string
	}{
		"no check":           {status(200, 200), attack.Open, "nothing checks tokens there"},
		"refuses everybody":  {status(403, 403), attack.Closed, "the genuine token was answered by 403"},
		"likes nobody":       {status(403, 200), attack.Closed, "the genuine token was answered by 403"},
		"not there":          {status(404, 404), attack.Closed, "name a URL that the origin has"},
		"broken":             {status(500, 401), attack.Closed, "answered by 500"},
		"redirects all":      {status(302, 302), attack.Closed, "name a URL that answers by itself"},
		"redirects the good": {status(302, 401), attack.Checks, ""},
		"says no to roles":   {status(403, 401), attack.Checks, ""},
		"repeats the request": {http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, r.Method, r.URL)
			_ = r.Header.Write(w)
		}), attack.Open, "nothing checks tokens there"},
		"now so, now so": {http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(200 + int(count.Add(1)%4)/2)
		}), attack.Unsteady, "the same request was answered by"},
	} {
		r, err := attack.Run(t.Context(), way(tt.h), m)
		if err != nil {
			t.Error(err)
		}
		if r.State != tt.state || !strings.Contains(r.Why, tt.why) || (tt.state == attack.Checks) != (len(r.Results) > 0) {
			t.Errorf("%s: %s (%s), %d results; want %s (%s)", name, r.State, r.Why, len(r.Results), tt.state, tt.why)
		}
		if report := (attack.Report{Ways: []attack.WayReport{r}}); report.Sound() != (tt.state == attack.Checks) {
			t.Errorf("%s: sound: %v", name, report.Sound())
		}
	}
	gone := attack.Way{URL: "http://" + host, Send: func(*http.Request) (*http.Response, error) { return nil, errors.New("refused") }}
	r, err := attack.Run(t.Context(), gone, m)
	if diff := cmp.Diff(attack.WayReport{State: attack.Unreachable, Why: "no answer came: refused", Results: []attack.Result{}}, r); err != nil || diff != "" {
		t.Error(err, diff)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := attack.Run(ctx, way(status(200, 401)), m); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
