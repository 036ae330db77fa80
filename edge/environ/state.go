package environ

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxState is the largest terraform.tfstate that is read.
const maxState = 64 << 20

// stateless are terraform's commands that ask no API about what a state holds.
var stateless = []string{
	"version", "fmt", "validate", "init", "get", "workspace", "output", "show", "graph", "providers", "metadata",
	"login", "logout", "state", "taint", "untaint", "force-unlock", "test", "console", "modules", "help",
}

// RefuseState says whether argv is a terraform or tofu that would compare a state of another account with
// this world, and then write down that all of it is gone. cwd is where it would run and env its environment;
// account is the world's. A state that cannot be read is refused too: nobody knows whose it is.
func RefuseState(argv []string, cwd string, env []string, account string) (reason string, refused bool) {
	if len(argv) == 0 || !slices.Contains(terraforms, commandName(argv[0])) {
		return "", false
	}
	run, ok := readTerraform(argv[1:], cwd, env)
	if !ok {
		return "", false
	}
	for _, file := range run.states() {
		foreign, err := foreignIn(file, account)
		switch {
		case err != nil:
			return fmt.Sprintf("%s %s: whose account %s is of cannot be told: %v; --any-state lets it through", commandName(argv[0]), run.command, file, err), true
		case len(foreign) > 0:
			return fmt.Sprintf("%s %s: %s is of another account: %s; this world's account is %s. "+
				"Run it on a copy without that state, or let it through with sundog exec --any-state",
				commandName(argv[0]), run.command, file, few(foreign), account), true
		}
	}
	return "", false
}

// few names the first resources, and how many more there are.
func few(list []string) string {
	const most = 3
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
}

// terraformRun is where a terraform keeps its state.
type terraformRun struct {
	command string
	dir     string // where it works, after -chdir
	data    string // .terraform
	named   string // by -state; empty: the usual one
	space   string // workspace; empty: the default one
}

// readTerraform reads a command line; ok says that the command asks an API.
func readTerraform(args []string, cwd string, env []string) (run terraformRun, ok bool) {
	run.dir = cwd
	get := func(name string) (value string) {
		for _, kv := range env {
			if v, ok := strings.CutPrefix(kv, name+"="); ok {
				value = v
			}
		}
		return value
	}
	for i, arg := range args {
		flag, isFlag := strings.CutPrefix(arg, "-")
		name, value, hasValue := strings.Cut(strings.TrimPrefix(flag, "-"), "=")
		switch {
		case !isFlag && run.command == "":
			run.command = arg
		case !isFlag:
		case name == "chdir" && hasValue:
			run.dir = join(cwd, value)
		case name == "state" && hasValue:
			run.named = value
		case name == "state" && i+1 < len(args):
			run.named = args[i+1]
		case name == "help", name == "h", run.command == "" && (name == "version" || name == "v"):
			return run, false
		}
	}
	run.data = join(run.dir, ".terraform")
	if d := get("TF_DATA_DIR"); d != "" {
		run.data = join(run.dir, d)
	}
	if run.space = get("TF_WORKSPACE"); run.space == "" {
		if name, err := os.ReadFile(filepath.Join(run.data, "environment")); err == nil && len(name) < 256 {
			run.space = strings.TrimSpace(string(name))
		}
	}
	if run.space == "default" {
		run.space = ""
	}
	return run, run.command != "" && !slices.Contains(stateless, run.command)
}

func join(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// states are the files that may hold the state; those that do not exist hold none.
func (run terraformRun) states() []string {
	if run.named != "" {
		return []string{join(run.dir, run.named)}
	}
	kept := filepath.Join(run.data, "terraform.tfstate")
	path, spaces := "terraform.tfstate", "terraform.tfstate.d"
	if b := backendOf(kept); b.Type == "local" {
		if b.Config.Path != "" {
			path = b.Config.Path
		}
		if b.Config.WorkspaceDir != "" {
			spaces = b.Config.WorkspaceDir
		}
	}
	if run.space != "" {
		return []string{join(run.dir, filepath.Join(spaces, run.space, "terraform.tfstate")), kept}
	}
	return []string{join(run.dir, path), kept}
}

// backend says where the state is kept, as .terraform/terraform.tfstate remembers it.
type backend struct {
	Type   string `json:"type"`
	Config struct {
		Path         string `json:"path"`
		WorkspaceDir string `json:"workspace_dir"`
	} `json:"config"`
}

func backendOf(file string) backend {
	var kept struct {
		Backend backend `json:"backend"`
	}
	if data, err := readState(file); err == nil {
		_ = json.Unmarshal(data, &kept) // another backend's config has other types, and is not ours to read
	}
	return kept.Backend
}

func readState(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, reason(err)
	}
	defer f.Close()
	if fi, err := f.Stat(); err != nil || !fi.Mode().IsRegular() {
		return nil, errors.New("it is no file")
	}
	data, err := io.ReadAll(io.LimitReader(f, maxState+1))
	if len(data) > maxState {
		return nil, fmt.Errorf("it is larger than %d MiB", maxState>>20)
	}
	return data, err
}

// foreignIn lists the resources of a state that name another account than the world's.
func foreignIn(file, account string) ([]string, error) {
	data, err := readState(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return foreignAccounts(data, account)
}

// stateDoc is what is read of a state: version 4, and version 3 of terraform before 0.12.
type stateDoc struct {
	Encrypted string          `json:"encrypted_data"` // tofu's encryption
	Resources []stateResource `json:"resources"`
	Modules   []struct {
		Path      []string `json:"path"`
		Resources map[string]struct {
			Type    string `json:"type"`
			Primary struct {
				ID         string            `json:"id"`
				Attributes map[string]string `json:"attributes"`
			} `json:"primary"`
		} `json:"resources"`
	} `json:"modules"`
}

type stateResource struct {
	Module    string `json:"module"`
	Mode      string `json:"mode"`
	Type      string `json:"type"`
	Name      string `json:"name"`
	Instances []struct {
		Attributes stateAttributes   `json:"attributes"`
		Flat       map[string]string `json:"attributes_flat"`
	} `json:"instances"`
}

// stateAttributes are those that can name an account: a field, or an object with its id.
type stateAttributes struct {
	ID        any `json:"id"`
	AccountID any `json:"account_id"`
	Account   any `json:"account"`
}

// foreignAccounts are "cloudflare_zone.main (account_id 1234…)" of each resource of Cloudflare's provider that
// names another account.
func foreignAccounts(data []byte, account string) (list []string, err error) {
	if len(strings.TrimSpace(string(data))) == 0 {
		return nil, nil
	}
	var doc stateDoc
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("it is not the JSON of a state: %w", err)
	}
	if doc.Encrypted != "" {
		return nil, errors.New("it is encrypted")
	}
	add := func(address string, ids ...string) {
		for _, id := range ids {
			if id != "" && !strings.EqualFold(id, account) {
				list = append(list, fmt.Sprintf("%s (account_id %s)", printableASCII(address), printableASCII(id)))
				return
			}
		}
	}
	for _, r := range doc.Resources {
		if !ofCloudflare(r.Type) {
			continue
		}
		address := r.Type + "." + r.Name
		if r.Mode == "data" {
			address = "data." + address
		}
		if r.Module != "" {
			address = r.Module + "." + address
		}
		for _, in := range r.Instances {
			ids := in.Attributes.accounts(r.Type)
			ids = append(ids, in.Flat["account_id"], in.Flat["account.id"])
			add(address, ids...)
		}
	}
	for _, m := range doc.Modules {
		names := make([]string, 0, len(m.Resources))
		for name := range m.Resources {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			if r := m.Resources[name]; ofCloudflare(r.Type) {
				add(name, r.Primary.Attributes["account_id"], r.Primary.Attributes["account.id"])
			}
		}
	}
	return slices.Compact(list), nil
}

func ofCloudflare(kind string) bool { return strings.HasPrefix(kind, "cloudflare_") }

func (a stateAttributes) accounts(kind string) []string {
	text := func(v any) string { s, _ := v.(string); return s }
	ids := []string{text(a.AccountID)}
	if kind == "cloudflare_account" {
		ids = append(ids, text(a.ID))
	}
	objects, _ := a.Account.([]any)
	for _, v := range append([]any{a.Account}, objects...) {
		if o, ok := v.(map[string]any); ok {
			ids = append(ids, text(o["id"]))
		}
	}
	return ids
}

// printableASCII keeps what a file says from speaking to the terminal.
func printableASCII(s string) string {
	const most = 120
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
	if len(s) > most {
		s = s[:most] + "…"
	}
	return s
}
