package echo

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestSecretsAreMasked(t *testing.T) {
	r := httptest.NewRequest("POST", "https://a.example.com/x", nil)
	r.Header = http.Header{
		"Authorization":            {"Bearer hush-1", "hush-2"},
		"Cookie":                   {"CF_Authorization=hush-3; theme=hush-4; hush-5"},
		"Cf-Access-Jwt-Assertion":  {"hush-6"},
		"Cf-Access-Client-Secret":  {"hush-7"},
		"X-Api-Key":                {"hush-8"},
		"Referer":                  {"https://b.example.com/?code=hush-9&page=2"},
		"Accept":                   {"text/html", "*/*"},
		"Cf-Ray":                   {"0123456789abcdef-SUN"},
		"X-Empty":                  {},
		"Proxy-Authorization":      {"Basic hush-10"},
		"X-My-Password-For-Things": {"hush-11"},
	}
	got := Read(r, "https://a.example.com/x?access_token=hush-12&q=1&acc%65ss_token=hush-13&flag&sig=hush-14", 0)
	data, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "hush") {
		t.Errorf("a secret is shown: %s", data)
	}
	want := Request{
		Method: "POST", URL: "https://a.example.com/x?access_token=***&q=1&acc%65ss_token=***&flag&sig=***", Body: Body{Complete: true},
		Headers: map[string][]string{
			"Authorization": {"Bearer *** (6 characters)", "*** (6 characters)"}, "Cookie": {"CF_Authorization=*** (6 characters); theme=*** (6 characters); =*** (6 characters)"},
			"Cf-Access-Jwt-Assertion": {"*** (6 characters)"}, "Cf-Access-Client-Secret": {"*** (6 characters)"}, "X-Api-Key": {"*** (6 characters)"},
			"Referer": {"https://b.example.com/?code=***&page=2"}, "Accept": {"text/html", "*/*"}, "Cf-Ray": {"0123456789abcdef-SUN"}, "Host": {"a.example.com"},
			"Proxy-Authorization": {"Basic *** (7 characters)"}, "X-My-Password-For-Things": {"*** (7 characters)"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestBodies(t *testing.T) {
	for _, tt := range []struct {
		name   string
		body   io.Reader
		before int64
		want   Body
	}{
		{"none", nil, 0, Body{Complete: true}},
		{"empty", strings.NewReader(""), 0, Body{Complete: true}},
		{"text", strings.NewReader("grüß"), 0, Body{Bytes: 6, Complete: true, Text: "grüß"}},
		{"bytes", strings.NewReader("\xff\x00"), 0, Body{Bytes: 2, Complete: true, Base64: "/wA="}},
		{"long, cut inside a rune", strings.NewReader(strings.Repeat("x", MaxHead-1) + "üy"), 0, Body{Bytes: MaxHead + 2, Complete: true, Shortened: true, Text: strings.Repeat("x", MaxHead-1)}},
		{"endless", zeros{}, 0, Body{Bytes: MaxBody, Shortened: true, Note: "no more than 1048576 bytes were read", Text: strings.Repeat("0", MaxHead)}},
		{"broken off", io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(errors.New("gone"))), 0, Body{Bytes: 2, Note: "it broke off: gone", Text: "ab"}},
		{"partly taken", strings.NewReader("rest"), 10, Body{Bytes: 14, Note: "10 bytes were taken before the origin was found missing", Text: "rest"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, readBody(tt.body, tt.before)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

func TestRender(t *testing.T) {
	r := httptest.NewRequest("POST", "/", strings.NewReader("<b>body</b>"))
	r.Header.Set("X-Evil", "<script>")
	a := Answer{By: "edge", For: "http://localhost:8080", Why: "because", Where: "config.yml:1:2", RayID: "0123456789abcdef", Request: Read(r, "https://a/<x>?a=b&c", 0)}

	w := httptest.NewRecorder()
	a.Render(w, "text/html,*/*", false)
	page := w.Body.String()
	for _, want := range []string{"What http://localhost:8080 would have received", "&lt;script&gt;", "&lt;b&gt;body&lt;/b&gt;", "config.yml:1:2", "--sun:", "because."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if w.Code != 200 || strings.Contains(page, "<script>") || strings.Contains(page, "<b>body") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || w.Header().Get("Content-Security-Policy") == "" {
		t.Errorf("%d %v\n%s", w.Code, w.Header(), page)
	}

	w = httptest.NewRecorder()
	a.Render(w, "*/*", false)
	var back Answer
	if err := json.Unmarshal(w.Body.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, back); diff != "" || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") == "" {
		t.Errorf("%v\n%s", w.Header(), diff)
	}

	w = httptest.NewRecorder()
	a.Render(w, "application/json", true)
	if w.Body.Len() > 0 || w.Header().Get("Content-Length") == "0" {
		t.Errorf("HEAD: %q %v", w.Body, w.Header())
	}
}

// Masking changes no more of a URL than values.
func FuzzMaskURL(f *testing.F) {
	for _, u := range []string{"/?token=a&b=c", "?", "/x", "/?%zz=1&key=2", "/?a=b=c&sig=&&&;", "https://u:p@h/?code"} {
		f.Add(u)
	}
	f.Fuzz(func(t *testing.T, u string) {
		got := maskURL(u)
		if strings.Count(got, "&") > strings.Count(u, "&") || strings.Count(got, "?") > strings.Count(u, "?") || maskURL(got) != got {
			t.Errorf("%q becomes %q", u, got)
		}
	})
}
