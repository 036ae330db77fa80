package run

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/environ"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/edge/runfile"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/internal/private"
)

// insideFile lies beside ca.pem and holds what another process must know to put
// commands inside a running edge. It is readable by this user alone.
const insideFile = "inside.json"

type inside struct {
	Files     environ.Paths `json:"files"`
	APIToken  string        `json:"api_token"`
	AccountID string        `json:"account_id"`
	World     []string      `json:"world"`              // as environ.Input has it
	Origins   []string      `json:"origins"`            // likewise
	Clients   []string      `json:"clients"`            // names of clients:
	Config    string        `json:"config,omitempty"`   // the one config.yml of the world's tunnels; empty: none, or several
	Password  string        `json:"password,omitempty"` // of the proxy

	Tunnels       []environ.Tunnel        `json:"tunnels,omitempty"`
	ServiceTokens []edge.ServiceTokenPair `json:"service_tokens,omitempty"`
}

// Materialize writes into dir the files that clients of an edge trust or read, and
// returns what puts commands inside it. at is where the edge listens, and inherited the
// environment that names the roots which the user trusts; nil: the system's. Warnings
// name those that could not be read.
func Materialize(dir string, e *edge.Edge, w *world.World, at listen.Addrs, inherited []string) (in Inside, warnings []string, err error) {
	account := w.Settings().AccountID
	in = Inside{
		inside: inside{
			APIToken: e.APIToken(), AccountID: account,
		},
		Token: e.Token(),
	}
	in.of(w)
	if err := in.credentials(e); err != nil {
		return in, nil, err
	}
	contents := environ.Contents{CA: e.CA().CertPEM(), Inherited: inherited}
	if account != "" {
		contents.Cert = &environ.Cert{ZoneID: zoneID(w), AccountID: account, APIToken: in.APIToken}
	}
	if in.Files, warnings, err = environ.Materialize(dir, contents); err != nil {
		return in, warnings, err
	}
	in.Ready = runfile.Ready{
		HTTPS: at.HTTPS, Proxy: at.Proxy, DNS: at.DNS, Tunnel: at.Tunnel, Admin: at.Admin,
		CA: in.Files.CA, Bundle: in.Files.Bundle, SPKI: e.CA().SPKI(),
	}
	return in, warnings, nil
}

// of takes from a world what commands must know of it.
func (in *inside) of(w *world.World) {
	in.World, in.Origins, in.Clients, in.Config = worldNames(w), originHosts(w), []string{}, tunnelConfig(w)
	for doc := range w.All(world.KindClient) {
		in.Clients = append(in.Clients, doc.Key.ID)
	}
}

// credentials takes from an edge the service tokens, and what `cloudflared tunnel run` must know.
func (in *inside) credentials(e *edge.Edge) error {
	in.ServiceTokens, in.Tunnels = e.ServiceTokenPairs(), nil
	for _, t := range e.Tunnels() {
		access, err := e.ConnectorTunnel(t.ID)
		if err != nil {
			continue // the world has changed in between, and tells again
		}
		one := environ.Tunnel{ID: t.ID, Names: slices.Compact([]string{t.Name, t.Ref}), Credentials: access.Credentials()}
		if t.ConfigFile != "" {
			if one.Config, err = filepath.Abs(t.ConfigFile); err != nil {
				return err
			}
		}
		in.Tunnels = append(in.Tunnels, one)
	}
	return nil
}

func (in inside) write(dir string) error {
	data, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return private.Replace(filepath.Join(dir, insideFile), data, 0o600)
}

// Inside is what puts a command inside a running edge.
type Inside struct {
	inside
	Ready runfile.Ready
	Token string // of the admin port

	// User is who a command is to the proxy, from [Client.Lend]; empty: the client that Plan names.
	User string

	// As is the e-mail address of who approves what cloudflared asks a browser for, and AsClient the
	// entry of clients: that this comes from. Empty: a person does, in a browser.
	As, AsClient string

	shown *environ.ServiceToken // whose pair commands find in their environment; nil: none's
}

// ClientError is a --client that the world does not have.
type ClientError struct {
	Name    string
	Clients []string
}

func (e *ClientError) Error() string {
	if len(e.Clients) == 0 {
		return fmt.Sprintf("there is no client %q: this world has no clients:", e.Name)
	}
	return fmt.Sprintf("there is no client %q in this world; it has %s", e.Name, strings.Join(e.Clients, ", "))
}

// Plan is how the environment of a command inside the edge differs from the
// inherited one. client names an entry of clients:; empty is the default. The
// error is a *ClientError when there is none of that name.
func (in Inside) Plan(client string, inherited []string) (*environ.Plan, error) {
	return in.PlanWith("", client, inherited)
}

// PlanWith is Plan for a command that finds shims first on its PATH: those in the
// folder tools, which Tools has made; empty: none.
func (in Inside) PlanWith(tools, client string, inherited []string) (*environ.Plan, error) {
	if client != "" && !slices.Contains(in.Clients, client) {
		return nil, &ClientError{client, in.Clients}
	}
	return environ.New(environ.Input{
		Proxy: in.Ready.Proxy, Admin: in.Ready.Admin, Tunnel: in.Ready.Tunnel,
		Client: cmp.Or(in.User, client), ProxyPassword: in.Password,
		Tools: tools, Files: in.Files, SPKI: in.Ready.SPKI,
		Token: in.Token, APIToken: in.APIToken, AccountID: in.AccountID,
		World: in.World, Origins: in.Origins, Inherited: inherited,
		ServiceToken: in.shown, Issued: in.issued,
	})
}

// Tools makes the folder of shims for one command; remove ends it. sundog is the
// path of the command that the shims call, anyState lets terraform work on states of
// other accounts.
func (in Inside) Tools(sundog string, anyState bool) (t environ.Tools, dir string, remove func() error, err error) {
	t = environ.Tools{
		Sundog: sundog, Config: in.Config, Cert: in.Files.Cert, AccountID: in.AccountID, AnyState: anyState,
		As: in.As, Client: in.AsClient, Edge: in.Ready.Tunnel, Tunnels: in.Tunnels,
	}
	if in.Ready.CA != "" {
		t.Home = filepath.Join(filepath.Dir(in.Ready.CA), "cloudflared")
	}
	if dir, err = Folder("sundog-exec-"); err != nil {
		return t, "", nil, err
	}
	if err := t.Write(dir); err != nil {
		return t, "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	return t, dir, func() error { return os.RemoveAll(dir) }, nil
}

// insideRun reads it of an edge that another process runs.
func insideRun(r *runfile.Run) (Inside, error) {
	in := Inside{Ready: r.Ready, Token: r.Token}
	path := filepath.Join(filepath.Dir(r.Ready.CA), insideFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return in, fmt.Errorf("the files of the edge at %s are gone; start it again", r.Address)
	}
	if err != nil {
		return in, err
	}
	if err := json.Unmarshal(data, &in.inside); err != nil {
		return in, fmt.Errorf("%s: %w", path, err)
	}
	return in, nil
}
