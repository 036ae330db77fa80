package api

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strconv"
	"strings"
	"testing"
)

// client calls the API as curl would.
type client struct {
	t *testing.T
	h http.Handler
}

func newClient(t *testing.T, m *memory) client { return client{t, New(options(m))} }

type answer struct {
	Status  int
	Success bool
	Errors  []apiError
	Result  any
	Info    *pageInfo `json:"result_info"`
	text    string
}

// call sends a request; body is a text, or what is sent as JSON. A/ stands for the account.
func (c client) call(method, path string, body any) answer {
	c.t.Helper()
	text, isText := body.(string)
	if !isText && body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		text = string(b)
	}
	return c.send(method, path, "application/x-www-form-urlencoded", strings.NewReader(text))
}

func (c client) send(method, path, contentType string, body io.Reader) answer {
	c.t.Helper()
	if rest, ok := strings.CutPrefix(path, "A/"); ok {
		path = "/accounts/" + testAccount + "/" + rest
	}
	r := httptest.NewRequestWithContext(c.t.Context(), method, Prefix+path, body)
	r.Header.Set("Authorization", "Bearer "+testToken)
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, r)
	a := answer{Status: w.Code, text: w.Body.String()}
	if got := w.Header().Get("Content-Type"); got != "application/json" {
		if strings.HasPrefix(got, "multipart/form-data") {
			return a
		}
		c.t.Errorf("%s %s: Content-Type %q", method, path, got)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		c.t.Fatalf("%s %s: %v\n%s", method, path, err, w.Body)
	}
	if a.Success != (a.Status == 200) || a.Success != (len(a.Errors) == 0) {
		c.t.Errorf("%s %s: status %d with %s", method, path, a.Status, a.text)
	}
	return a
}

// ok calls, and wants success.
func (c client) ok(method, path string, body any) answer {
	c.t.Helper()
	a := c.call(method, path, body)
	if a.Status != 200 {
		c.t.Fatalf("%s %s: %d %s", method, path, a.Status, a.text)
	}
	return a
}

// refused calls, and wants that status and code.
func (c client) refused(method, path string, body any, status, code int) answer {
	c.t.Helper()
	a := c.call(method, path, body)
	if a.Status != status || len(a.Errors) == 0 || a.Errors[0].Code != code {
		c.t.Errorf("%s %s: want %d %d, got %d %s", method, path, status, code, a.Status, a.text)
	}
	return a
}

// field follows names and indices into a result.
func (a answer) field(path string) any {
	v := a.Result
	for step := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// sent is one part of a form.
type sent struct{ name, filename, kind, content string }

func form(t testing.TB, parts ...sent) (contentType string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.SetBoundary("xxxx"); err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		h := textproto.MIMEHeader{}
		d := `form-data; name="` + p.name + `"`
		if p.filename != "" {
			d += `; filename="` + p.filename + `"`
		}
		h.Set("Content-Disposition", d)
		if p.kind != "" {
			h.Set("Content-Type", p.kind)
		}
		pw, err := w.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(pw, p.content)
	}
	w.Close()
	return w.FormDataContentType(), b.Bytes()
}

// worker is an upload of a Worker of one module, with metadata as JSON.
func worker(code, metadata string) []sent {
	return []sent{
		{name: "metadata", content: metadata},
		{"index.js", "index.js", "application/javascript+module", code},
	}
}

// upload sends a Worker.
func (c client) upload(method, path string, parts ...sent) answer {
	c.t.Helper()
	contentType, body := form(c.t, parts...)
	return c.send(method, path, contentType, bytes.NewReader(body))
}

const meta = `{"main_module":"index.js","compatibility_date":"2026-11-01"}`

// deployed uploads a Worker and wants success.
func (c client) deployed(name, metadata string) answer {
	c.t.Helper()
	a := c.upload("PUT", "A/workers/scripts/"+name, worker("export default {}", metadata)...)
	if a.Status != 200 {
		c.t.Fatalf("deploy %s: %s", name, a.text)
	}
	return a
}
