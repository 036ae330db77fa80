package environ

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/internal/private"
)

// Tools are programs that stand in front of others on CMD's PATH, and what they need to know. They are
// called by CMD, by shells below it, and by whatever those start.
type Tools struct {
	Sundog    string `json:"sundog"`              // absolute path of the sundog command that they call
	Config    string `json:"config,omitempty"`    // the world's one config.yml, absolute; empty: none, or several
	Cert      string `json:"cert,omitempty"`      // the world's cert.pem; empty: none
	AccountID string `json:"account_id"`          // of the world
	AnyState  bool   `json:"any_state,omitempty"` // let terraform work on states of other accounts

	As      string   `json:"as,omitempty"`      // e-mail address of who approves what cloudflared asks a browser for; empty: a person in a browser
	Client  string   `json:"client,omitempty"`  // entry of clients: that As comes from; empty: the default
	Home    string   `json:"home,omitempty"`    // folder of the edge, for cloudflared's homes; empty: a home for this command alone
	Edge    string   `json:"edge,omitempty"`    // "host:port" where connectors dial in; empty: nowhere
	Tunnels []Tunnel `json:"tunnels,omitempty"` // of the world
}

// browsers are names by which programs open a URL for a person, and terraforms those that keep a state.
var (
	browsers   = []string{"xdg-open", "open", "sensible-browser", "x-www-browser"}
	terraforms = []string{"terraform", "tofu"}
)

// toolNames are all programs that have a shim.
func toolNames() []string {
	return slices.Concat([]string{"cloudflared"}, browsers, terraforms)
}

// Where what lies in the folder of Tools.
const (
	toolsFile   = "tools.json"
	preloadFile = "node-proxy.cjs"
)

func shimsOf(dir string) string { return filepath.Join(dir, "bin") }

// Write makes dir ready for one command: it must exist, and be this user's alone.
func (t Tools) Write(dir string) error {
	if err := private.CheckDir(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(shimsOf(dir), 0o700); err != nil {
		return err
	}
	data, err := json.Marshal(t)
	if err != nil {
		return err
	}
	errs := []error{
		private.Replace(filepath.Join(dir, toolsFile), data, 0o600),
		private.Replace(filepath.Join(dir, preloadFile), preload, 0o600),
	}
	for _, name := range toolNames() {
		file, text := shim(t.Sundog, dir, name)
		errs = append(errs, private.Replace(filepath.Join(shimsOf(dir), file), []byte(text), 0o700))
	}
	return errors.Join(errs...)
}

// ReadTools reads what Write wrote.
func ReadTools(dir string) (Tools, error) {
	var t Tools
	file := filepath.Join(dir, toolsFile)
	f, err := private.Open(file)
	if err != nil {
		return t, err
	}
	defer f.Close()
	if err := json.NewDecoder(f).Decode(&t); err != nil {
		return t, fmt.Errorf("%s: %w", file, err)
	}
	return t, nil
}

// toolVars puts the shims first on the PATH, and leads to them what asks for no PATH.
func (p *Plan) toolVars() {
	dir := p.input.Tools
	if dir == "" {
		return
	}
	bin, path := shimsOf(dir), []string{shimsOf(dir)}
	outer := ""
	if d := p.inherited("SUNDOG_TOOLS"); d != "" { // exec below exec: this world's shims, and no others
		outer = shimsOf(d)
	}
	for _, d := range filepath.SplitList(p.inherited("PATH")) {
		if d != bin && (outer == "" || d != outer) {
			path = append(path, d)
		}
	}
	p.set(strings.Join(path, string(filepath.ListSeparator)), "PATH")
	p.set(dir, "SUNDOG_TOOLS")
	if p.input.GOOS != "windows" {
		p.set(filepath.Join(bin, "sensible-browser"), "BROWSER")
	}
	p.set(nodeOptions(p.inherited("NODE_OPTIONS"), filepath.Join(dir, preloadFile)), "NODE_OPTIONS")
}

// inherited is the value of an inherited variable; empty: it is not set.
func (p *Plan) inherited(name string) (value string) {
	for _, kv := range p.input.Inherited {
		if n, v, _ := strings.Cut(kv, "="); p.same(n, name) {
			value = v
		}
	}
	return value
}
