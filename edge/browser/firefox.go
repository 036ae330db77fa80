package browser

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// UntrustedError is that Firefox cannot be made to trust the edge here.
type UntrustedError struct{ GOOS string }

func (e *UntrustedError) Error() string {
	const start = "Firefox trusts an authority only by a database of its own, which certutil of NSS writes, and there is none on PATH: install "
	switch e.GOOS {
	case "darwin":
		return start + "nss (brew install nss), or run sundog ca install, or open Chromium or Chrome"
	case "windows":
		return "Firefox trusts an authority only by a database of its own, or one of Windows: run sundog ca install, or open Chrome or Edge"
	}
	return start + "libnss3-tools (nss-tools on Fedora), or open Chromium or Chrome"
}

// ErrFilesNeeded is that a command line alone does not put a browser inside an edge.
var ErrFilesNeeded = errors.New("a command line alone cannot tell Firefox of the proxy: files in its profile do; leave --print out, or print that of Chromium")

func (b Browser) firefox(ctx context.Context, in Inside, p Profile, target string, more []string) ([]string, error) {
	if p.Dir == "" {
		return nil, ErrFilesNeeded
	}
	if err := b.firefoxTrust(ctx, in, p); err != nil {
		return nil, err
	}
	prefs, err := firefoxPrefs(in)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(p.Dir, "user.js"), prefs, 0o600); err != nil {
		return nil, err
	}
	argv := append([]string{b.Path, "-no-remote", "-new-instance", "-profile", p.Path}, more...)
	return append(argv, target), nil
}

// firefoxTrust writes the profile's certificate database. certutil of Windows is another program.
func (b Browser) firefoxTrust(ctx context.Context, in Inside, p Profile) error {
	certutil, err := b.system.LookPath("certutil")
	if err != nil || b.system.GOOS == "windows" {
		// Where Firefox reads the system's authorities, an installed one is enough.
		if in.Installed && b.system.GOOS != "linux" {
			return nil
		}
		return &UntrustedError{b.system.GOOS}
	}
	db := "sql:" + p.Dir
	for _, argv := range [][]string{
		{certutil, "-N", "-d", db, "--empty-password"},
		{certutil, "-A", "-d", db, "-n", "sundog run CA", "-t", "C,,", "-i", in.CA},
	} {
		if out, err := b.system.Output(ctx, argv...); err != nil {
			return fmt.Errorf("%s: %w %s", strings.Join(argv, " "), err, out)
		}
	}
	return nil
}

// firefoxPrefs is the profile's user.js.
func firefoxPrefs(in Inside) ([]byte, error) {
	host, port, err := net.SplitHostPort(in.Proxy)
	if err != nil {
		return nil, fmt.Errorf("the proxy's address %q: %w", in.Proxy, err)
	}
	var out strings.Builder
	quoted := func(s string) string { return strconv.QuoteToASCII(s) }
	for _, pref := range []struct{ name, value string }{
		{"network.proxy.type", "1"},
		{"network.proxy.http", quoted(host)}, {"network.proxy.http_port", port},
		{"network.proxy.ssl", quoted(host)}, {"network.proxy.ssl_port", port},
		{"network.proxy.no_proxies_on", quoted(firefoxBypass(in.NoProxy))},
		// Without it loopback stays direct whatever the list says.
		{"network.proxy.allow_hijacking_localhost", "true"},
		{"network.proxy.failover_direct", "false"},
		{"network.trr.mode", "5"}, {"network.http.http3.enable", "false"},
		{"media.peerconnection.ice.proxy_only", "true"},
		{"security.enterprise_roots.enabled", "true"},
		{"browser.shell.checkDefaultBrowser", "false"}, {"browser.aboutwelcome.enabled", "false"},
		{"browser.startup.homepage_override.mstone", quoted("ignore")}, {"browser.startup.page", "0"},
		{"browser.newtabpage.enabled", "false"}, {"browser.tabs.warnOnClose", "false"},
		{"datareporting.policy.dataSubmissionEnabled", "false"}, {"datareporting.healthreport.uploadEnabled", "false"},
		{"toolkit.telemetry.enabled", "false"}, {"toolkit.telemetry.unified", "false"}, {"toolkit.telemetry.server", quoted("")},
		{"app.normandy.enabled", "false"}, {"app.update.enabled", "false"}, {"extensions.update.enabled", "false"},
		{"browser.search.update", "false"}, {"browser.region.network.url", quoted("")},
		{"services.settings.server", quoted("data:,#remote-settings-dummy/v1")},
		{"identity.fxaccounts.enabled", "false"}, {"extensions.pocket.enabled", "false"},
		{"network.captive-portal-service.enabled", "false"}, {"network.connectivity-service.enabled", "false"},
		{"browser.safebrowsing.malware.enabled", "false"}, {"browser.safebrowsing.phishing.enabled", "false"},
		{"browser.safebrowsing.downloads.enabled", "false"}, {"media.gmp-manager.updateEnabled", "false"},
		{"network.prefetch-next", "false"}, {"network.dns.disablePrefetch", "true"},
	} {
		fmt.Fprintf(&out, "user_pref(%q, %s);\n", pref.name, pref.value)
	}
	return []byte(out.String()), nil
}

// firefoxBypass is a list of hosts in Firefox's notation: a leading dot is everything below.
func firefoxBypass(noProxy []string) string {
	var list []string
	for _, entry := range noProxy {
		name, below := bypassEntry(entry)
		if name != "" {
			list = append(list, name)
		}
		if below != "" {
			list = append(list, "."+below)
		}
	}
	return strings.Join(list, ", ")
}
