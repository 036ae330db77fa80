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

	Workers     any `json:"workers,omitempty" sundog:"later"`
	Pages       any `json:"pages,omitempty" sundog:"later"`
	VPCServices any `json:"vpc_services,omitempty" sundog:"later"`
	Audit       any `json:"audit,omitempty" sundog:"later"`
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
