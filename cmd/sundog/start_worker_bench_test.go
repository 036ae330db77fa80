package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

// BenchmarkStartWorkers is the time from starting the command to a Worker's first answer, of a world with one Worker and
// with ten, beside workerd itself with the same bundle, and beside wrangler dev with one; in turns, and the median of each.
func BenchmarkStartWorkers(b *testing.B) {
	workerd := fixtures.Need(b, "workerd", fixtures.Workerd)
	dir := b.TempDir()
	sundog := filepath.Join(dir, "sundog")
	if out, err := exec.Command("go", "build", "-o", sundog, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	b.Setenv("XDG_RUNTIME_DIR", dir)
	b.Setenv("SUNDOG_WORKERD", workerd)
	const many = 10
	one, ten := workersWorld(b, 1), workersWorld(b, many)
	bareOne, bareTen := bareConfig(b, one, 1), bareConfig(b, ten, many)
	var took [5][]time.Duration
	time1 := func(i int, cmd func(addr string) *exec.Cmd) {
		addr := freeAddr(b)
		took[i] = append(took[i], firstAnswer(b, addr, "w0.acme.workers.dev", cmd(addr)))
	}
	up := func(world string) func(string) *exec.Cmd {
		return func(addr string) *exec.Cmd {
			return exec.Command(sundog, "up", world, "--quiet", "--proxy", addr, "--https", "127.0.0.1:0", "--dns", "127.0.0.1:0", "--tunnel", "127.0.0.1:0", "--admin", "127.0.0.1:0")
		}
	}
	serve := func(config string) func(string) *exec.Cmd {
		return func(addr string) *exec.Cmd { return exec.Command(workerd, "serve", config, "-s", "http="+addr) }
	}
	for b.Loop() {
		time1(0, up(one))
		time1(1, serve(bareOne))
		time1(2, up(ten))
		time1(3, serve(bareTen))
		if len(took[4]) < 3 {
			if cmd := wranglerDev(b, filepath.Join(one, "w0")); cmd != nil {
				time1(4, cmd)
			}
		}
	}
	var median [len(took)]float64 // in milliseconds
	b.ReportMetric(0, "ns/op")
	for i, name := range []string{"one", "bare-one", "ten", "bare-ten", "wrangler-dev"} {
		if n := len(took[i]); n > 0 {
			slices.Sort(took[i])
			median[i] = float64(took[i][n/2].Microseconds()) / 1000
			b.ReportMetric(median[i], name+"-ms")
		}
	}
	b.ReportMetric(median[0]/median[1], "one/bare")
	b.ReportMetric(median[2]/median[3], "ten/bare")
	b.ReportMetric(median[2]/median[0], "ten/one")
}

// workersWorld is a folder with Workers that verify a token by jose, as most do that stand behind Access.
func workersWorld(b *testing.B, n int) string {
	b.Helper()
	dir := b.TempDir()
	modules, err := fixtures.Modules()
	if err != nil {
		b.Skip(err)
	}
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		b.Fatal(err)
	}
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	var list []string
	for i := range n {
		name := fmt.Sprintf("w%d", i)
		list = append(list, "./"+name)
		write(name+"/wrangler.jsonc", `{"name": "`+name+`", "main": "src/index.ts", "compatibility_date": "2026-03-22"}`)
		write(name+"/src/index.ts", `import { createRemoteJWKSet, jwtVerify } from "jose";
export default {
	async fetch(request: Request): Promise<Response> {
		const token = request.headers.get("cf-access-jwt-assertion");
		if (!token) return new Response("no token", { status: 403 });
		const keys = createRemoteJWKSet(new URL("https://acme.cloudflareaccess.com/cdn-cgi/access/certs"));
		return Response.json((await jwtVerify(token, keys)).payload);
	},
};
`)
	}
	write("sundog.yaml", "team: acme\nworkers: ["+strings.Join(list, ", ")+"]\n")
	return dir
}

// bareConfig is a configuration of workerd with the same bundles, the first one on a socket.
func bareConfig(b *testing.B, world string, n int) string {
	b.Helper()
	var services strings.Builder
	dir := b.TempDir()
	for i := range n {
		c, _, err := wrangler.Load(filepath.Join(world, fmt.Sprintf("w%d", i), "wrangler.jsonc"), wrangler.Options{})
		if err != nil {
			b.Fatal(err)
		}
		built, err := bundle.Build(context.Background(), c)
		if err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, c.Name+".js"), built.Version.Modules[0].Content, 0o644); err != nil {
			b.Fatal(err)
		}
		fmt.Fprintf(&services, "(name = %q, worker = (modules = [(name = \"index.js\", esModule = embed %q)], compatibilityDate = \"2026-03-22\")), ", c.Name, c.Name+".js")
	}
	path := filepath.Join(dir, "bare.capnp")
	text := "using Workerd = import \"/workerd/workerd.capnp\";\nconst config :Workerd.Config = (services = [" + services.String() + "], sockets = [(name = \"http\", service = \"w0\")]);\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
	return path
}

// wranglerDev starts wrangler dev for a project; nil: there is no wrangler here.
func wranglerDev(b *testing.B, project string) func(addr string) *exec.Cmd {
	node, err := fixtures.Node()
	if err != nil {
		return nil
	}
	wranglerJS, err := fixtures.Wrangler()
	if err != nil {
		return nil
	}
	home := b.TempDir()
	return func(addr string) *exec.Cmd {
		_, port, _ := strings.Cut(addr, ":")
		cmd := exec.Command(node, wranglerJS, "dev", "--ip", "127.0.0.1", "--port", port)
		cmd.Dir = project
		cmd.Env = append(os.Environ(), "CI=1", "HOME="+home, "WRANGLER_SEND_METRICS=false", "CLOUDFLARE_CF_FETCH_ENABLED=false", "WRANGLER_LOG_PATH="+home)
		return cmd
	}
}
