// Package version is what one version of a Worker is: its modules, its bindings and its settings, as
// an upload has them. It knows neither where a version came from (a folder, the API, Go code) nor
// what runs it.
//
// A Version is immutable once made, and shared.
package version

import (
	"encoding/json"
	"time"
)

// Version is one version of a Worker.
type Version struct {
	ID     string // a UUID; the first eight digits name its preview host
	Number int    // from 1, in the order of uploads; 0: of a folder
	Worker string // name of the Worker

	Modules   []Module // the first is the main one
	SourceMap []byte   // of the main module, as JSON; nil: none
	// Exports are the names that the main module exports, "default" among them; nil: unknown.
	Exports []string

	CompatibilityDate  string   // "2026-11-01"; empty: the oldest date of modules, as the platform takes it
	CompatibilityFlags []string // may be nil
	Bindings           []Binding
	Classes            []Class  // Durable Object classes that live in this Worker
	Assets             *Assets  // nil: none
	Crons              []string // "*/5 * * * *"
	Consumers          []Consumer

	Annotations map[string]string // "workers/message", "workers/tag", "workers/alias"
	Created     time.Time         // zero: of a folder
	Source      string            // "wrangler", "api"; empty: of a folder
}

// Alias is the preview alias that the version was uploaded with; empty: none.
func (v *Version) Alias() string { return v.Annotations["workers/alias"] }

// Module is one file of the code.
type Module struct {
	Name    string // "index.js", without a leading "./"
	Kind    Kind
	Content []byte
}

// Kind is what a module is to those that import it.
type Kind string

// The kinds of modules.
const (
	ESModule Kind = "esm"
	CommonJS Kind = "commonjs"
	Text     Kind = "text"
	Data     Kind = "data"
	Wasm     Kind = "wasm"
	JSON     Kind = "json"
	Python   Kind = "python" // refused by name
)

// Binding is one name in a Worker's env, with the field names of the API.
type Binding struct {
	// Type is "plain_text", "json", "secret_text", "service", "vpc_service", "vpc_network",
	// "kv_namespace", "d1", "queue", "durable_object_namespace", "assets", "version_metadata", or a type
	// of the real API that nothing here stands for: then what uses the binding throws, and its name is
	// listed at the start.
	Type string `json:"type"`
	Name string `json:"name"`

	Text string          `json:"text,omitempty"` // of plain_text and secret_text
	JSON json.RawMessage `json:"json,omitempty"` // of json

	Service    string          `json:"service,omitempty"`    // of service: name of a Worker
	Entrypoint string          `json:"entrypoint,omitempty"` // of service; empty and "default": the default one
	Props      json.RawMessage `json:"props,omitempty"`      // of service: an object; nil: {}

	ServiceID string `json:"service_id,omitempty"` // of vpc_service
	TunnelID  string `json:"tunnel_id,omitempty"`  // of vpc_network
	NetworkID string `json:"network_id,omitempty"` // of vpc_network

	NamespaceID string `json:"namespace_id,omitempty"` // of kv_namespace
	ID          string `json:"id,omitempty"`           // of d1
	QueueName   string `json:"queue_name,omitempty"`   // of queue
	ClassName   string `json:"class_name,omitempty"`   // of durable_object_namespace
	ScriptName  string `json:"script_name,omitempty"`  // of durable_object_namespace: the Worker that has the class; empty: this one

	// Sent is the whole object as it was uploaded, fields that are not here among them, for who asks for it
	// back; nil: of a file, and of secrets.
	Sent json.RawMessage `json:"-"`

	// At is where the binding is written, as "wrangler.jsonc:9:14"; empty: in no file.
	At string `json:"-"`
}

// Class is a Durable Object class.
type Class struct {
	Name   string
	SQLite bool // new_sqlite_classes: has SQL storage
}

// Assets are the static files that are served beside the code.
type Assets struct {
	// Dir is the folder that they lie in; empty: they were uploaded, and are in Files.
	Dir   string
	Files []File
	// Config is the runtime's asset configuration as JSON: html_handling, not_found_handling,
	// run_worker_first and so on; nil: the defaults.
	Config json.RawMessage
}

// File is one uploaded asset.
type File struct {
	Path        string // "/index.html"
	ContentType string
	Content     []byte
}

// Consumer is a queue that the Worker consumes.
type Consumer struct {
	Queue           string
	MaxBatchSize    int // 0: the platform's 10
	MaxBatchTimeout int // seconds; 0: the platform's 5
	MaxRetries      int // -1: none; 0: the platform's 3
	DeadLetterQueue string
	RetryDelay      int // seconds
}
