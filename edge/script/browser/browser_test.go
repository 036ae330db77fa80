package browser

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// handled is a client whose requests a handler answers, whatever their host.
func handled(h http.Handler) *http.Client {
	jar, _ := cookiejar.New(nil)
	return &http.Client{Jar: jar, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		in := r.Clone(r.Context())
		in.Host = r.URL.Host
		h.ServeHTTP(w, in)
		resp := w.Result()
		resp.Request = r
		return resp, nil
	})}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func page(body string) *Page {
	p := &Page{Hop: Hop{URL: &url.URL{Scheme: "https", Host: "a.test", Path: "/dir/page"}, Header: http.Header{"Content-Type": {"Text/HTML; charset=utf-8"}}}, Body: []byte(body)}
	p.read()
	return p
}

func TestPage(t *testing.T) {
	p := page(`<!doctype html><title> Log
		in </title><style>p{}</style><script>document.write("x")</script>
		<h1>Hello</h1><p>two <b>words</b>
		<form action="next?x=1&amp;y=2#f" method=post>
		<label>Mail <input name=email type=EMAIL></label>
		<input type=hidden name=state value="a&quot;b"><input type=submit name=go value=Go>
		<input type=checkbox name=off value=1><input type=checkbox name=on value=1 checked>
		<input name=dead disabled value=1><textarea name=note>text</textarea><input type=text>
		</form><form><input name=code></form>`)
	if p.Title != "Log in" {
		t.Errorf("title %q", p.Title)
	}
	if want := "Hello\ntwo words\nMail\ntext"; p.Text != want {
		t.Errorf("text %q; want %q", p.Text, want)
	}
	want := []Field{{"email", "email", ""}, {"state", "hidden", `a"b`}, {"on", "checkbox", "1"}, {"note", "text", "text"}}
	f := p.Form("email")
	if f == nil {
		t.Fatal("no form has an e-mail field")
	}
	if diff := cmp.Diff(want, f.Fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if f.Method != "POST" || f.Action.String() != "https://a.test/dir/next?x=1&y=2" {
		t.Errorf("form: %s %s", f.Method, f.Action)
	}
	if p.Form("state") != nil {
		t.Error("a hidden field counts as one to type into")
	}
	if code := p.Form("code"); code == nil || code.Method != "GET" || code.Action != p.URL {
		t.Errorf("the second form: %+v", code)
	}
}

func TestRedirects(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/start", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "c", Value: "1"})
		http.Redirect(w, r, "/keep", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/keep", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "POST" || r.FormValue("a") != "b" || r.Header.Get("Origin") != "https://a.test" {
			t.Errorf("after a 307: %s %v %v", r.Method, r.Form, r.Header)
		}
		http.Redirect(w, r, "https://b.test/end", http.StatusFound)
	})
	mux.HandleFunc("b.test/end", func(w http.ResponseWriter, r *http.Request) {
		_, err := r.Cookie("c")
		fmt.Fprintf(w, "%s, %d bytes, cookie: %v", r.Method, r.ContentLength, err == nil)
	})
	mux.HandleFunc("/round", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/round", http.StatusFound) })
	b := Browser{Client: handled(mux)}
	from := page(`<form action=/start method=post><input name=a></form>`)
	end, err := b.Submit(context.Background(), from, &from.Forms[0], map[string]string{"a": "b"})
	if err != nil {
		t.Fatal(err)
	}
	if end.Text != "GET, 0 bytes, cookie: false" || len(end.Trail) != 2 || end.Trail[1].URL.Path != "/keep" {
		t.Errorf("end: %q by %v", end.Text, end.Trail)
	}
	if _, err := b.Submit(context.Background(), from, &from.Forms[0], map[string]string{"z": ""}); err == nil {
		t.Error("a field that the form lacks was filled in")
	}
	if _, err := b.Get(context.Background(), "https://a.test/round"); err == nil || !strings.Contains(err.Error(), "circle") {
		t.Errorf("a circle of redirects: %v", err)
	}
}

// team is a login of the real shape: an application, and a team domain with two pages.
func team() http.Handler {
	mux := http.NewServeMux()
	html := func(w http.ResponseWriter, body string) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, body)
	}
	mux.HandleFunc("app.test/", func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("in"); err != nil {
			http.Redirect(w, r, "https://team.test/login", http.StatusFound)
			return
		}
		fmt.Fprint(w, "welcome")
	})
	mux.HandleFunc("app.test/authorized", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "in", Value: "1", Path: "/"})
		http.Redirect(w, r, "/", http.StatusFound)
	})
	mux.HandleFunc("team.test/login", func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("session"); err == nil {
			http.Redirect(w, r, "https://app.test/authorized", http.StatusFound)
			return
		}
		html(w, `<title>Who?</title><form method=post action=/code><input name=email type=email></form>`)
	})
	mux.HandleFunc("team.test/code", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/pin?nonce=N-"+url.QueryEscape(r.FormValue("email")), http.StatusFound)
	})
	mux.HandleFunc("team.test/pin", func(w http.ResponseWriter, r *http.Request) {
		html(w, `<title>Code?</title><form method=post action=/callback><input name=code></form>`)
	})
	mux.HandleFunc("team.test/callback", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("code") != "123456" {
			w.Header().Set("Sundog-Why", "wrong code")
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusForbidden)
			html(w, `<title>No</title><p>no access`)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "1", Path: "/"})
		http.Redirect(w, r, "https://app.test/authorized", http.StatusFound)
	})
	mux.HandleFunc("open.test/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "open") })
	mux.HandleFunc("blocked.test/", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://team.test/nothing-here", http.StatusFound)
	})
	return mux
}

func TestLogin(t *testing.T) {
	ctx := context.Background()
	pin := func(code string) func(string, string) string {
		return func(email, nonce string) string {
			if nonce != "N-"+email {
				t.Errorf("the PIN of %s is asked for with the nonce %q", email, nonce)
			}
			return code
		}
	}
	b := Browser{Client: handled(team())}
	end, err := b.Login(ctx, "a@b.test", "https://app.test/", pin("123456"))
	if err != nil || end.Text != "welcome" {
		t.Fatalf("login: %v, %v", end, err)
	}
	// The application's cookie is gone, the team's is not.
	b.Client.Jar.SetCookies(&url.URL{Scheme: "https", Host: "app.test"}, []*http.Cookie{{Name: "in", MaxAge: -1, Path: "/"}})
	if end, err := b.Login(ctx, "a@b.test", "https://app.test/", nil); err != nil || end.Text != "welcome" {
		t.Errorf("second login: %v, %v", end, err)
	}

	for _, tt := range []struct {
		name, url, code string
		want            []string
	}{
		{"wrong", "https://app.test/", "000000", []string{"did not lead back", `"No"`, "403 Forbidden at https://team.test/callback", "Sundog-Why: wrong code", "no access"}},
		{"no mail", "https://app.test/", "", []string{"no mail was sent", `"Code?"`}},
		{"blocked", "https://blocked.test/", "", []string{"no field for an e-mail address", "404"}},
	} {
		b := Browser{Client: handled(team())}
		_, err := b.Login(ctx, "a@b.test", tt.url, pin(tt.code))
		var failed *LoginError
		if !errors.As(err, &failed) {
			t.Errorf("%s: error %v; want a *LoginError", tt.name, err)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: the error says nothing of %q:\n%v", tt.name, want, err)
			}
		}
	}
	b = Browser{Client: handled(team())}
	if _, err := b.Login(ctx, "a@b.test", "https://open.test/", nil); !errors.Is(err, ErrNotAsked) {
		t.Errorf("login where nobody asks: %v", err)
	}
}

func FuzzPage(f *testing.F) {
	f.Add(`<title>x</title><form action="/a" method=post><input name=email type=email></form>`)
	f.Add(`<form action="http://[::1]:namedport"><input name=code>`)
	f.Add("<form action='\x00'><textarea name=a><input name=code>")
	f.Add(`<table><form><tr><input name=code></table>`)
	f.Fuzz(func(t *testing.T, body string) {
		p := page(body)
		for _, form := range p.Forms {
			if form.Action == nil || !form.Action.IsAbs() && form.Action.Host == "" && form.Action.Opaque == "" {
				t.Errorf("a form leads nowhere: %v", form.Action)
			}
			for _, in := range form.Fields {
				if in.Name == "" {
					t.Errorf("a field without a name: %+v", in)
				}
			}
		}
	})
}

// picked is a login page that lists one person, and a page that has the PIN filled in but for bob.
func picked() http.Handler {
	mux := http.NewServeMux()
	html := func(w http.ResponseWriter, body string) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, body)
	}
	code := func(w http.ResponseWriter, pin string) {
		html(w, `<form method=post action=/callback><input name=code value="`+pin+`"></form><a href="/cdn-cgi/access/resend-code?nonce=1">again</a>`)
	}
	mux.Handle("app.test/", http.RedirectHandler("https://team.test/login", http.StatusFound))
	mux.HandleFunc("team.test/login", func(w http.ResponseWriter, r *http.Request) {
		html(w, `<form method=post action=/code><input type=hidden name=person value=1><button name=other type=button>x</button>
			<button name=email value=a@b.test>A</button><button type=submit name=email value=bob@b.test>B</button></form>`)
	})
	mux.HandleFunc("team.test/code", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("person") != "1" || r.FormValue("email") == "bob@b.test" {
			code(w, "")
			return
		}
		code(w, "123456")
	})
	mux.HandleFunc("team.test/cdn-cgi/access/resend-code", func(w http.ResponseWriter, _ *http.Request) { code(w, "654321") })
	mux.HandleFunc("team.test/callback", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://home.test/"+r.FormValue("code"), http.StatusFound)
	})
	mux.HandleFunc("home.test/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) })
	return mux
}

func TestPick(t *testing.T) {
	ctx := context.Background()
	b := Browser{Client: handled(picked())}
	if end, err := b.Pick(ctx, "a@b.test", "https://app.test/"); err != nil || end.Text != "/123456" {
		t.Errorf("picked: %v, %v", end, err)
	}
	for email, want := range map[string]string{"bob@b.test": "no PIN is filled in", "c@b.test": "does not list"} {
		if _, err := b.Pick(ctx, email, "https://app.test/"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", email, err)
		}
	}
	if _, err := b.Pick(ctx, "a@b.test", "https://home.test/"); !errors.Is(err, ErrNotAsked) {
		t.Errorf("where nobody asks: %v", err)
	}
}

func TestResend(t *testing.T) {
	ctx := context.Background()
	b := Browser{Client: handled(picked())}
	login, err := b.Get(ctx, "https://app.test/")
	if err != nil {
		t.Fatal(err)
	}
	asked, err := b.Click(ctx, login, "email", "bob@b.test")
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.Resend(ctx, asked, "bob@b.test")
	if err != nil {
		t.Fatal(err)
	}
	if in, _ := again.Form("code").Field("code"); in.Value != "654321" {
		t.Errorf("the new page: %s", again.Body)
	}
	if _, err := b.Resend(ctx, login, "bob@b.test"); err == nil {
		t.Error("a page without the link resends")
	}
}
