package world

import (
	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
)

// file is sundog.yaml. Its json tags are the keys; what they mean is written
// in descriptions.
type file struct {
	Team             string             `json:"team,omitempty"`
	Account          account            `json:"account,omitzero"`
	WorkersSubdomain string             `json:"workers_subdomain,omitempty"`
	Zones            []zone             `json:"zones,omitempty"`
	Tunnels          []Tunnel           `json:"tunnels,omitempty"`
	Access           access             `json:"access,omitzero"`
	People           []accessemu.Person `json:"people,omitempty"`
	Clients          map[string]Client  `json:"clients,omitempty"`
	Origins          map[string]string  `json:"origins,omitempty"`
	OriginsFrom      fileNames          `json:"origins_from,omitempty"`
	Egress           []string           `json:"egress,omitempty"`
	Quirks           map[string]bool    `json:"quirks,omitempty"`

	Workers     []worker     `json:"workers,omitempty"`
	Pages       []pages      `json:"pages,omitempty"`
	VPCServices []VPCService `json:"vpc_services,omitempty"`
	Audit       audit        `json:"audit,omitzero"`
}

// worker is written as a folder, or as an object: a folder and what is said beside its file, a module,
// a dev server, or a name whose Worker Go code gives.
type worker struct {
	Dir     string   `json:"dir,omitempty"`
	Env     string   `json:"env,omitempty"`
	Name    string   `json:"name,omitempty"`
	Main    string   `json:"main,omitempty"`
	URL     string   `json:"url,omitempty"`
	ID      string   `json:"id,omitempty"`
	Domains []string `json:"domains,omitempty"`
	Routes  []string `json:"routes,omitempty"`

	WorkersDev  *bool `json:"workers_dev,omitempty"`
	PreviewURLs *bool `json:"preview_urls,omitempty"`
}

// pages is written as a folder, or as an object.
type pages struct {
	Dir     string   `json:"dir,omitempty"`
	Name    string   `json:"name,omitempty"`
	Output  string   `json:"output,omitempty"`
	Domains []string `json:"domains,omitempty"`

	ProductionBranch  string            `json:"production_branch,omitempty"`
	DeploymentConfigs deploymentConfigs `json:"deployment_configs,omitzero"`
}

type deploymentConfigs struct {
	Production deploymentConfig `json:"production,omitzero"`
	Preview    deploymentConfig `json:"preview,omitzero"`
}

type deploymentConfig struct {
	EnvVars            map[string]envVar `json:"env_vars,omitempty"`
	CompatibilityDate  string            `json:"compatibility_date,omitempty"`
	CompatibilityFlags []string          `json:"compatibility_flags,omitempty"`
}

// envVar is written as a text, or as the API has it.
type envVar struct {
	Type  string `json:"type,omitempty"`
	Value string `json:"value"`
}

type audit struct {
	Accept []Accepted `json:"accept,omitempty"`
}

// fileNames are written as one name or as a list.
type fileNames []string

type account struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

type zone struct {
	dnsemu.Zone
	Records []dnsemu.Record `json:"records,omitempty"`
}

type access struct {
	Organization *accessemu.Organization `json:"organization,omitempty"`
	Apps         []accessemu.Application `json:"apps,omitempty"`
	Policies     []accessemu.Policy      `json:"policies,omitempty"`

	Groups        []accessemu.Group        `json:"groups,omitempty"`
	Lists         []accessemu.List         `json:"lists,omitempty"`
	ServiceTokens []accessemu.ServiceToken `json:"service_tokens,omitempty"`
	CustomPages   []accessemu.CustomPage   `json:"custom_pages,omitempty"`

	// What the real API does not have.
	Seats         int    `json:"seats,omitempty"`
	LogoutLatency string `json:"logout_latency,omitempty"`
	KeyRotation   string `json:"key_rotation,omitempty"`

	IdentityProviders []accessemu.IdentityProvider `json:"identity_providers,omitempty"`
}
