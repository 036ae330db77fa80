package api

import (
	"encoding/json"
	"slices"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// bindingMaps are the maps of an environment that are bindings, beside env_vars.
var bindingMaps = []struct {
	field, kind string
	show        func(version.Binding) any
	read        func(pagesBinding) version.Binding
}{
	{"services", "service",
		func(b version.Binding) any {
			return object{"service": b.Service, "environment": "production", "entrypoint": b.Entrypoint}
		},
		func(in pagesBinding) version.Binding {
			return version.Binding{Service: in.Service, Entrypoint: in.Entrypoint}
		}},
	{"kv_namespaces", "kv_namespace",
		func(b version.Binding) any { return object{"namespace_id": b.NamespaceID} },
		func(in pagesBinding) version.Binding { return version.Binding{NamespaceID: in.NamespaceID} }},
	{"d1_databases", "d1",
		func(b version.Binding) any { return object{"id": b.ID} },
		func(in pagesBinding) version.Binding { return version.Binding{ID: in.ID} }},
	{"queue_producers", "queue",
		func(b version.Binding) any { return object{"name": b.QueueName} },
		func(in pagesBinding) version.Binding { return version.Binding{QueueName: in.Name} }},
	{"ai_bindings", "ai", asSent, toSend},
	{"analytics_engine_datasets", "analytics_engine", asSent, toSend},
	{"browsers", "browser", asSent, toSend},
	{"durable_object_namespaces", "durable_object_namespace", asSent, toSend},
	{"hyperdrive_bindings", "hyperdrive", asSent, toSend},
	{"mtls_certificates", "mtls_certificate", asSent, toSend},
	{"r2_buckets", "r2_bucket", asSent, toSend},
	{"vectorize_bindings", "vectorize", asSent, toSend},
}

type pagesBinding struct {
	Service     string `json:"service"`
	Entrypoint  string `json:"entrypoint"`
	NamespaceID string `json:"namespace_id"`
	ID          string `json:"id"`
	Name        string `json:"name"`

	sent json.RawMessage // all of it
}

func (b *pagesBinding) UnmarshalJSON(text []byte) error {
	type fields pagesBinding
	if err := json.Unmarshal(text, (*fields)(b)); err != nil {
		return err
	}
	b.sent = slices.Clone(text)
	return nil
}

// asSent is for kinds of bindings that nothing here stands for: what uses them throws, and clients get them back.
func asSent(b version.Binding) any {
	if b.Sent == nil { // of a file
		return object{}
	}
	return b.Sent
}

func toSend(in pagesBinding) version.Binding { return version.Binding{Sent: in.sent} }

// environmentKept is what of an environment nothing here acts upon.
var environmentKept = []string{"always_use_latest_compatibility_date", "build_image_major_version", "fail_open", "limits", "placement", "usage_model", "wrangler_config_hash"}

// projectKept is what of a project nothing here acts upon: nothing is built from a repository.
var projectKept = []string{"build_config", "source"}
