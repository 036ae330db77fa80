package admin

import (
	"encoding/json"
	"net/http"
	"time"
)

// Tunneler is what the port asks of an edge about tunnels. An error is a name that no tunnel has.
type Tunneler interface {
	// Tunnels are those of the world, with the connectors that have dialled in.
	Tunnels() []Tunnel
	// Tunnel is one of them, by its name, id or UUID.
	Tunnel(name string) (Tunnel, error)
	// TunnelAccess is what connectors of a tunnel need to dial in.
	TunnelAccess(name string) (TunnelAccess, error)
}

// Tunnel is one tunnel of the world.
type Tunnel struct {
	ID            string          `json:"id"`                    // UUID
	Name          string          `json:"name"`                  // what a person calls it: its name, else its id as written
	Ref           string          `json:"ref"`                   // id as written: "abc123"
	Status        string          `json:"status"`                // who answers: "connectors", "embedded", or "down"
	Embedded      bool            `json:"embedded"`              // the edge serves it as long as there is no connector
	Managed       bool            `json:"remotely_managed"`      // connectors get their configuration from the edge
	SecretGiven   bool            `json:"secret_given"`          // false: the secret is made for each run
	ConfigVersion int             `json:"version,omitempty"`     // of Config
	Config        json.RawMessage `json:"config,omitempty"`      // of a remotely managed one
	ConfigFile    string          `json:"config_file,omitempty"` // of a locally managed one; empty: not known here
	Where         string          `json:"where,omitempty"`       // file:line:column
	Connectors    []Connector     `json:"connectors"`            // empty, not null, when there are none
}

// Connector is one process that has dialled in.
type Connector struct {
	ID            string          `json:"id"` // UUID, new at each start of the process
	Version       string          `json:"version"`
	Arch          string          `json:"arch"` // "linux_amd64"
	Features      []string        `json:"features"`
	OriginIP      string          `json:"origin_ip,omitempty"`
	Ready         bool            `json:"ready"`                     // it takes requests
	Reported      json.RawMessage `json:"reported_config,omitempty"` // what a locally managed one serves
	ConfigVersion int             `json:"config_version"`            // the newest that it has applied; -1: none
	ConfigError   string          `json:"config_error,omitempty"`    // why it did not apply the newest
	Connections   []Connection    `json:"conns"`
}

// Connection is one of a connector's connections.
type Connection struct {
	ID       string    `json:"id"`
	Index    int       `json:"index"`     // 0 to 3
	Protocol string    `json:"protocol"`  // "http2" or "quic"
	Location string    `json:"colo_name"` // where the edge says that it ends
	Remote   string    `json:"remote"`    // "host:port"
	OpenedAt time.Time `json:"opened_at"`
	Running  int       `json:"running"`  // requests and streams on it
	Draining bool      `json:"draining"` // it takes no more of them
}

// TunnelAccess is what a connector needs. Token and Credentials are secrets.
type TunnelAccess struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Token       string          `json:"token"`
	Credentials json.RawMessage `json:"credentials"` // content of a credentials file
	Managed     bool            `json:"remotely_managed"`
	ConfigFile  string          `json:"config_file,omitempty"`
}

func (s *server) tunnelPaths(mux *paths) {
	mux.Handle("GET /v1/tunnels", s.guarded(func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, s.backend.Tunnels())
	}))
	mux.Handle("GET /v1/tunnels/{name}", s.guarded(func(w http.ResponseWriter, r *http.Request) {
		t, err := s.backend.Tunnel(r.PathValue("name"))
		replyTunnel(w, t, err)
	}))
	mux.Handle("GET /v1/tunnels/{name}/access", s.guarded(func(w http.ResponseWriter, r *http.Request) {
		a, err := s.backend.TunnelAccess(r.PathValue("name"))
		replyTunnel(w, a, err)
	}))
}

func replyTunnel(w http.ResponseWriter, v any, err error) {
	if err != nil {
		fail(w, http.StatusNotFound, err.Error(), "sundog tunnel list prints them")
		return
	}
	reply(w, http.StatusOK, v)
}
