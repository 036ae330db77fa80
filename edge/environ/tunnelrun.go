package environ

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sundog-edge/sundog/internal/private"
)

// Tunnel is a tunnel of the world, as `cloudflared tunnel run` needs it.
type Tunnel struct {
	ID          string   `json:"id"`               // UUID
	Names       []string `json:"names"`            // what else it is called by; the first is for people
	Credentials []byte   `json:"credentials"`      // content of its credentials file, a secret
	Config      string   `json:"config,omitempty"` // its config.yml, absolute; empty: it has none, or the edge has it
}

func (t *Tunnel) is(name string) bool {
	return strings.EqualFold(t.ID, name) || slices.Contains(t.Names, name)
}

// own are the flags by which a command line brings credentials of its own.
var own = []string{"token", "token-file", "credentials-file", "cred-file", "credentials-contents"}

// runsTunnel tells whether a command line of cloudflared runs a tunnel, and which; empty: it does not say.
func runsTunnel(args []string) (name string, runs bool) {
	words, flags := cloudflaredWords(args)
	if len(words) < 2 || words[0] != "tunnel" || words[1] != "run" || slices.Contains(flags, "help") || slices.Contains(flags, "h") {
		return "", false
	}
	if len(words) > 2 {
		name = words[2]
	}
	return name, true
}

// tunnelRun gives `cloudflared tunnel run` the credentials and the configuration of the tunnel meant. It returns what
// args and env are then, and the configuration for its home; empty: the world's.
func (t Tools) tunnelRun(dir string, args, env []string) (newArgs, newEnv []string, config string, err error) {
	name, runs := runsTunnel(args)
	if !runs {
		return args, env, "", nil
	}
	if t.Edge == "" {
		return nil, nil, "", &RefusedError{"the edge has no listener for connectors; start it with --tunnel 7844, or --ports 0"}
	}
	_, flags := cloudflaredWords(args)
	if slices.ContainsFunc(flags, func(f string) bool { return slices.Contains(own, f) }) || slices.ContainsFunc(env, func(kv string) bool {
		return strings.HasPrefix(kv, "TUNNEL_TOKEN=") || strings.HasPrefix(kv, "TUNNEL_CRED_")
	}) {
		return args, env, "", nil
	}
	meant, err := t.meant(name, flagValue(args, "config"))
	if err != nil {
		return nil, nil, "", err
	}
	file := filepath.Join(dir, meant.ID+".json")
	if err := private.Replace(file, meant.Credentials, 0o600); err != nil {
		return nil, nil, "", err
	}
	if name == "" { // what its configuration calls itself may be no name of this world
		args = append(slices.Clip(args), meant.ID)
	}
	return args, append(slices.Clip(env), "TUNNEL_CRED_FILE="+file), meant.Config, nil
}

// meant is the tunnel of a name; without one that of the configuration file named, or of the world's, or the only one.
func (t Tools) meant(name, config string) (*Tunnel, error) {
	said := name
	if said == "" {
		if config == "" {
			config = t.Config
		}
		said = tunnelOf(config)
	}
	for i := range t.Tunnels {
		one := &t.Tunnels[i]
		if said != "" && one.is(said) || name == "" && config != "" && config == one.Config {
			return one, nil
		}
	}
	if name == "" && len(t.Tunnels) == 1 {
		return &t.Tunnels[0], nil
	}
	names := make([]string, len(t.Tunnels))
	for i, one := range t.Tunnels {
		names[i] = one.ID
		if len(one.Names) > 0 {
			names[i] = one.Names[0]
		}
	}
	switch {
	case len(names) == 0:
		return nil, &RefusedError{"this world has no tunnels; add one under tunnels: in sundog.yaml"}
	case said == "":
		return nil, &RefusedError{"cloudflared tunnel run does not say which tunnel; name one of " + strings.Join(names, ", ")}
	}
	return nil, &RefusedError{"there is no tunnel " + said + " in this world; it has " + strings.Join(names, ", ")}
}

// tunnelOf is the tunnel that a config.yml names; empty: none, or the file cannot be read.
func tunnelOf(file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	var config struct {
		Tunnel string `yaml:"tunnel"`
	}
	if yaml.Unmarshal(data, &config) != nil {
		return ""
	}
	return config.Tunnel
}

// flagValue is the value of one of cloudflared's flags; empty: it is not given.
func flagValue(args []string, flag string) (value string) {
	for i, arg := range args {
		name, v, has := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		switch {
		case name != flag || !strings.HasPrefix(arg, "-"):
		case has:
			value = v
		case i+1 < len(args):
			value = args[i+1]
		}
	}
	return value
}
