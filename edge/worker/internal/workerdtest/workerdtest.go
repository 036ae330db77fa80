// Package workerdtest serves one version of a Worker by a bare workerd, for the tests of what makes
// versions.
package workerdtest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

// Binary is the path of workerd, of testdata/npm or $SUNDOG_WORKERD. Without one the test is skipped,
// or fails where SUNDOG_REQUIRE names workerd.
func Binary(t testing.TB) string {
	t.Helper()
	return fixtures.Need(t, "workerd", fixtures.Workerd)
}

// Serve runs a version until the test ends, and returns its URL without a slash at the end. What the
// runtime says goes to the test's log.
func Serve(t testing.TB, v *version.Version) string {
	t.Helper()
	binary := Binary(t)
	if runtime.GOOS == "windows" {
		t.Skip("workerd tells its port through an inherited descriptor, which Windows has not")
	}
	config := filepath.Join(t.TempDir(), "config.capnp")
	if err := os.WriteFile(config, []byte(text(v)), 0o600); err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var said log
	cmd := exec.Command(binary, "serve", "--experimental", "--control-fd=3", config)
	cmd.ExtraFiles = []*os.File{w}
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("workerd: %s", said.b)
		}
	})
	for lines := bufio.NewScanner(r); lines.Scan(); {
		var event struct {
			Event string
			Port  int
		}
		if json.Unmarshal(lines.Bytes(), &event) == nil && event.Event == "listen" {
			return fmt.Sprintf("http://127.0.0.1:%d", event.Port)
		}
	}
	_ = cmd.Wait()
	t.Fatalf("workerd did not start: %s", said.b)
	return ""
}

// log keeps what one process writes; exec serialises the writes of one that is both streams.
type log struct{ b []byte }

func (l *log) Write(p []byte) (int, error) {
	l.b = append(l.b, p...)
	return len(p), nil
}

var fields = map[version.Kind]string{
	version.ESModule: "esModule", version.CommonJS: "commonJsModule", version.Text: "text",
	version.Data: "data", version.Wasm: "wasm", version.JSON: "json",
}

// text is the configuration.
func text(v *version.Version) string {
	var b strings.Builder
	b.WriteString("using Workerd = import \"/workerd/workerd.capnp\";\nconst config :Workerd.Config = (services = [\n")
	front := "app"
	flags := make([]string, len(v.CompatibilityFlags))
	for i, f := range v.CompatibilityFlags {
		flags[i] = quote(f)
	}
	compatibility := "compatibilityDate = " + quote(v.CompatibilityDate) + ", compatibilityFlags = [" + strings.Join(flags, ", ") + "]"
	if len(v.Modules) > 0 {
		b.WriteString("(name = \"app\", worker = (" + compatibility + ", modules = [\n")
		for _, m := range v.Modules {
			value := quote(string(m.Content))
			if m.Kind == version.Data || m.Kind == version.Wasm {
				value = fmt.Sprintf("0x\"%x\"", m.Content)
			}
			fmt.Fprintf(&b, "  (name = %s, %s = %s),\n", quote(m.Name), fields[m.Kind], value)
		}
		b.WriteString("], bindings = [\n")
		for _, bind := range v.Bindings {
			switch bind.Type {
			case "plain_text", "secret_text":
				fmt.Fprintf(&b, "  (name = %s, text = %s),\n", quote(bind.Name), quote(bind.Text))
			case "assets":
				fmt.Fprintf(&b, "  (name = %s, service = (name = \"assets\", entrypoint = \"AssetWorker\")),\n", quote(bind.Name))
			}
		}
		b.WriteString("])),\n")
	}
	if v.Assets != nil {
		front = "assets"
		user := compatibility
		if len(v.Modules) > 0 {
			user = "userWorker = \"app\""
		}
		fmt.Fprintf(&b, "(name = \"assets\", assets = (path = %s, config = %s, %s)),\n", quote(v.Assets.Dir), quote(string(v.Assets.Config)), user)
	}
	fmt.Fprintf(&b, "], sockets = [(name = \"http\", address = \"127.0.0.1:0\", service = %s, http = ())]);\n", quote(front))
	return b.String()
}

// quote is a string of the configuration's language.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
