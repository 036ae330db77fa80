package script

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/internal/fixtures"
)

// program is a real client that a script may need.
type program struct {
	name  string                // of the condition, and in SUNDOG_REQUIRE
	find  func() (string, bool) // where it is
	wants string                // what to do where it is missing
}

// programs are sorted by name. Each stands in doc.go, and a test holds that.
func programs() []program {
	return []program{
		{"chromium", firstOf("SUNDOG_CHROMIUM", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"), "install Chromium, or name one in SUNDOG_CHROMIUM"},
		{"cloudflare-npm", present(fixtures.Cloudflare), "npm install cloudflare, and Node.js 22 or later"},
		{"cloudflared", firstOf("SUNDOG_CLOUDFLARED", "cloudflared"), "install cloudflared, or name one in SUNDOG_CLOUDFLARED"},
		{"curl", firstOf("", "curl"), "install curl"},
		{"node", firstOf("", "node"), "install Node.js"},
		{"node-proxy", findNodeProxy, "install Node.js 22.21 or later, or 24.5 or later, which knows NODE_USE_ENV_PROXY"},
		{"sundog", firstOf("SUNDOG_BINARY", "sundog"), "put the sundog command on PATH, or name it in SUNDOG_BINARY"},
		{"workerd", present(fixtures.Workerd), "npm install workerd, or name one in SUNDOG_WORKERD"},
		{"wrangler", present(fixtures.Wrangler), "npm install wrangler, and Node.js 22 or later"},
	}
}

// requireVariable lists conditions that must hold. A script that asks for one that does
// not hold fails then, instead of doing without.
const requireVariable = "SUNDOG_REQUIRE"

// condition answers [NAME] for what testscript itself does not know.
func condition(name string) (bool, error) {
	known := programs()
	i := slices.IndexFunc(known, func(p program) bool { return p.name == name })
	if i < 0 {
		var names []string
		for _, p := range known {
			names = append(names, p.name)
		}
		return false, fmt.Errorf("there is no condition [%s]; there are %s, and testscript's own such as [exec:NAME]", name, strings.Join(names, ", "))
	}
	p := known[i]
	if _, ok := p.find(); ok {
		return true, nil
	}
	if required(name) {
		return false, fmt.Errorf("%s requires %s, and it is not here: %s", requireVariable, name, p.wants)
	}
	return false, nil
}

func required(name string) bool {
	for r := range strings.SplitSeq(os.Getenv(requireVariable), ",") {
		if strings.TrimSpace(r) == name {
			return true
		}
	}
	return false
}

// firstOf finds a program by the variable that names it, else by its names on PATH.
func firstOf(variable string, names ...string) func() (string, bool) {
	return func() (string, bool) {
		if path := os.Getenv(variable); variable != "" && path != "" {
			found, err := exec.LookPath(path)
			return found, err == nil
		}
		for _, name := range names {
			if path, err := exec.LookPath(name); err == nil {
				return path, true
			}
		}
		return "", false
	}
}

// present is find without its reason.
func present(find func() (string, error)) func() (string, bool) {
	return func() (string, bool) {
		path, err := find()
		return path, err == nil
	}
}

// findNodeProxy finds a Node.js whose fetch obeys proxy variables.
func findNodeProxy() (string, bool) {
	path, err := exec.LookPath("node")
	if err != nil {
		return "", false
	}
	out, err := exec.Command(path, "--version").Output()
	var major, minor int
	if _, scanErr := fmt.Sscanf(string(out), "v%d.%d", &major, &minor); err != nil || scanErr != nil {
		return "", false
	}
	return path, major == 22 && minor >= 21 || major == 24 && minor >= 5 || major > 24
}
