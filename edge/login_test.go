package edge_test

import (
	"context"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge"
)

var (
	formAction = regexp.MustCompile(`<form[^>]*action="([^"]*)"`)
	hiddenName = regexp.MustCompile(`<input[^>]*type="hidden"[^>]*>`)
	attribute  = regexp.MustCompile(`(name|value)="([^"]*)"`)
)

// fill reads the first form of a page as a browser does.
func fill(t testing.TB, page *url.URL, body string) (action string, fields url.Values) {
	t.Helper()
	m := formAction.FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no form on %s:\n%s", page, body)
	}
	to, err := page.Parse(html.UnescapeString(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	fields = url.Values{}
	for _, input := range hiddenName.FindAllString(body, -1) {
		var name, value string
		for _, a := range attribute.FindAllStringSubmatch(input, -1) {
			if a[1] == "name" {
				name = html.UnescapeString(a[2])
			} else {
				value = html.UnescapeString(a[2])
			}
		}
		fields.Set(name, value)
	}
	return to.String(), fields
}

// login goes through the pages: the application's 302, the e-mail form, the PIN form, and
// back to the application.
func login(t testing.TB, e *edge.Edge, c *http.Client, target, email string) (status int, body string) {
	t.Helper()
	read := func(resp *http.Response, err error) (*url.URL, string, int) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.Request.URL, string(b), resp.StatusCode
	}
	page, body, _ := read(c.Get(target))
	action, fields := fill(t, page, body)
	fields.Set("email", email)
	page, body, _ = read(c.PostForm(action, fields))
	code, err := e.Access().WaitOTP(context.Background(), email, page.Query().Get("nonce"))
	if err != nil {
		t.Fatalf("no PIN for %s: %v", email, err)
	}
	action, fields = fill(t, page, body)
	fields.Set("code", code)
	_, body, status = read(c.PostForm(action, fields))
	if status >= 400 && !strings.Contains(body, "<") {
		t.Logf("login of %s ended with %d: %s", email, status, body)
	}
	return status, body
}
