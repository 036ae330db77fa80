package environ

import (
	"encoding/json"
	"io"
	"net/url"
)

// writePlaywright writes options for Playwright's use: {}, as JSON. Chromium
// trusts the CA by its key; Firefox and WebKit have no such option, so for
// them the project sets ignoreHTTPSErrors.
func writePlaywright(w io.Writer, p *Plan) error {
	type proxy struct {
		Server   string `json:"server"`
		Bypass   string `json:"bypass"`
		Username string `json:"username,omitempty"`
		Password string `json:"password,omitempty"`
	}
	type launch struct {
		Args []string `json:"args"`
	}
	doc := struct {
		Proxy         proxy   `json:"proxy"`
		LaunchOptions *launch `json:"launchOptions,omitempty"`
	}{Proxy: proxy{
		Server:   (&url.URL{Scheme: "http", Host: p.input.Proxy}).String(),
		Bypass:   p.NoProxy,
		Username: p.input.Client,
		Password: p.input.ProxyPassword,
	}}
	if p.input.SPKI != "" {
		doc.LaunchOptions = &launch{[]string{"--ignore-certificate-errors-spki-list=" + p.input.SPKI}}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}
