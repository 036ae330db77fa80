// Package release holds what a release is made of against the tree.
package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

const root = "../.."

// config is what the tests read of .goreleaser.yaml.
type config struct {
	Builds []struct {
		Main                       string
		Env, Ldflags, Goos, Goarch []string
	}
	Archives []struct{ Files []string }
	Dockers  []struct {
		Dockerfile string
		Platforms  []string
		ExtraFiles []string `yaml:"extra_files"`
	} `yaml:"dockers_v2"`
}

func read(t *testing.T) config {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, ".goreleaser.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var c config
	if err := yaml.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Builds) != 1 || len(c.Dockers) != 1 {
		t.Fatalf("%d builds and %d images; this test knows one of each", len(c.Builds), len(c.Dockers))
	}
	return c
}

// usual is the architecture of each system that is compiled here; vet has compiled what it needs for these already.
var usual = map[string]string{"linux": "amd64", "darwin": "arm64", "windows": "amd64"}

// TestEveryTargetBuilds makes the program for every system of the release, in the usual architecture, and for the
// other holds that it is made of the same files. Flags that only say what is written into the file are left out: with
// them nothing that vet compiled could be used again.
func TestEveryTargetBuilds(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles for every system")
	}
	b := read(t).Builds[0]
	for goos := range usual {
		for _, goarch := range []string{"amd64", "arm64"} {
			if !slices.Contains(b.Goos, goos) || !slices.Contains(b.Goarch, goarch) {
				t.Errorf("the release lacks %s/%s", goos, goarch)
			}
		}
	}
	dir := t.TempDir()
	run := func(t *testing.T, goos, goarch string, args ...string) string {
		cmd := exec.Command("go", args...)
		cmd.Dir = root
		cmd.Env = append(append(os.Environ(), b.Env...), "GOOS="+goos, "GOARCH="+goarch)
		text, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		return string(text)
	}
	for _, goos := range b.Goos {
		t.Run(goos, func(t *testing.T) {
			goarch := usual[goos]
			out := filepath.Join(dir, goos)
			run(t, goos, goarch, "build", "-o", out, "-ldflags", strings.Join(b.Ldflags, " "), b.Main)
			if goos == runtime.GOOS && goarch == runtime.GOARCH {
				text, err := exec.Command(out, "version").CombinedOutput()
				if want := goos + "/" + goarch; err != nil || !strings.Contains(string(text), want) {
					t.Errorf("it says %q (%v), not %s", text, err, want)
				}
			}
			files := func(goarch string) string {
				return run(t, goos, goarch, "list", "-f", "{{.ImportPath}} {{.GoFiles}} {{.CgoFiles}} {{.SFiles}}", "./...")
			}
			for _, other := range b.Goarch {
				if d := cmp.Diff(files(goarch), files(other)); d != "" {
					t.Errorf("of our own files, %s/%s is made of others than %s/%s, so both have to be compiled here (-%s +%s):\n%s", goos, other, goos, goarch, goarch, other, d)
				}
			}
		})
	}
}

// TestFilesExist looks for what archives and the image are filled with.
func TestFilesExist(t *testing.T) {
	c := read(t)
	files := append([]string{c.Dockers[0].Dockerfile}, c.Dockers[0].ExtraFiles...)
	for _, a := range c.Archives {
		files = append(files, a.Files...)
	}
	for _, f := range files {
		if _, err := os.Stat(filepath.Join(root, f)); err != nil {
			t.Error(err)
		}
	}
}

// TestImageCopiesWhatTheReleaseGives holds the image's COPY lines against the files that stand in its
// context: the program of each platform, and the extra files.
func TestImageCopiesWhatTheReleaseGives(t *testing.T) {
	c := read(t)
	text, err := os.ReadFile(filepath.Join(root, c.Dockers[0].Dockerfile))
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]bool{"${TARGETPLATFORM}/sundog": true}
	for _, f := range c.Dockers[0].ExtraFiles {
		given[f] = true
	}
	copies := regexp.MustCompile(`(?m)^COPY (?:--\S+ )*(\S+) \S+$`).FindAllStringSubmatch(string(text), -1)
	if len(copies) != len(given) {
		t.Errorf("%d COPY lines for %d files", len(copies), len(given))
	}
	for _, line := range copies {
		if !given[line[1]] {
			t.Errorf("%s is not in the image's context", line[1])
		}
	}
	platforms := map[string]bool{}
	for _, goarch := range c.Builds[0].Goarch {
		platforms["linux/"+goarch] = true
	}
	for _, p := range c.Dockers[0].Platforms {
		if !platforms[p] {
			t.Errorf("the release builds no %s", p)
		}
	}
}
