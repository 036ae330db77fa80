package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/internal/fixtures"
)

// BenchmarkSave is the time from saving a Worker's file to the first answer of the new code.
func BenchmarkSave(b *testing.B) {
	b.Setenv("SUNDOG_WORKERD", fixtures.Need(b, "workerd", fixtures.Workerd))
	dir := b.TempDir()
	b.Setenv("XDG_RUNTIME_DIR", dir)
	sundog := filepath.Join(dir, "sundog")
	if out, err := exec.Command("go", "build", "-o", sundog, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	world, addr := workersWorld(b, 1), freeAddr(b)
	source := filepath.Join(world, "w0", "src", "index.ts")
	save := func(i int) string {
		text := fmt.Sprintf("version %d", i)
		if err := os.WriteFile(source, []byte(`export default { fetch: () => new Response("`+text+`") };`+"\n"), 0o644); err != nil {
			b.Fatal(err)
		}
		return text
	}
	want := save(0)
	cmd := exec.Command(sundog, "up", world, "--quiet", "--proxy", addr, "--https", "127.0.0.1:0", "--dns", "127.0.0.1:0", "--tunnel", "127.0.0.1:0", "--admin", "127.0.0.1:0")
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	}()
	awaitAnswer(b, addr, want)
	i := 0
	for b.Loop() {
		i++
		awaitAnswer(b, addr, save(i))
	}
}

// awaitAnswer asks until a Worker answers a text.
func awaitAnswer(b *testing.B, addr, want string) {
	for begin := time.Now(); time.Since(begin) < 30*time.Second; time.Sleep(time.Millisecond) {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			continue
		}
		conn.Write([]byte("GET / HTTP/1.1\r\nHost: w0.acme.workers.dev\r\nConnection: close\r\n\r\n"))
		if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
			body, _ := io.ReadAll(resp.Body) // what is missing is not what is wanted
			if string(body) == want {
				conn.Close()
				return
			}
		}
		conn.Close()
	}
	b.Fatal("no such answer in thirty seconds: " + want)
}
