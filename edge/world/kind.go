package world

import (
	"bytes"
	"slices"
)

// Kind says what a document describes.
type Kind string

// The kinds, in the order in which changes are listed: what others refer to
// comes before what refers to it.
const (
	KindSettings   Kind = "settings"
	KindZone       Kind = "zone"
	KindRecord     Kind = "dns_record"
	KindTunnel     Kind = "tunnel"
	KindVPCService Kind = "vpc_service"

	KindWorkerVersion Kind = "worker_version"
	KindWorker        Kind = "worker"
	KindPagesProject  Kind = "pages_project"
	KindWorkerDomain  Kind = "worker_domain"
	KindWorkerRoute   Kind = "worker_route"

	KindOrganization Kind = "access_organization"
	KindServiceToken Kind = "access_service_token"
	KindList         Kind = "list"
	KindGroup        Kind = "access_group"
	KindCustomPage   Kind = "access_custom_page"

	KindIdentityProvider Kind = "access_identity_provider"

	KindPolicy Kind = "access_policy"
	KindApp    Kind = "access_app"
	KindPerson Kind = "person"
	KindClient Kind = "client"
	KindOrigin Kind = "origin"
	KindEgress Kind = "egress"
	KindQuirk  Kind = "quirk"

	KindAccepted Kind = "audit_accepted"
)

func kinds() [24]Kind {
	return [...]Kind{
		KindSettings, KindZone, KindRecord, KindTunnel, KindVPCService, KindWorkerVersion, KindWorker, KindPagesProject, KindWorkerDomain, KindWorkerRoute,
		KindOrganization, KindServiceToken, KindList, KindGroup, KindCustomPage, KindIdentityProvider, KindPolicy, KindApp, KindPerson,
		KindClient, KindOrigin, KindEgress, KindQuirk, KindAccepted,
	}
}

// Key names one document.
//
// ID is the API's id for zones, records, what Access has, Pages projects, VPC services, Worker versions, domains and
// routes, the name for Workers, the UUID for tunnels, the host for what the audit accepts, the address in lower case for people, the name for clients and quirks, what From dials ("grafana:3000")
// for origins, the pattern for egress, and empty for the two kinds of which there is one: settings and
// access_organization.
type Key struct {
	Kind Kind
	ID   string
}

// String is "kind/id", or the kind alone.
func (k Key) String() string {
	if k.ID == "" {
		return string(k.Kind)
	}
	return string(k.Kind) + "/" + k.ID
}

// path is the key's place in a tree: the kind's rank, then the id. Kinds this
// package does not know sort last.
func (k Key) path() []byte { return k.appendPath(nil) }

// appendPath is path for callers that bring the memory.
func (k Key) appendPath(b []byte) []byte { return append(k.Kind.appendPrefix(b), k.ID...) }

func (k Kind) appendPrefix(b []byte) []byte {
	all := kinds()
	if i := slices.Index(all[:], k); i >= 0 {
		return append(b, byte(i))
	}
	return append(append(append(b, 0xff), k...), 0)
}

// keyAt is the inverse of path.
func keyAt(path []byte) Key {
	all := kinds()
	if int(path[0]) < len(all) {
		return Key{all[path[0]], string(path[1:])}
	}
	kind, id, _ := bytes.Cut(path[1:], []byte{0})
	return Key{Kind(kind), string(id)}
}
