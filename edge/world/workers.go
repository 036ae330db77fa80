package world

import (
	"cmp"
	"encoding/json"
	"time"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
)

// Worker is a Worker of the account. Its code is a folder's (Project), uploaded (Deployments), a dev
// server's (URL), or with none of these, Go's.
type Worker struct {
	ID      string // 32 hex digits: the tag, and worker_id of Access destinations; derived from the name
	Name    string
	Project *wrangler.Config // nil: no folder
	URL     string           // "http://localhost:8787" of a dev server that runs it; empty: none

	// Deployments are what the API deployed, newest first: the first is in force. Empty: none was.
	Deployments []Deployment
	// Secrets are what was put by itself, over the bindings of the version.
	Secrets []version.Binding

	WorkersDev  bool // NAME.SUBDOMAIN.workers.dev is served
	PreviewURLs bool `json:"preview_urls"` // so are the preview hosts
	Crons       []string
	Consumers   []version.Consumer // queues it was made a consumer of by the API, beside those of the version
	Tags        []string
	// Kept are settings that only the real platform's fleet has a use for, by their names in the API, as they were
	// sent: "observability". Nil: none were.
	Kept map[string]json.RawMessage `json:"-"`

	MigrationTag string // of the last migration of its Durable Object classes; empty: none

	Created  time.Time // zero: of a file
	Modified time.Time
}

// Current is the id of the uploaded version that is deployed, of several the one that takes most of the requests;
// empty: of none.
func (w *Worker) Current() string {
	if len(w.Deployments) == 0 {
		return ""
	}
	var most Share
	for _, one := range w.Deployments[0].Versions {
		if most.VersionID == "" || one.Percentage > most.Percentage {
			most = one
		}
	}
	return most.VersionID
}

// Deployment is one choice of the versions that take requests, as the API has it.
type Deployment struct {
	ID          string            `json:"id"` // a UUID
	Created     time.Time         `json:"created_on"`
	Source      string            `json:"source"`
	Strategy    string            `json:"strategy"`
	Author      string            `json:"author_email"`
	Annotations map[string]string `json:"annotations"`
	Versions    []Share           `json:"versions"`
}

// Share is how much of the traffic a version takes.
type Share struct {
	VersionID  string  `json:"version_id"`
	Percentage float64 `json:"percentage"`
}

// WorkerDomain is a Custom Domain: a host whose origin is a Worker.
type WorkerDomain struct {
	ID       string // 32 hex digits; derived from the hostname
	Hostname string // lower case, without wildcard or path
	ZoneID   string
	Service  string // name of the Worker, or of a Pages project with Pages
	Pages    bool
	Disabled bool // production is not served there
	Previews bool // previews are served below it
}

// WorkerRoute is a Route: a pattern of a zone whose requests a Worker takes before the origin.
type WorkerRoute struct {
	ID      string // 32 hex digits; derived from zone and pattern
	ZoneID  string
	Pattern string // "example.com/api/*"
	Script  string // name of the Worker; empty: none, less specific routes are negated
}

// PagesProject is a Pages project: static files and Functions at NAME.pages.dev.
type PagesProject struct {
	ID      string // a UUID; derived from the name
	Name    string
	Dir     string           // folder of the project; empty: its code was uploaded
	Output  string           // folder of the static files; empty: they were uploaded, or there are none
	Project *wrangler.Config // of Dir; nil: no wrangler file there

	ProductionBranch string // "main" when empty
	Production       PagesConfig
	Preview          PagesConfig
	// Deployments are what the API deployed, newest first. Empty: none was.
	Deployments []PagesDeployment
	RolledTo    string    // id of the deployment that production was rolled back to; empty: the newest of its branch serves
	Created     time.Time // zero: of a file
	// Kept is what was sent of a project that nothing here acts upon, by its names in the API: "build_config".
	Kept map[string]json.RawMessage `json:"-"`
}

// Live is the deployment that production serves; nil: none was made yet.
func (p *PagesProject) Live() *PagesDeployment {
	branch := cmp.Or(p.ProductionBranch, "main")
	var newest *PagesDeployment
	for i := range p.Deployments {
		d := &p.Deployments[i]
		if d.Branch != branch && d.Branch != "" {
			continue
		}
		if d.ID == p.RolledTo {
			return d
		}
		if newest == nil {
			newest = d
		}
	}
	return newest
}

// PagesConfig is what one environment of a Pages project has beside its code.
type PagesConfig struct {
	Bindings           []version.Binding // of the wrangler file, and over them variables and secrets as plain_text and secret_text
	CompatibilityDate  string
	CompatibilityFlags []string
	// Kept is what was sent of an environment that nothing here acts upon, by its names in the API: "placement".
	Kept map[string]json.RawMessage `json:"-"`
}

// PagesDeployment is one upload of a Pages project.
type PagesDeployment struct {
	ID      string // a UUID; the first eight digits name its host
	Branch  string
	Created time.Time
	Version *version.Version // the Functions, and the files as Assets; bindings of the environment are over its own
	Message string
	Commit  string // its hash, as the upload says; empty: it says none
	Dirty   bool   // there were changes beside the commit
}

// VPCService is a private service that Workers reach through a tunnel, as the API has it.
type VPCService struct {
	ID          string          `json:"service_id,omitempty"` // a UUID; derived from the name when left out
	Name        string          `json:"name,omitempty"`
	Type        string          `json:"type,omitempty"` // "http" or "tcp"
	Host        VPCHost         `json:"host,omitzero"`
	HTTPPort    int             `json:"http_port,omitempty"`
	HTTPSPort   int             `json:"https_port,omitempty"`
	TCPPort     int             `json:"tcp_port,omitempty"`
	AppProtocol string          `json:"app_protocol,omitempty"` // "postgresql" or "mysql"
	TLSSettings *VPCTLSSettings `json:"tls_settings,omitempty"`
	Created     time.Time       `json:"-"`
	Updated     time.Time       `json:"-"`
}

// VPCHost is where a VPC service is: an address in a network, or a name that the network resolves.
type VPCHost struct {
	IPv4            string      `json:"ipv4,omitempty"`
	IPv6            string      `json:"ipv6,omitempty"`
	Hostname        string      `json:"hostname,omitempty"`
	Network         *VPCNetwork `json:"network,omitempty"`          // with an address
	ResolverNetwork *VPCNetwork `json:"resolver_network,omitempty"` // with a hostname
}

// VPCNetwork is the network behind a tunnel.
type VPCNetwork struct {
	TunnelID    string   `json:"tunnel_id,omitempty"` // UUID, id or name of a tunnel of the world; in a loaded world the UUID
	ResolverIPs []string `json:"resolver_ips,omitempty"`
}

// VPCTLSSettings are how certificates of a VPC service are verified.
type VPCTLSSettings struct {
	Mode string `json:"cert_verification_mode,omitempty"` // "verify_full" (also when empty), "verify_ca" or "disabled"
}

// Accepted is an entrypoint that the audit lets pass although it would fail.
type Accepted struct {
	Host   string `json:"host,omitempty"` // or host/path
	Reason string `json:"reason,omitempty"`
	Until  string `json:"until,omitempty"` // a date, as 2027-01-31; empty: without end
}
