package tunnelemu

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// cloudflared is the real binary, from $SUNDOG_CLOUDFLARED or PATH. Without it the test is skipped, unless
// SUNDOG_REQUIRE names it.
func cloudflared(t *testing.T) string {
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

// verdict is what counts of a report: not the wording of errors, nor of the list of unknown keys.
func (r Report) verdict() string {
	out, _, warned := strings.Cut(r.Stdout, "Warning: ")
	if warned {
		out += "Warning"
	}
	return fmt.Sprintf("%d %v %q", r.Code, r.Stderr != "", out)
}

type question struct {
	config string
	args   []string
}

func (q question) ours() Report {
	switch {
	case q.args[0] == "rule":
		return RuleReport("t.yml", []byte(q.config), q.args[1])
	case len(q.args) > 1:
		return ValidateJSONReport([]byte(q.args[2]))
	}
	return ValidateReport("t.yml", []byte(q.config))
}

// id tells a question in a golden file. It changes with the generator, so that no old verdict is taken for a new one's.
func (q question) id() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q", append([]string{q.config}, q.args...))
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// theirs asks the real command, with several at once.
func theirs(t *testing.T, binary string, questions []question) []Report {
	reports := make([]Report, len(questions))
	work := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		dir := t.TempDir()
		wg.Go(func() {
			for i := range work {
				reports[i] = realReport(t, binary, dir, questions[i].config, questions[i].args...)
			}
		})
	}
	for i := range questions {
		work <- i
	}
	close(work)
	wg.Wait()
	return reports
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
		n = 200
	}
	seed, err := strconv.ParseUint(os.Getenv("SUNDOG_SEED"), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	t.Logf("SUNDOG_SEED=%d", seed)
	questions = append(questions, newCorpus(seed).questions(n)...)
	for i, report := range theirs(t, binary, questions) {
		q := questions[i]
		if ours := q.ours(); ours.verdict() != report.verdict() {
			t.Errorf("%q differs for\n%s\nours:   %+v\ntheirs: %+v", q.args, q.config, ours, report)
		}
	}
}

// The corpus whose verdicts are kept, for machines without the real command.
const (
	keptSeed  = 20260822
	keptCases = 1800
)

// TestKeptVerdicts holds our reports against what the real command once said. -update asks it again.
func TestKeptVerdicts(t *testing.T) {
	golden := filepath.Join("testdata", "verdicts.golden")
	questions := newCorpus(keptSeed).questions(keptCases)
	if *update {
		binary := cloudflared(t)
		var b strings.Builder
		for i, report := range theirs(t, binary, questions) {
			fmt.Fprintf(&b, "%s %s\n", questions[i].id(), report.verdict())
		}
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]string{}
	for line := range strings.Lines(string(data)) {
		id, verdict, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		kept[id] = verdict
	}
	if len(kept) < 1000 {
		t.Errorf("only %d different cases", len(kept))
	}
	kinds := map[string]int{}
	for _, q := range questions {
		want, ok := kept[q.id()]
		if !ok {
			t.Fatalf("no verdict about %q for\n%s\nthe corpus has changed: run this test with -update, with the real command at hand", q.args, q.config)
		}
		ours := q.ours()
		if got := ours.verdict(); got != want {
			t.Errorf("%q for\n%s\nours:   %s\ntheirs: %s\n%s", q.args, q.config, got, want, ours.Stderr)
		}
		kinds[fmt.Sprintf("%s exit %d", q.args[0], ours.Code)]++
	}
	t.Logf("SUNDOG_SEED=%d SUNDOG_CASES=%d: %v", keptSeed, keptCases, kinds)
	for _, kind := range []string{"validate exit 0", "validate exit 1", "rule exit 0", "rule exit 1"} {
		if kinds[kind] < 100 {
			t.Errorf("%s: %d cases, which shows little", kind, kinds[kind])
		}
	}
}
