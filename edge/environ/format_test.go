package environ

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// hostile are values that quoting gets wrong.
var hostile = []string{
	"plain", "with space", "", "'", "''", `"`, `\`, `\\`, `\'`, `a'b"c\d`, "$HOME", "${HOME}", "$(touch /tmp/x)", "`id`", "a;b&c|d>e<f",
	"line1\nline2", "\n", "trailing\n ", "\ttab", "%PATH%", "100%", "!history", "~", "*?[a]", "#comment", "a#b", "-n", "=", "ü€😀", "\u2018curly\u2019 \u201a\u201b", "a,b:c/d@e", "\x1b[31m",
}

// hostilePlan sets each hostile value and removes two names, one of which is
// a command.
func hostilePlan(t *testing.T) *Plan {
	p := newPlan(t, func(in *Input) {
		in.Inherited = []string{"CF_API_KEY=real", "CF_API_x;echo pwned;=real"}
	})
	p.Set = nil
	for i, v := range hostile {
		p.set(v, "SUNDOG_TEST_"+string(rune('A'+i/26))+string(rune('A'+i%26)))
	}
	return p
}

func written(t *testing.T, format string, p *Plan) string {
	t.Helper()
	f, err := FormatNamed(format)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b, p); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.String()
}

// shellReads runs a shell over the output followed by a command that prints
// the environment NUL-separated, and compares.
func shellReads(t *testing.T, p *Plan, script string, argv ...string) {
	t.Helper()
	dir := t.TempDir()
	file := mustWrite(t, filepath.Join(dir, "script"), script, 0o600)
	cmd := exec.Command(argv[0], append(argv[1:], file)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "CF_API_KEY=real"}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", argv, err, script)
	}
	got := map[string]string{}
	for _, kv := range strings.Split(string(out), "\x00") {
		name, value, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "SUNDOG_TEST_") || name == "CF_API_KEY" {
			got[name] = value
		}
		if strings.Contains(kv, "pwned") {
			t.Errorf("a name was run as a command: %q", kv)
		}
	}
	want := map[string]string{}
	for _, v := range p.Set {
		want[v.Name] = v.Value
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%v read (-want +got):\n%s", argv, diff)
	}
}

func TestFormatSh(t *testing.T) {
	p := hostilePlan(t)
	for _, shell := range []string{"sh", "bash", "dash", "zsh"} {
		t.Run(shell, func(t *testing.T) {
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skipf("no %s on PATH", shell)
			}
			shellReads(t, p, written(t, "sh", p)+"\nenv -0\n", path)
			// The way the usage line says.
			eval := mustWrite(t, filepath.Join(t.TempDir(), "out"), written(t, "sh", p), 0o600)
			shellReads(t, p, `eval "$(cat '`+eval+"')\"\nenv -0\n", path)
		})
	}
}

func TestFormatFish(t *testing.T) {
	path, err := exec.LookPath("fish")
	if err != nil {
		t.Skip("no fish on PATH")
	}
	p := hostilePlan(t)
	shellReads(t, p, written(t, "fish", p)+"\nenv -0\n", path, "--no-config")
}

func TestFormatPowerShell(t *testing.T) {
	p := hostilePlan(t)
	text := written(t, "powershell", p)
	for _, part := range []string{"$Env:SUNDOG_TEST_AD = ''''\n", "= '\u2018\u2018curly\u2019\u2019 \u201a\u201a\u201b\u201b'", "Remove-Item -LiteralPath Env:CF_API_KEY "} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in:\n%s", part, text)
		}
	}
	path, err := exec.LookPath("pwsh")
	if err != nil {
		t.Skip("no pwsh on PATH")
	}
	// PowerShell cannot hold an empty variable: setting one removes it.
	var set []Var
	for _, v := range p.Set {
		if v.Value != "" {
			set = append(set, v)
		}
	}
	p.Set = set
	shellReads(t, p, text+"\n& env -0\n", path, "-NoProfile", "-File")
}

func TestFormatDotenv(t *testing.T) {
	p := hostilePlan(t)
	var fit []Var
	for _, v := range p.Set {
		if _, ok := dotenvValue(v.Value); ok {
			fit = append(fit, v)
		}
	}
	if len(fit) < len(hostile)/2 {
		t.Errorf("only %d of %d values can be written", len(fit), len(hostile))
	}
	f, _ := FormatNamed("dotenv")
	if err := f.Write(io.Discard, p); err == nil || !strings.Contains(err.Error(), "use another --format") {
		t.Errorf("values that readers disagree about are written: %v", err)
	}
	p.Set = fit
	text := written(t, "dotenv", p)
	if !strings.Contains(text, "\n# CF_API_KEY holds a real credential") {
		t.Errorf("no comment for what is to be removed:\n%s", text)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node on PATH")
	}
	file := mustWrite(t, filepath.Join(t.TempDir(), ".env"), text, 0o600)
	cmd := exec.Command(node, "--env-file="+file, "-e", "process.stdout.write(JSON.stringify(process.env))")
	cmd.Env = []string{"PATH=/nowhere"}
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("this node has no --env-file: %v", err)
	}
	var got map[string]string
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	for _, v := range fit {
		if got[v.Name] != v.Value {
			t.Errorf("node reads %q for %q", got[v.Name], v.Value)
		}
	}
}

func TestFormatGitHub(t *testing.T) {
	p := hostilePlan(t)
	// The runner's reading: NAME=VALUE, or NAME<<MARK up to a line that is MARK.
	got := map[string]string{}
	lines := strings.Split(strings.TrimSuffix(written(t, "github", p), "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		eq, here := strings.Index(lines[i], "="), strings.Index(lines[i], "<<")
		if here >= 0 && (eq < 0 || here < eq) {
			name, mark := lines[i][:here], lines[i][here+2:]
			var value []string
			for i++; lines[i] != mark; i++ {
				value = append(value, lines[i])
			}
			got[name] = strings.Join(value, "\n")
			continue
		}
		name, value, _ := strings.Cut(lines[i], "=")
		got[name] = value
	}
	want := map[string]string{"CF_API_KEY": ""}
	for _, v := range p.Set {
		want[v.Name] = v.Value
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	p.set("a\rb", "CR")
	f, _ := FormatNamed("github")
	if err := f.Write(io.Discard, p); err == nil {
		t.Error("a carriage return is written")
	}
}

func TestFormatCompose(t *testing.T) {
	p := hostilePlan(t)
	var doc struct {
		Network     string              `yaml:"network_mode"`
		Environment map[string]string   `yaml:"environment"`
		Volumes     []map[string]string `yaml:"volumes"`
	}
	if err := yaml.Unmarshal([]byte(written(t, "compose", p)), &doc); err != nil {
		t.Fatal(err)
	}
	for _, v := range p.Set {
		if got := strings.ReplaceAll(doc.Environment[v.Name], "$$", "$"); got != v.Value {
			t.Errorf("compose reads %q for %q", got, v.Value)
		}
		if rest := strings.ReplaceAll(doc.Environment[v.Name], "$$", ""); strings.Contains(rest, "$") {
			t.Errorf("compose would interpolate %q", doc.Environment[v.Name])
		}
	}
	if doc.Network != "host" || len(doc.Volumes) != 3 || doc.Volumes[0]["source"] != "/run/sundog/ca.pem" || doc.Volumes[0]["target"] != "/run/sundog/ca.pem" {
		t.Errorf("%+v", doc)
	}
}

func TestFormatJSON(t *testing.T) {
	p := hostilePlan(t)
	var doc struct {
		Set   map[string]string
		Unset []string
	}
	if err := json.Unmarshal([]byte(written(t, "json", p)), &doc); err != nil {
		t.Fatal(err)
	}
	for _, v := range p.Set {
		if doc.Set[v.Name] != v.Value {
			t.Errorf("json has %q for %q", doc.Set[v.Name], v.Value)
		}
	}
	if len(doc.Unset) != 2 {
		t.Errorf("unset %q", doc.Unset)
	}
	if text := written(t, "json", newPlan(t, nil)); !strings.Contains(text, `"unset": []`) {
		t.Errorf("nothing to remove is not []:\n%s", text)
	}
}

func TestFormatPlaywright(t *testing.T) {
	want := `{
  "proxy": {
    "server": "http://127.0.0.1:4380",
    "bypass": "localhost,127.0.0.1,::1,grafana",
    "username": "alice",
    "password": "p\"w"
  },
  "launchOptions": {
    "args": [
      "--ignore-certificate-errors-spki-list=c3BraQ=="
    ]
  }
}
`
	got := written(t, "playwright", newPlan(t, func(in *Input) { in.Client, in.ProxyPassword = "alice", `p"w` }))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFormatsAreNamedInOrder(t *testing.T) {
	_, err := FormatNamed("zsh")
	if want := `--format "zsh": want one of compose, dotenv, fish, github, json, playwright, powershell, sh`; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}
