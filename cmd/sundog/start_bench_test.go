package main

import (
	"bufio"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkStart is the time from starting the process to its first answer, beside a bare Go HTTP
// server's, in turns.
func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	build := func(name, pkg string) string {
		path := filepath.Join(dir, name)
		if out, err := exec.Command("go", "build", "-o", path, pkg).CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		return path
	}
	sundog, bare := build("sundog", "."), build("bare", "./testdata/bare")
	b.Setenv("XDG_RUNTIME_DIR", dir)
	world, err := filepath.Abs("../../testdata/dual-endpoint")
	if err != nil {
		b.Fatal(err)
	}
	const host = "myservice-internal.example.com"
	var own, other time.Duration
	rounds := 0
	for b.Loop() {
		rounds++
		addr := freeAddr(b)
		own += firstAnswer(b, addr, host, exec.Command(sundog, "up", world, "--quiet", "--proxy", addr, "--https", "127.0.0.1:0", "--dns", "127.0.0.1:0", "--admin", "127.0.0.1:0"))
		addr = freeAddr(b)
		other += firstAnswer(b, addr, host, exec.Command(bare, addr))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(own.Microseconds())/float64(rounds), "sundog-us")
	b.ReportMetric(float64(other.Microseconds())/float64(rounds), "bare-us")
	b.ReportMetric(float64(own)/float64(other), "sundog/bare")
}

func freeAddr(b *testing.B) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// firstAnswer starts a server, asks until it answers, and ends it.
func firstAnswer(b *testing.B, addr, host string, cmd *exec.Cmd) time.Duration {
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		cmd.Process.Signal(os.Interrupt) // so that it ends what it has started
		end := time.AfterFunc(5*time.Second, func() { cmd.Process.Kill() })
		cmd.Wait()
		end.Stop()
	}()
	for time.Since(begin) < 30*time.Second {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			time.Sleep(200 * time.Microsecond)
			continue
		}
		defer conn.Close()
		conn.Write([]byte("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			b.Fatal(err)
		}
		if resp.StatusCode >= 500 {
			b.Fatal(resp.Status, resp.Header.Get("Sundog-Why"))
		}
		return time.Since(begin)
	}
	b.Fatal("no answer in thirty seconds")
	return 0
}
