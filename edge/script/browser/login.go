package browser

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// ErrNotAsked is a login at an address that asks nobody to log in.
var ErrNotAsked = errors.New("the page asks nobody to log in")

// LoginError is a login that ended on another page than the one that was asked for.
type LoginError struct {
	Email string
	Cause string // what was expected and not found
	Page  *Page  // where it ended
}

// Error names the page that was met and why the edge showed it.
func (e *LoginError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "login as %s: %s; met", e.Email, e.Cause)
	if e.Page.Title != "" {
		fmt.Fprintf(&b, " %q,", e.Page.Title)
	}
	fmt.Fprintf(&b, " %d %s at %s://%s%s", e.Page.Status, http.StatusText(e.Page.Status), e.Page.URL.Scheme, e.Page.URL.Host, e.Page.URL.Path)
	if why := e.Page.header("Sundog-Why"); why != "" {
		fmt.Fprintf(&b, "\nSundog-Why: %s", why)
	}
	if e.Page.Text != "" {
		fmt.Fprintf(&b, "\nthe page says:\n%s", indent(e.Page.Text))
	}
	return b.String()
}

func indent(s string) string { return "\t" + strings.ReplaceAll(s, "\n", "\n\t") }

// Ask opens an address, and on the login page that it leads to asks for a PIN for
// email. It returns the page that wants the PIN. Whether a mail was sent, the page does
// not tell.
func (b *Browser) Ask(ctx context.Context, email, address string) (*Page, error) {
	page, err := b.Get(ctx, address)
	if err != nil {
		return nil, err
	}
	return b.ask(ctx, email, address, page)
}

func (b *Browser) ask(ctx context.Context, email, address string, page *Page) (*Page, error) {
	if len(page.Trail) == 0 || !away(page, address) {
		return page, fmt.Errorf("%s: %w: it answered %d", address, ErrNotAsked, page.Status)
	}
	form := page.Form("email")
	if form == nil {
		return page, &LoginError{email, "there is no field for an e-mail address", page}
	}
	in, _ := form.Field("email")
	page, err := b.Submit(ctx, page, form, map[string]string{in.Name: email})
	if err != nil {
		return nil, err
	}
	if page.Form("code") == nil {
		return page, &LoginError{email, "there is no field for a PIN", page}
	}
	return page, nil
}

// Pick is Ask by a click on the person, where the login page lists people, and goes on with the PIN
// that the next page has filled in.
func (b *Browser) Pick(ctx context.Context, email, address string) (*Page, error) {
	page, err := b.Get(ctx, address)
	if err != nil {
		return nil, err
	}
	if len(page.Trail) == 0 || !away(page, address) {
		return page, fmt.Errorf("%s: %w: it answered %d", address, ErrNotAsked, page.Status)
	}
	asked, err := b.Click(ctx, page, "email", email)
	if err != nil {
		return nil, err
	}
	if asked == nil {
		return page, &LoginError{email, "the login page does not list that person", page}
	}
	form := asked.Form("code")
	if form == nil {
		return asked, &LoginError{email, "there is no field for a PIN", asked}
	}
	pin, _ := form.Field("code")
	if pin.Value == "" {
		return asked, &LoginError{email, "no PIN is filled in", asked}
	}
	return b.Enter(ctx, asked, email, pin.Value)
}

// Resend follows the link to a new PIN on the page that Ask returned.
func (b *Browser) Resend(ctx context.Context, asked *Page, email string) (*Page, error) {
	for _, link := range asked.Links {
		if strings.HasSuffix(link.Path, "/resend-code") {
			page, err := b.Get(ctx, link.String())
			if err == nil && page.Form("code") == nil {
				err = &LoginError{email, "there is no field for a PIN", page}
			}
			return page, err
		}
	}
	return asked, &LoginError{email, "there is no link to a new PIN", asked}
}

// Enter types a PIN into the page that Ask returned. It may be used on the same page
// again, as the back button allows. Success is the page that address names.
func (b *Browser) Enter(ctx context.Context, asked *Page, email, pin string) (*Page, error) {
	form := asked.Form("code")
	if form == nil {
		return asked, &LoginError{email, "there is no field for a PIN", asked}
	}
	in, _ := form.Field("code")
	page, err := b.Submit(ctx, asked, form, map[string]string{in.Name: pin})
	if err != nil {
		return nil, err
	}
	if page.URL.Host == asked.URL.Host {
		return page, &LoginError{email, "the PIN did not lead back to the application", page}
	}
	if strings.HasPrefix(page.URL.Path, "/cdn-cgi/access/") {
		return page, &LoginError{email, "the application did not take the login", page}
	}
	return page, nil
}

// Login goes the whole way from an address to the page behind the login. pin is asked
// for the PIN that was mailed; an empty one means that no mail came. A browser that is
// signed in to the team elsewhere is let in without a form.
func (b *Browser) Login(ctx context.Context, email, address string, pin func(email, nonce string) string) (*Page, error) {
	page, err := b.Get(ctx, address)
	if err != nil {
		return nil, err
	}
	if !away(page, address) && passedTeam(page, address) {
		return page, nil
	}
	page, err = b.ask(ctx, email, address, page)
	if err != nil {
		return page, err
	}
	code := pin(email, page.URL.Query().Get("nonce"))
	if code == "" {
		return page, &LoginError{email, "no mail was sent to that address, as for one that no policy allows", page}
	}
	return b.Enter(ctx, page, email, code)
}

// ownProvider is the page by which the lookalike plays an identity provider.
const ownProvider = "/cdn-cgi/access/sundog-idp"

// With goes the whole way by an identity provider: its link on the login page, if that is shown, and
// on the lookalike's own page the person in the list, or the address. A provider elsewhere must lead
// back without a question.
func (b *Browser) With(ctx context.Context, provider, email, address string) (*Page, error) {
	page, err := b.Get(ctx, address)
	if err != nil {
		return nil, err
	}
	switch {
	case !away(page, address) && passedTeam(page, address):
		return page, nil
	case len(page.Trail) == 0 || !away(page, address):
		return page, fmt.Errorf("%s: %w: it answered %d", address, ErrNotAsked, page.Status)
	}
	team := page.URL.Host
	for i, link := range page.Links {
		if strings.HasPrefix(page.Named[i], "Sign in with "+provider) && link.Query().Has("idp") {
			if page, err = b.Get(ctx, link.String()); err != nil {
				return nil, err
			}
			break
		}
	}
	if page.URL.Host == team && page.URL.Path == ownProvider {
		shown := page
		if page, err = b.Click(ctx, shown, "email", email); page == nil && err == nil {
			form := shown.Form("email")
			if form == nil {
				return shown, &LoginError{email, "there is no field for an e-mail address", shown}
			}
			page, err = b.Submit(ctx, shown, form, map[string]string{"email": email})
		}
		if err != nil {
			return nil, err
		}
	}
	switch {
	case page.URL.Host == team && len(page.Trail) == 0 || strings.Contains(page.URL.Path, "/cdn-cgi/access/login/") && page.Status == http.StatusOK:
		return page, &LoginError{email, "there is no link to the identity provider " + provider, page}
	case away(page, address):
		return page, &LoginError{email, "the identity provider did not lead back to the application", page}
	case strings.HasPrefix(page.URL.Path, "/cdn-cgi/access/"):
		return page, &LoginError{email, "the application did not take the login", page}
	}
	return page, nil
}

// away says whether the page lies on another host than the address.
func away(p *Page, address string) bool {
	u, err := url.Parse(address)
	return err != nil || !strings.EqualFold(u.Host, p.URL.Host)
}

// passedTeam says whether the way to the page led over another host.
func passedTeam(p *Page, address string) bool {
	for _, hop := range p.Trail {
		if away(&Page{Hop: hop}, address) {
			return true
		}
	}
	return false
}
