package tunnelemu

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// cloudflared is the real binary, from $SUNDOG_CLOUDFLARED or PATH.
func cloudflared(t *testing.T) string {
	t.Helper()
	if file := os.Getenv("SUNDOG_CLOUDFLARED"); file != "" {
		return file
	}
	file, err := exec.LookPath("cloudflared")
	if err != nil {
		t.Skip("cloudflared is neither on PATH nor in SUNDOG_CLOUDFLARED")
	}
	return file
}

// realReport runs the real command in a directory of its own.
func realReport(t *testing.T, binary, dir, config string, args ...string) Report {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "t.yml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, append([]string{"tunnel", "--config", "t.yml", "ingress"}, args...)...)
	cmd.Dir = dir
	cmd.Env = []string{"HOME=" + dir}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return Report{Stdout: stdout.String(), Stderr: stderr.String(), Code: cmd.ProcessState.ExitCode()}
}

// same compares reports up to the wording of errors and of the list of unknown keys.
func same(ours, theirs Report) bool {
	cut := func(s string) string {
		head, _, warned := strings.Cut(s, "Warning: ")
		if warned {
			head += "Warning"
		}
		return head
	}
	return ours.Code == theirs.Code && (ours.Stderr == "") == (theirs.Stderr == "") && cut(ours.Stdout) == cut(theirs.Stdout)
}

type question struct {
	config string
	args   []string
}

func (q question) ours() Report {
	if q.args[0] == "rule" {
		return RuleReport("t.yml", []byte(q.config), q.args[1])
	}
	return ValidateReport("t.yml", []byte(q.config))
}

// The tables of verdicts are what the real command says, and so is a corpus of made-up files. SUNDOG_CASES sets the
// size of the corpus, SUNDOG_SEED repeats one.
func TestAgainstCloudflared(t *testing.T) {
	binary := cloudflared(t)
	var questions []question
	for _, v := range allVerdicts() {
		questions = append(questions, question{v.config, []string{"validate"}})
	}
	for url := range ruleVerdicts {
		questions = append(questions, question{elevenRules, []string{"rule", url}})
	}
	n, err := strconv.Atoi(os.Getenv("SUNDOG_CASES"))
	if err != nil {
		n = 100
	}
	seed, err := strconv.ParseUint(os.Getenv("SUNDOG_SEED"), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	t.Logf("SUNDOG_SEED=%d", seed)
	g := &corpus{rand.New(rand.NewPCG(seed, 0))}
	for range n {
		config := g.config()
		questions = append(questions, question{config, []string{"validate"}}, question{config, []string{"rule", g.url()}})
	}

	work := make(chan question)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		dir := t.TempDir()
		wg.Go(func() {
			for q := range work {
				ours, theirs := q.ours(), realReport(t, binary, dir, q.config, q.args...)
				if !same(ours, theirs) {
					t.Errorf("%q differs for\n%s\nours:   %+v\ntheirs: %+v", q.args, q.config, ours, theirs)
				}
			}
		})
	}
	for _, q := range questions {
		work <- q
	}
	close(work)
	wg.Wait()
}

// corpus makes up configurations: mostly valid ones, with a slip now and then.
type corpus struct{ *rand.Rand }

func (g *corpus) pick(from ...string) string { return from[g.IntN(len(from))] }

func (g *corpus) config() string {
	var b strings.Builder
	if g.IntN(4) == 0 {
		b.WriteString(g.pick("tunnel: abc\n", "tunnel: 5\n", "protocol: quic\n", "protocol: 5\n", "metrics: localhost:0\n", "grace-period: 10s\n", "grace-period: 5\n", "no-autoupdate: true\n", "no-autoupdate: 'true'\n",
			"url: http://localhost\n", "Ingres: []\n", "hello-world: true\n", "warp-routing: {enabled: true}\n", "warp-routing: {tcpKeepAlive: 3s}\n", "retries: 3\n", "retries: 0x3\n", "retries: 3e0\n", "edge: [a, b]\n", "tag: [1]\n", "x: &x {service: 'http_status:418'}\n",
			"logfile: 2001-01-01\n", "label: !!str 5\n", "ha-connections: 9223372036854775808\n", "socks5: off\n", "name: ~\n"))
	}
	if g.IntN(4) == 0 {
		b.WriteString("originRequest:\n  " + g.option() + "\n")
	}
	if g.IntN(30) == 0 {
		b.WriteString("ingress:\n  " + g.pick("[]", "a: b", "x", "- x", "- []", "-", "- {}") + "\n")
		return b.String()
	}
	b.WriteString("ingress:\n")
	n := 1 + g.IntN(7)
	for i := range n {
		last := i == n-1
		b.WriteString("  - service: " + g.service() + "\n")
		if host := g.host(); host != "" && (!last || g.IntN(20) == 0) {
			fmt.Fprintf(&b, "    hostname: %s\n", host)
		} else if !last && g.IntN(20) != 0 {
			b.WriteString("    path: " + g.path() + "\n")
		}
		if g.IntN(4) == 0 && !strings.Contains(b.String()[strings.LastIndex(b.String(), "- service"):], "path:") && !last {
			b.WriteString("    path: " + g.path() + "\n")
		}
		if g.IntN(4) == 0 {
			b.WriteString("    originRequest:\n      " + g.option() + "\n")
			if g.IntN(3) == 0 {
				b.WriteString("      " + g.option() + "\n")
			}
		}
	}
	return b.String()
}

func (g *corpus) service() string {
	if g.IntN(12) == 0 {
		return g.pick("localhost:80", "http://localhost/", "http://h/x", "127.0.0.1:80", "http_status:99", "http_status:1000", "''", "~", "nonsense", "http://", "http://[::1", "http://h:x", "[a]", "socks", "'http_status:40 4'", "http://%zz", "5", "'http://h/?q'", "'#'", "http:/h", "tcp://", "'unix'", "http://a\\b")
	}
	return g.pick("http://localhost:8080", "https://10.0.0.1", "http_status:404", "http_status:503", "hello_world", "hello-world", "unix:/a/b", "unix+tls:/a", "ws://h", "wss://h:1", "tcp://h", "tcp://[::1]", "ssh://h", "ssh://u@h", "rdp://h:1", "smb://h?x", "foo://h", "foo://h:9", "bastion", "socks-proxy",
		"HTTP://Host:1", "http://u:p@h", "'http://h?q=1#f'", "https://[::1]:443", "http://h_x", "http://ümlaut", "http://h.", "http_status:0200", "'http://h:'", "\"http://h\"", "!!str http://h", "TCP://h", "tcp://h:")
}

func (g *corpus) host() string {
	if g.IntN(15) == 0 {
		return g.pick("a.*.com", "'*.*.com'", "a.com:80", "'*a.com'", "'*.'", "'[::1]'", "'*'", "''", "5", "true", "1.5", "~", "'a b'", "[a]", "'*.com:1'", "-a.com", "a..com", "xn--", ".a.com", "a.com.")
	}
	return g.pick("", "a.com", "b.a.com", "'*.a.com'", "'*.com'", "B.A.com", "môô.com", "xn--m-xgaa.com", "'*.môô.com'", "STRASSE.de", "straße.de", "c_d.com", "'*.b.a.com'")
}

func (g *corpus) path() string {
	if g.IntN(15) == 0 {
		return g.pick("'['", "'(?=x)'", "'a**'", "'(?P<x'", "''", "5", "~", "'\\'")
	}
	return g.pick("/api", "'^/api$'", "'\\.png$'", "/x/y", "'(?i)/API'", "'[0-9]+'", "'ü'", "' '", "'/a|/b'", "'.'")
}

func (g *corpus) option() string {
	if g.IntN(6) == 0 {
		return g.pick("connectTimeout: 5", "tlsTimeout: x", "noTLSVerify: 'true'", "keepAliveConnections: x", "proxyPort: -1", "connecttimeout: 5s", "unknown: x", "access: {required: true, audTag: [a]}", "access: []", "ipRules: {a: b}", "ipRules: [{prefix: x}]", "caPool: []", "noHappyEyeballs: 2", "http2Origin: sure", "access: {required: 'true'}", "ipRules: [{prefix: 1.2.3.4/33}]", "ipRules: [{prefix: 1.2.3.4/8, ports: [a]}]", "keepAliveConnections: 99999999999999999999", "keepAliveConnections: 1e3", "proxyPort: 1.0", "tcpKeepAlive: 1d", "access: {audTag: [1, true]}")
	}
	return g.pick("connectTimeout: 5s", "tlsTimeout: 1m30s", "tcpKeepAlive: 500ms", "noHappyEyeballs: true", "keepAliveConnections: 3", "keepAliveTimeout: 1h", "httpHostHeader: x", "originServerName: y", "matchSNItoHost: yes", "caPool: /nope", "noTLSVerify: on", "disableChunkedEncoding: true", "bastionMode: true", "bastionMode: false", "proxyAddress: x", "proxyPort: 80", "proxyType: socks", "ipRules: [{prefix: 10.0.0.0/8, ports: [1, 2], allow: true}]", "http2Origin: 'on'", "access: {required: true}", "access: {required: true, teamName: t, audTag: [a]}", "access:", "ipRules:")
}

func (g *corpus) url() string {
	return g.pick("https://", "http://", "//", "ftp://", "") + g.pick("a.com", "b.a.com", "c.b.a.com", "B.A.com", "A.COM", "môô.com", "xn--m-xgaa.com", "x.môô.com", "x.xn--m-xgaa.com", "straße.de", "strasse.de", "xn--strae-oqa.de", "[::1]", "a.com:8080", "[::1]:80", "c_d.com", "x.com", "com", ".a.com", "a.com.", "5", "true", "", "*a.com") +
		g.pick("", "/", "/api", "/v1/api?x", "/%61pi", "/a.png", "/API", "/x%2Fy", "/x/y", "/7", "/%C3%BC", "/ü", "/a%20b", "/?q=/api", "/#/api", "/%zz", "/b")
}
