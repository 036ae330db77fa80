package problem

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
)

// every is each constructor once, with the status and code that the real edge has.
var every = []struct {
	name         string
	p            *Problem
	status, code int
	by           string
}{
	{"BadRequest", BadRequest("cause", "mend"), 400, 400, "edge"},
	{"AmbiguousPath", AmbiguousPath("cause"), 400, 400, "access"},
	{"Misdirected", Misdirected("cause", "mend"), 421, 421, "edge"},
	{"Loop", Loop("cause"), 403, 1000, "edge"},
	{"UnknownHost", UnknownHost("cause", "mend", "f:1:2"), 530, 1001, "edge"},
	{"DirectIP", DirectIP("203.0.113.7"), 403, 1003, "edge"},
	{"NotServed", NotServed("cause", "mend", "f:1:2"), 403, 1004, "edge"},
	{"OriginName", OriginName("cause", "mend", "f:1:2"), 530, 1016, "edge"},
	{"NoConnector", NoConnector("cause", "mend", "f:1:2"), 530, 1033, "tunnel"},
	{"BadGateway", BadGateway("cause", "mend", "f:1:2"), 502, 502, "connector"},
	{"OriginUnknown", OriginUnknown("cause", "mend", "f:1:2"), 520, 520, "edge"},
	{"OriginDown", OriginDown("cause", "mend", "f:1:2"), 521, 521, "edge"},
	{"OriginTimeout", OriginTimeout("cause", "mend", "f:1:2"), 522, 522, "edge"},
	{"OriginUnreachable", OriginUnreachable("cause", "mend", "f:1:2"), 523, 523, "edge"},
	{"OriginSilent", OriginSilent("cause", "mend", "f:1:2"), 524, 524, "edge"},
	{"OriginHandshake", OriginHandshake("cause", "mend", "f:1:2"), 525, 525, "edge"},
	{"OriginCertificate", OriginCertificate("cause", "mend", "f:1:2"), 526, 526, "edge"},
	{"NotEmulated", NotEmulated("cause", "mend"), 404, 404, "edge"},
}

func render(p *Problem, accept string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	p.Render(w, About{Ray: "8f0c4d1b2a3e4f50-SUN", Host: "a.example", Accept: accept})
	return w
}

func TestEveryProblemInEveryForm(t *testing.T) {
	for _, tt := range every {
		t.Run(tt.name, func(t *testing.T) {
			if tt.p.Status != tt.status || tt.p.Code != tt.code || tt.p.AnsweredBy() != tt.by {
				t.Errorf("status %d code %d by %s, want %d %d %s", tt.p.Status, tt.p.Code, tt.p.AnsweredBy(), tt.status, tt.code, tt.by)
			}
			if tt.p.Cause == "" || tt.p.Mend == "" || tt.p.Title == "" || StatusText(tt.p.Status) == "" {
				t.Errorf("something is not said: %+v", tt.p)
			}
			html := render(tt.p, "text/html,application/xhtml+xml,*/*;q=0.8")
			for _, want := range []string{tt.p.Title, sentence(tt.p.Cause), "8f0c4d1b2a3e4f50-SUN"} {
				if !strings.Contains(html.Body.String(), want) {
					t.Errorf("the page does not say %q", want)
				}
			}
			text := render(tt.p, "*/*")
			if got := text.Body.String(); got != "error code: "+text.Header().Get("Cf-Error-Type") {
				t.Errorf("text %q", got)
			}
			var d Details
			asJSON := render(tt.p, "application/json")
			if err := json.Unmarshal(asJSON.Body.Bytes(), &d); err != nil {
				t.Fatal(err)
			}
			if d.ErrorCode != tt.code || d.Status != tt.status || d.Detail != tt.p.Cause || d.RayID != "8f0c4d1b2a3e4f50" {
				t.Errorf("JSON %+v", d)
			}
			for _, w := range []*httptest.ResponseRecorder{html, text, asJSON} {
				if w.Code != tt.status {
					t.Errorf("status %d on the wire", w.Code)
				}
			}
		})
	}
}

func TestForm(t *testing.T) {
	for accept, want := range map[string]string{
		"":                                    "text",
		"*/*":                                 "text",
		"text/html":                           "html",
		"TEXT/HTML;charset=utf-8":             "html",
		"application/json, text/html":         "json",
		"application/problem+json":            "json",
		"text/html;q=0, application/json":     "json",
		"text/*":                              "text",
		"image/avif,image/webp,*/*;q=0.8":     "text",
		"text/plain, application/json; q=0.5": "json",
	} {
		if got := Form(accept); got != want {
			t.Errorf("Form(%q) = %q, want %q", accept, got, want)
		}
	}
}

func TestPageEscapes(t *testing.T) {
	p := BadRequest(`<script>alert("x")</script>`, `<img src=x onerror=y>`)
	body := render(p, "text/html").Body.String()
	if strings.Contains(body, "<script>") || strings.Contains(body, "<img") {
		t.Error("the page carries markup of the request")
	}
}

func TestHeadHasNoBody(t *testing.T) {
	w := httptest.NewRecorder()
	BadRequest("c", "m").Render(w, About{Head: true})
	if w.Body.Len() != 0 || w.Header().Get("Content-Length") == "0" {
		t.Errorf("body %q, Content-Length %q", w.Body, w.Header().Get("Content-Length"))
	}
}

func FuzzOneLine(f *testing.F) {
	for _, s := range []string{"plain", "a\r\nSet-Cookie: x", "ünï", "\x00\x7f", `say "hi"`, "\xff\xfe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for i, c := range []byte(OneLine(s)) {
			if c < ' ' || c > '~' {
				t.Fatalf("byte %d of %q is %#x", i, OneLine(s), c)
			}
		}
	})
}
