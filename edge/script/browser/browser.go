package browser

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Browser asks for pages. Client's jar is where cookies stay.
type Browser struct {
	Client *http.Client // its CheckRedirect is not used; nil is no choice
	// Header is sent with every request. Nil: Accept as a browser sends it.
	Header http.Header
}

// Limits of one page.
const (
	maxHops = 20       // what browsers allow
	maxPage = 16 << 20 // bytes of a body
)

// Get opens a page.
func (b *Browser) Get(ctx context.Context, address string) (*Page, error) {
	return b.open(ctx, http.MethodGet, address, "", nil)
}

// Submit sends a form back with some of its fields filled in. Names that the form does
// not have are an error.
func (b *Browser) Submit(ctx context.Context, from *Page, f *Form, fill map[string]string) (*Page, error) {
	return b.submit(ctx, from, f, fill, nil)
}

// Click sends the form back that has a button of that name and value, as a click on it does. It is nil
// without an error where no form has one.
func (b *Browser) Click(ctx context.Context, from *Page, name, value string) (*Page, error) {
	for i := range from.Forms {
		for _, button := range from.Forms[i].Buttons {
			if button.Name == name && button.Value == value {
				return b.submit(ctx, from, &from.Forms[i], nil, &button)
			}
		}
	}
	return nil, nil
}

func (b *Browser) submit(ctx context.Context, from *Page, f *Form, fill map[string]string, clicked *Field) (*Page, error) {
	values := url.Values{}
	if clicked != nil {
		values.Add(clicked.Name, clicked.Value)
	}
	left := len(fill)
	for _, in := range f.Fields {
		v, ok := fill[in.Name]
		if !ok {
			v = in.Value
		} else {
			left--
		}
		values.Add(in.Name, v)
	}
	if left != 0 {
		return nil, fmt.Errorf("browser: the form at %s lacks a field that is to be filled in", from.URL)
	}
	if f.Method == http.MethodGet {
		u := *f.Action
		u.RawQuery = values.Encode()
		return b.open(ctx, http.MethodGet, u.String(), "", nil)
	}
	return b.open(ctx, f.Method, f.Action.String(), values.Encode(), from.URL)
}

// open asks, and follows redirects as browsers do: 307 and 308 keep method and body,
// the others become a GET.
func (b *Browser) open(ctx context.Context, method, address, body string, from *url.URL) (*Page, error) {
	client := *b.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	page := &Page{}
	for range maxHops {
		r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
		if err != nil {
			return nil, err
		}
		if r.Header = b.Header.Clone(); r.Header == nil {
			r.Header = http.Header{"Accept": {"text/html,application/xhtml+xml,*/*;q=0.8"}}
		}
		if body != "" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		if from != nil && method != http.MethodGet {
			r.Header.Set("Origin", from.Scheme+"://"+from.Host)
			r.Header.Set("Referer", from.String())
		}
		resp, err := client.Do(r)
		if err != nil {
			return nil, err
		}
		read, err := io.ReadAll(io.LimitReader(resp.Body, maxPage))
		resp.Body.Close()
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", method, address, err)
		}
		hop := Hop{Method: method, URL: r.URL, Status: resp.StatusCode, Header: resp.Header}
		next, err := resp.Location()
		if resp.StatusCode/100 != 3 || err != nil {
			page.Hop, page.Body = hop, read
			page.read()
			return page, nil
		}
		page.Trail = append(page.Trail, hop)
		address = next.String()
		if resp.StatusCode != http.StatusTemporaryRedirect && resp.StatusCode != http.StatusPermanentRedirect {
			method, body = http.MethodGet, ""
		}
	}
	return nil, fmt.Errorf("%s redirects in a circle: %d redirects and no page", address, maxHops)
}
