package connector_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/tunnelemu/connector"
)

// cloudflared is the real binary, from $SUNDOG_CLOUDFLARED or PATH. Without it the test is skipped, unless SUNDOG_REQUIRE
// names it.
func cloudflared(t testing.TB) string {
	t.Helper()
	if file := os.Getenv("SUNDOG_CLOUDFLARED"); file != "" {
		return file
	}
	file, err := exec.LookPath("cloudflared")
	if err != nil && slices.Contains(strings.Split(os.Getenv("SUNDOG_REQUIRE"), ","), "cloudflared") {
		t.Fatal("cloudflared is neither on PATH nor in SUNDOG_CLOUDFLARED, and SUNDOG_REQUIRE wants it")
	}
	if err != nil {
		t.Skip("cloudflared is neither on PATH nor in SUNDOG_CLOUDFLARED")
	}
	return file
}

// process is a running cloudflared.
type process struct {
	cmd  *exec.Cmd
	out  logBuffer
	exit chan struct{}
}

// realConnector runs cloudflared with the environment of the recipes, and the arguments after "tunnel".
func realConnector(t testing.TB, e *edge, env []string, args ...string) *process {
	t.Helper()
	binary := cloudflared(t)
	p := &process{exit: make(chan struct{})}
	p.cmd = exec.Command(binary, append([]string{"tunnel"}, args...)...)
	p.cmd.Dir = t.TempDir()
	addr := strings.Repeat(e.addr+",", 4)
	p.cmd.Env = append([]string{"HOME=" + p.cmd.Dir, "TUNNEL_EDGE=" + addr[:len(addr)-1], "TUNNEL_CACERT=" + writeFile(t, "ca.pem", e.pem),
		"NO_AUTOUPDATE=true", "TUNNEL_NO_PRECHECKS=true", "TUNNEL_METRICS=127.0.0.1:0", "TUNNEL_LOGLEVEL=info"}, env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.exit)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Log(p.out.String())
		}
	})
	return p
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.exit
}

// withToken is a connector whose configuration is pushed.
func withToken(t testing.TB, e *edge, p connector.Protocol) *process {
	t.Helper()
	return realConnector(t, e, []string{"TUNNEL_TOKEN=" + web.Token(), "TUNNEL_TRANSPORT_PROTOCOL=" + string(p)}, "run")
}

// withFile is a connector that has a config.yml.
func withFile(t testing.TB, e *edge, p connector.Protocol, originURL string) *process {
	t.Helper()
	config := fmt.Sprintf("tunnel: %s\ncredentials-file: %s\ningress:\n  - hostname: app.example.com\n    service: %s\n  - service: http_status:404\n",
		web.ID, writeFile(t, "creds.json", web.Credentials()), originURL)
	return realConnector(t, e, []string{"TUNNEL_TRANSPORT_PROTOCOL=" + string(p)}, "--config", writeFile(t, "config.yml", []byte(config)), "run")
}

func await(t testing.TB, e *edge, connections int) {
	t.Helper()
	if err := e.Await(within(t), web.ID, connections); err != nil {
		t.Fatal(err, e.log.String())
	}
}

// hostFront is the front whose requests have the host of the ingress rule.
type hostTransport struct{ http.RoundTripper }

func (h hostTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host = "app.example.com"
	return h.RoundTripper.RoundTrip(r)
}

// What the conformance table says of connectors holds for the real one.
func TestRealConformance(t *testing.T) {
	cloudflared(t)
	for _, p := range protocols {
		t.Run(string(p), func(t *testing.T) {
			e := newEdge(t, connector.Options{})
			withFile(t, e, p, originServer(t, originMux()))
			await(t, e, 1)
			client := e.front.Client()
			inner := client.Transport
			for _, tt := range conformance {
				if tt.lost == p {
					continue
				}
				t.Run(tt.name, func(t *testing.T) {
					if tt.name != "WebSocket" && tt.name != "a WebSocket that is refused" {
						client.Transport = hostTransport{inner}
						defer func() { client.Transport = inner }()
					}
					tt.run(t, e, e.front.URL)
				})
			}
		})
	}
}

// originServer is an origin with an address.
func originServer(t testing.TB, h http.Handler) string {
	t.Helper()
	transport := origin(t, h).(*http.Transport)
	conn, err := transport.DialContext(context.Background(), "tcp", "")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return "http://" + conn.RemoteAddr().String()
}

// Four connections, what the edge says of them, what a locally managed connector reports, and a stop in good order.
func TestRealLife(t *testing.T) {
	cloudflared(t)
	for _, p := range protocols {
		t.Run(string(p), func(t *testing.T) {
			e := newEdge(t, connector.Options{})
			process := withFile(t, e, p, originServer(t, originMux()))
			await(t, e, 4)
			e.event(t, connector.Reported)
			list := e.Connectors(web.ID)
			if len(list) != 1 || len(list[0].Connections) != 4 {
				t.Fatalf("%+v", list)
			}
			c := list[0]
			if c.Version == "" || !strings.HasPrefix(c.Arch, "linux_") || !slices.Contains(c.Features, "allow_remote_config") || !c.OriginIP.IsLoopback() {
				t.Errorf("%+v", c)
			}
			if !strings.Contains(string(c.Reported), `"app.example.com"`) {
				t.Errorf("reported %s", c.Reported)
			}
			for i, n := range c.Connections {
				if n.Index != i || n.Protocol != p || n.Location != "lcl01" {
					t.Errorf("%+v", n)
				}
			}
			_ = process.cmd.Process.Signal(syscall.SIGTERM)
			select {
			case <-process.exit:
			case <-within(t).Done():
				t.Fatal("the process does not end: the edge has to close what is unregistered")
			}
			if process.cmd.ProcessState.ExitCode() != 0 {
				t.Error(process.cmd.ProcessState)
			}
			if err := e.Await(within(t), web.ID, 0); err != nil || e.Ready(web.ID) {
				t.Error("still ready", err)
			}
		})
	}
}

// Configuration is pushed when a connector registers and whenever it changes; a bad one is refused, and the last good one
// stays.
func TestRealPush(t *testing.T) {
	cloudflared(t)
	for _, p := range protocols {
		t.Run(string(p), func(t *testing.T) {
			managed := web
			managed.Managed = true
			var mu sync.Mutex
			version, config := 1, `{"ingress":[{"service":"http_status:418"}]}`
			e := newEdge(t, connector.Options{
				Lookup: func(string) (connector.Tunnel, bool) { return managed, true },
				Config: func(string) (int, []byte, bool) {
					mu.Lock()
					defer mu.Unlock()
					return version, []byte(config), true
				},
			})
			set := func(v int, c string) {
				mu.Lock()
				defer mu.Unlock()
				version, config = v, c
			}
			withToken(t, e, p)
			e.event(t, connector.Applied)
			status := func() int {
				resp, _ := send(t, e, request(t, "GET", e.front.URL, nil))
				return resp.StatusCode
			}
			got := []int{status()}
			set(2, `{"ingress":[{"service":"http_status:201"}]}`)
			if err := e.Push(within(t), web.ID); err != nil {
				t.Error(err)
			}
			got = append(got, status(), e.Connectors(web.ID)[0].Config.Version)
			set(3, `{"ingress":[{"service":"nonsense"}]}`)
			var failed *connector.Error
			if err := e.Push(within(t), web.ID); !errors.As(err, &failed) || failed.Kind != connector.KindRejected {
				t.Error(err)
			}
			got = append(got, status(), e.Connectors(web.ID)[0].Config.Version)
			if diff := cmp.Diff([]int{418, 201, 2, 201, 2}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A refusal over HTTP/2 makes the process end, with the cause in its log; over QUIC it tries again.
func TestRealRefusal(t *testing.T) {
	cloudflared(t)
	for _, p := range protocols {
		t.Run(string(p), func(t *testing.T) {
			e := newEdge(t, connector.Options{Fault: func(_ context.Context, at connector.Point) error {
				if at.Stage == connector.StageRegister {
					return &connector.Refusal{Cause: "no room for you"}
				}
				return nil
			}})
			process := withToken(t, e, p)
			if ev := e.event(t, connector.Refused); ev.Reason != "no room for you" {
				t.Error(ev)
			}
			e.logged(t, "registration refused", "no room for you")
			if p == connector.HTTP2 {
				select {
				case <-process.exit:
				case <-within(t).Done():
					t.Fatal("the process does not end")
				}
				if !strings.Contains(process.out.String(), "no room for you") {
					t.Error("the cause is not in the connector's log")
				}
			}
		})
	}
}

// A wrong secret is told apart, and keeps nobody from trying again.
func TestRealWrongSecret(t *testing.T) {
	e := newEdge(t, connector.Options{})
	wrong := web
	wrong.Secret = []byte("fedcba9876543210fedcba9876543210")
	realConnector(t, e, []string{"TUNNEL_TOKEN=" + wrong.Token(), "TUNNEL_TRANSPORT_PROTOCOL=http2"}, "run")
	if ev := e.event(t, connector.Refused); ev.Reason != "Unauthorized: Invalid tunnel secret" {
		t.Error(ev)
	}
}

// A private destination is reached by the connector's own dial.
func TestRealPrivateTCP(t *testing.T) {
	cloudflared(t)
	for _, p := range protocols {
		t.Run(string(p), func(t *testing.T) {
			e := newEdge(t, connector.Options{})
			withToken(t, e, p)
			await(t, e, 1)
			echoThrough(t, e, echoServer(t))
		})
	}
}

// One of two replicas is killed under load: what was on it fails, and no request does that was sent later.
func TestRealKillReplica(t *testing.T) {
	cloudflared(t)
	for _, p := range protocols {
		t.Run(string(p), func(t *testing.T) {
			e := newEdge(t, connector.Options{})
			url := originServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "ok") }))
			first := withFile(t, e, p, url)
			await(t, e, 4)
			withFile(t, e, p, url)
			await(t, e, 8)
			victims := e.connectionsOf(e.Connectors(web.ID)[0].ID)

			var ok, failed, unsent atomic.Int64
			stop := make(chan struct{})
			var load sync.WaitGroup
			for range 8 {
				load.Go(func() {
					for {
						select {
						case <-stop:
							return
						default:
						}
						r, _ := http.NewRequestWithContext(context.Background(), "GET", "http://app.example.com/", nil)
						resp, err := e.RoundTrip(r, web.ID)
						var why *connector.Error
						switch {
						case errors.As(err, &why) && (why.Kind == connector.KindNotSent || why.Kind == connector.KindNoConnector):
							unsent.Add(1)
						case err != nil || resp.StatusCode != 200:
							failed.Add(1)
						default:
							ok.Add(1)
						}
						if err == nil {
							_, _ = io.Copy(io.Discard, resp.Body)
							resp.Body.Close()
						}
					}
				})
			}
			eventually(t, func() bool { return ok.Load() > 500 }, func() string { return "no load" })
			first.kill()
			eventually(t, func() bool { return e.connectionsOf("") <= victims }, func() string { return "the killed connector stays" })
			before := failed.Load()
			served := ok.Load()
			eventually(t, func() bool { return ok.Load() > served+500 }, func() string { return "the other replica does not serve" })
			close(stop)
			load.Wait()
			t.Logf("%d answered, %d lost with the killed replica, %d not sent", ok.Load(), failed.Load(), unsent.Load())
			if unsent.Load() > 0 || failed.Load() > before+8 {
				t.Errorf("%d requests failed that were never sent, %d after the replica had gone", unsent.Load(), failed.Load()-before)
			}
		})
	}
}

func (e *edge) connectionsOf(connectorID string) (n int) {
	for _, c := range e.Connectors(web.ID) {
		if connectorID == "" || c.ID == connectorID {
			n += len(c.Connections)
		}
	}
	return n
}

// echoServer answers with what it gets.
func echoServer(t testing.TB) net.Addr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = io.Copy(conn, conn)
			}()
		}
	}()
	return l.Addr()
}

func echoThrough(t testing.TB, e *edge, to net.Addr) {
	t.Helper()
	conn, err := e.DialContext(within(t), web.ID, "tcp", to.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, word := range []string{"one", "two"} {
		if _, err := io.WriteString(conn, word); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, len(word))
		if _, err := io.ReadFull(conn, buf); err != nil || string(buf) != word {
			t.Fatalf("%q %v", buf, err)
		}
	}
	if err := conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(conn); err != nil || len(rest) > 0 {
		t.Errorf("%q %v", rest, err)
	}
}
