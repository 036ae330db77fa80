package world

import (
	"fmt"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"go.yaml.in/yaml/v3"
)

// Document is one thing that exists in a world. Documents are shared between
// worlds and layers: treat them and their values as read-only, and put a new
// one to change something.
type Document struct {
	Key Key
	// Value is *Settings, *dnsemu.Zone, *Record, *Tunnel,
	// *accessemu.Organization, *accessemu.Application, *accessemu.Policy,
	// *accessemu.Group, *accessemu.List, *accessemu.ServiceToken,
	// *accessemu.CustomPage, *accessemu.IdentityProvider, *accessemu.Person, *Client, *Origin, *Egress, *Quirk,
	// *VPCService, *version.Version, *Worker, *PagesProject, *WorkerDomain, *WorkerRoute or *Accepted, as Key.Kind says.
	Value any
	Mark  Mark // where it is written; for an inferred one, what it was inferred from
	// Inferred is set when no file says it: it follows from another document.
	Inferred bool

	node *yaml.Node // what Value was read from; nil: not from a file
	src  *source
	path *path // of node in its file; nil: the whole file
}

// NewDocument makes a document of a value that has its id already, for an
// [Edit]. A value without an id, or of a type that is no document, is an error.
func NewDocument(value any) (*Document, error) {
	v, err := pointer(value)
	if err != nil {
		return nil, err
	}
	if t, ok := v.(*Tunnel); ok && t.UUID == "" && isUUID(t.ID) {
		c := *t
		c.UUID = strings.ToLower(t.ID)
		v = &c
	}
	if z, ok := v.(*Record); ok && z.ZoneID == "" {
		return nil, fmt.Errorf("world: record %q has no ZoneID", z.Name)
	}
	key := keyOf(v)
	if key.ID == "" && key.Kind != KindSettings && key.Kind != KindOrganization {
		return nil, fmt.Errorf("world: the %s has no id", key.Kind)
	}
	return &Document{Key: key, Value: v}, nil
}

// pointer brings a value or a pointer to one of the document types to the
// pointer form.
func pointer(value any) (any, error) {
	switch v := value.(type) {
	case *VPCService, *version.Version, *Worker, *PagesProject, *WorkerDomain, *WorkerRoute, *Accepted:
		return v, nil
	case VPCService:
		return &v, nil
	case version.Version:
		return &v, nil
	case Worker:
		return &v, nil
	case PagesProject:
		return &v, nil
	case WorkerDomain:
		return &v, nil
	case WorkerRoute:
		return &v, nil
	case Accepted:
		return &v, nil
	case *accessemu.Group, *accessemu.List, *accessemu.ServiceToken, *accessemu.CustomPage, *accessemu.IdentityProvider:
		return v, nil
	case accessemu.Group:
		return &v, nil
	case accessemu.List:
		return &v, nil
	case accessemu.ServiceToken:
		return &v, nil
	case accessemu.CustomPage:
		return &v, nil
	case accessemu.IdentityProvider:
		return &v, nil
	case *Settings, *dnsemu.Zone, *Record, *Tunnel, *accessemu.Organization, *accessemu.Application, *accessemu.Policy, *accessemu.Person, *Client, *Origin, *Egress, *Quirk:
		return v, nil
	case Settings:
		return &v, nil
	case dnsemu.Zone:
		return &v, nil
	case Record:
		return &v, nil
	case dnsemu.Record:
		return &Record{Record: v}, nil
	case *dnsemu.Record:
		return &Record{Record: *v}, nil
	case Tunnel:
		return &v, nil
	case accessemu.Organization:
		return &v, nil
	case accessemu.Application:
		return &v, nil
	case accessemu.Policy:
		return &v, nil
	case accessemu.Person:
		return &v, nil
	case Client:
		return &v, nil
	case Origin:
		return &v, nil
	case Egress:
		return &v, nil
	case Quirk:
		return &v, nil
	}
	return nil, fmt.Errorf("world: %T is not a document", value)
}

func keyOf(value any) Key {
	switch v := value.(type) {
	case *Settings:
		return Key{KindSettings, ""}
	case *dnsemu.Zone:
		return Key{KindZone, v.ID}
	case *Record:
		return Key{KindRecord, v.ID}
	case *Tunnel:
		return Key{KindTunnel, v.UUID}
	case *accessemu.Organization:
		return Key{KindOrganization, ""}
	case *accessemu.Application:
		return Key{KindApp, v.ID}
	case *accessemu.Policy:
		return Key{KindPolicy, v.ID}
	case *accessemu.Person:
		return Key{KindPerson, personID(v.Email)}
	case *accessemu.Group:
		return Key{KindGroup, v.ID}
	case *accessemu.List:
		return Key{KindList, v.ID}
	case *accessemu.ServiceToken:
		return Key{KindServiceToken, v.ID}
	case *accessemu.CustomPage:
		return Key{KindCustomPage, v.ID}
	case *accessemu.IdentityProvider:
		return Key{KindIdentityProvider, v.ID}
	case *Client:
		return Key{KindClient, v.Name}
	case *Origin:
		return Key{KindOrigin, dials(v.From)}
	case *Egress:
		return Key{KindEgress, v.Pattern}
	case *Quirk:
		return Key{KindQuirk, v.Name}
	case *VPCService:
		return Key{KindVPCService, v.ID}
	case *version.Version:
		return Key{KindWorkerVersion, v.ID}
	case *Worker:
		return Key{KindWorker, v.Name}
	case *PagesProject:
		return Key{KindPagesProject, v.ID}
	case *WorkerDomain:
		return Key{KindWorkerDomain, v.ID}
	case *WorkerRoute:
		return Key{KindWorkerRoute, v.ID}
	case *Accepted:
		return Key{KindAccepted, v.Host}
	}
	panic(fmt.Sprintf("world: %T is not a document", value))
}

// At is the position of a field path inside the document, as
// "policies[0].include[1]". A path that the file does not spell out gives the
// position of its nearest parent that is there.
func (d *Document) At(field string) Mark {
	if d.node == nil || field == "" {
		return d.Mark
	}
	n, found := walk(d.node, field)
	if t, ok := d.Value.(*Tunnel); ok && n == d.node && t.Config != nil && t.Config.File != "" {
		if inner, ok := strings.CutPrefix(field, "config."); ok {
			return ruleMark(&source{name: t.Config.File}, t.Config.At(inner))
		}
	}
	if found {
		return d.src.mark(n)
	}
	return d.Mark
}

// walk follows a field path through nodes, as deep as it goes. It reports
// false when not even the first step is there.
func walk(n *yaml.Node, field string) (*yaml.Node, bool) {
	found := false
	for _, step := range steps(field) {
		next := child(n, step, maxMerges)
		if next == nil {
			break
		}
		n, found = next, true
	}
	return n, found
}

// steps splits `a.b[1].c` into a, b, [1], c.
func steps(field string) []string {
	field = strings.ReplaceAll(field, "[", ".[")
	return strings.FieldsFunc(field, func(r rune) bool { return r == '.' })
}
