package edge

import (
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"

	"github.com/sundog-edge/sundog/edge/admin"
)

// cliPage is where cloudflared sends the browser of whoever runs it.
const cliPage = "/cdn-cgi/access/cli"

var grantField = regexp.MustCompile(`name="grant" value="([^"]*)"`)

// Approve opens the page that cloudflared sends a browser to, as a person, and approves: the login
// pages and the page itself, in process. Who is not let in is refused as by SignIn, and that run of
// cloudflared is told, which would wait for minutes.
func (e *Edge) Approve(x admin.Approval) (*SignedIn, error) {
	page, err := url.Parse(x.URL)
	if err != nil || page.Scheme != "https" || page.Path != cliPage || page.Host == "" || page.User != nil {
		return nil, &SignInError{Found: fmt.Sprintf("%q is no page of cloudflared's", x.URL), Mend: "name the URL that it printed, https://HOST" + cliPage + "?…"}
	}
	page.Fragment = ""
	done, err := e.approve(page, x)
	if err != nil {
		e.access.RefuseTransfer(page.Query().Get("token"), err.Error())
	}
	return done, err
}

func (e *Edge) approve(page *url.URL, x admin.Approval) (*SignedIn, error) {
	// The application may cover a part of the host: that is where cloudflared was sent to.
	app := url.URL{Scheme: "https", Host: page.Host, Path: "/"}
	if to, err := url.Parse(page.Query().Get("redirect_url")); err == nil && to.Host == page.Host && to.Path != "" {
		app.Path, app.RawPath = to.Path, to.RawPath
	}
	done, w, err := e.signIn(SignIn{Email: x.As, URL: app.String(), Client: x.Client})
	if err != nil {
		return nil, err
	}
	if !done.Protected {
		return nil, &SignInError{Found: app.String() + " asks nobody to log in", Mend: "ask it without cloudflared access"}
	}
	page.Host = hostOf(done.URL)
	shown := w.ask(http.MethodGet, page, "")
	for at, hops := page, 0; shown.status == http.StatusFound && hops < 4; hops++ {
		// By the team domain, which asks nothing of who has just signed in there.
		next, err := at.Parse(shown.header.Get("Location"))
		if err != nil {
			break
		}
		at, shown = next, w.ask(http.MethodGet, next, "")
	}
	if field := grantField.FindSubmatch(shown.page); shown.status == http.StatusOK && field != nil {
		shown = w.ask(http.MethodPost, page, url.Values{"grant": {html.UnescapeString(string(field[1]))}}.Encode())
	}
	if shown.status != http.StatusOK {
		return nil, shown.unexpected(page)
	}
	return done, nil
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

func (b *backend) Approve(x admin.Approval) (admin.Approved, error) {
	done, err := (*Edge)(b).Approve(x)
	var refused *NotAdmittedError
	if err != nil {
		if errors.As(err, &refused) {
			return admin.Approved{}, &admin.Problem{Status: http.StatusForbidden, Failure: failureOf(refused)}
		}
		return admin.Approved{}, asProblem(err)
	}
	return admin.Approved{As: done.Email, App: done.App, AUD: done.AUD}, nil
}
