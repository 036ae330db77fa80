package browser

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Inside is what a browser must know of an edge.
type Inside struct {
	Proxy     string   // "127.0.0.1:4380"; required
	NoProxy   []string // hosts to ask directly, as NO_PROXY has them
	SPKI      string   // base64 SHA-256 of the run CA's key
	CA        string   // file of the run CA's certificate
	Installed bool     // the system trusts an authority that has signed the run CA
}

// Command is the command line that opens a URL (http or https), with further arguments of the browser's
// own before it. For Firefox it also writes the files into the profile.
func (b Browser) Command(ctx context.Context, in Inside, p Profile, target string, more []string) ([]string, error) {
	if in.Proxy == "" {
		return nil, errors.New("the edge has no proxy listener, so that no browser can live inside it; start it without --proxy off")
	}
	// What begins with a dash, or opens a file, is no page of this world.
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, fmt.Errorf("%q is no page to open: want https://HOST/PATH", target)
	}
	if b.Kind == Firefox {
		return b.firefox(ctx, in, p, target, more)
	}
	return b.chromium(in, p, target, more), nil
}

// Notes are what a person should know of a browser that is started so; empty: nothing.
func (b Browser) Notes() (notes []string) {
	if b.Kind == Chromium && b.unsandboxed() {
		notes = append(notes, "Chromium has no sandbox for root: it runs with --no-sandbox; open only pages that you trust, or run this as another user")
	}
	return notes
}

// unsandboxed says that the browser refuses to run with its sandbox.
func (b Browser) unsandboxed() bool { return b.system.Root && !b.Windows && b.system.GOOS == "linux" }

// chromiumQuiet keeps a browser from asking and from sending what no page has asked for.
var chromiumQuiet = [...]string{
	"--no-first-run", "--no-default-browser-check", "--no-service-autorun", "--no-pings",
	"--disable-sync", "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
	"--disable-domain-reliability", "--disable-breakpad", "--disable-crash-reporter", "--metrics-recording-only",
	"--disable-client-side-phishing-detection", "--disable-search-engine-choice-screen",
	"--disable-features=OptimizationHints,OptimizationGuideModelDownloading,MediaRouter,Translate,NetworkTimeServiceQuerying,AutofillServerCommunication,CertificateTransparencyComponentUpdater,InterestFeedContentSuggestions,DnsOverHttps",
	// Two services that no switch turns off: they ask where nobody listens.
	"--gaia-url=http://127.0.0.1:9", "--component-updater=url-source=http://127.0.0.1:9",
	// A throw-away profile has nothing to keep in the user's key ring, and must not ask for it.
	"--password-store=basic", "--use-mock-keychain",
	// UDP does not go through an HTTP proxy: it would leave beside it.
	"--disable-quic", "--webrtc-ip-handling-policy=disable_non_proxied_udp",
	"--log-level=3",
}

func (b Browser) chromium(in Inside, p Profile, target string, more []string) []string {
	argv := []string{
		b.Path,
		"--user-data-dir=" + p.Path,
		"--proxy-server=http://" + in.Proxy,
		"--proxy-bypass-list=" + chromiumBypass(in.NoProxy),
	}
	if in.SPKI != "" {
		argv = append(argv, "--ignore-certificate-errors-spki-list="+in.SPKI)
	}
	argv = append(argv, chromiumQuiet[:]...)
	if b.unsandboxed() {
		argv = append(argv, "--no-sandbox")
	}
	argv = append(argv, more...)
	return append(argv, target)
}

// chromiumBypass is a list of hosts in Chromium's notation. Chromium keeps loopback and link-local hosts from
// every proxy by itself; "<-loopback>" takes that back, so that the list alone decides, as it does
// for other clients.
func chromiumBypass(noProxy []string) string {
	rules := []string{"<-loopback>"}
	for _, entry := range noProxy {
		name, below := bypassEntry(entry)
		if name != "" {
			rules = append(rules, name)
		}
		if below != "" {
			rules = append(rules, "*."+below)
		}
	}
	return strings.Join(rules, ";")
}
