package wrangler

import "github.com/sundog-edge/sundog/edge/worker/version"

// section is a place of the file where bindings of one type are written.
type section struct {
	in   []string // "queues", "producers"
	typ  string   // of the API
	name string   // the key that has the binding's name
	one  bool     // a single binding, not a list
	keys []string // beside name and remote
	fill func(v value, b *version.Binding)
}

// sections are all of them. What has no fill is known by its name alone: nothing stands for it here.
func sections() []section {
	text := func(v value, key string) string { return v.key(key).text() }
	return []section{
		{in: []string{"services"}, typ: "service", name: "binding", keys: []string{"service", "entrypoint", "props", "environment", "cross_account_grant"}, fill: fillService},
		{in: []string{"vpc_services"}, typ: "vpc_service", name: "binding", keys: []string{"service_id"}, fill: func(v value, b *version.Binding) {
			b.ServiceID = v.need("service_id")
		}},
		{in: []string{"vpc_networks"}, typ: "vpc_network", name: "binding", keys: []string{"tunnel_id", "network_id"}, fill: fillNetwork},
		{in: []string{"kv_namespaces"}, typ: "kv_namespace", name: "binding", keys: []string{"id", "preview_id"}, fill: func(v value, b *version.Binding) {
			b.NamespaceID = or(text(v, "id"), b.Name)
		}},
		{in: []string{"d1_databases"}, typ: "d1", name: "binding", keys: []string{"database_name", "database_id", "jurisdiction", "preview_database_id", "migrations_table", "migrations_dir", "migrations_pattern", "database_internal_env"}, fill: func(v value, b *version.Binding) {
			b.ID = or(text(v, "database_id"), or(text(v, "database_name"), b.Name))
		}},
		{in: []string{"queues", "producers"}, typ: "queue", name: "binding", keys: []string{"queue", "delivery_delay"}, fill: func(v value, b *version.Binding) {
			b.QueueName = or(text(v, "queue"), b.Name)
		}},
		{in: []string{"durable_objects", "bindings"}, typ: "durable_object_namespace", name: "name", keys: []string{"class_name", "script_name", "environment"}, fill: func(v value, b *version.Binding) {
			b.ClassName, b.ScriptName = v.need("class_name"), text(v, "script_name")
		}},
		{in: []string{"workflows"}, typ: "workflow", name: "binding", keys: []string{"name", "class_name", "script_name", "limits", "concurrency", "schedules", "default_retention", "jurisdiction"}, fill: func(v value, b *version.Binding) {
			b.ClassName, b.ScriptName = v.need("class_name"), text(v, "script_name")
		}},
		{in: []string{"version_metadata"}, typ: "version_metadata", name: "binding", one: true, fill: func(value, *version.Binding) {}},
		{in: []string{"r2_buckets"}, typ: "r2_bucket", name: "binding"},
		{in: []string{"ai"}, typ: "ai", name: "binding", one: true},
		{in: []string{"browser"}, typ: "browser", name: "binding", one: true},
		{in: []string{"images"}, typ: "images", name: "binding", one: true},
		{in: []string{"media"}, typ: "media", name: "binding", one: true},
		{in: []string{"stream"}, typ: "stream", name: "binding", one: true},
		{in: []string{"analytics"}, typ: "analytics", name: "binding", one: true},
		{in: []string{"analytics_engine_datasets"}, typ: "analytics_engine", name: "binding"},
		{in: []string{"vectorize"}, typ: "vectorize", name: "binding"},
		{in: []string{"hyperdrive"}, typ: "hyperdrive", name: "binding"},
		{in: []string{"send_email"}, typ: "send_email", name: "name"},
		{in: []string{"dispatch_namespaces"}, typ: "dispatch_namespace", name: "binding"},
		{in: []string{"mtls_certificates"}, typ: "mtls_certificate", name: "binding"},
		{in: []string{"pipelines"}, typ: "pipelines", name: "binding"},
		{in: []string{"secrets_store_secrets"}, typ: "secrets_store_secret", name: "binding"},
		{in: []string{"ratelimits"}, typ: "ratelimit", name: "name"},
		{in: []string{"worker_loaders"}, typ: "worker_loader", name: "binding"},
		{in: []string{"ai_search"}, typ: "ai_search", name: "binding"},
		{in: []string{"ai_search_namespaces"}, typ: "ai_search_namespace", name: "binding"},
		{in: []string{"agent_memory"}, typ: "agent_memory", name: "binding"},
		{in: []string{"artifacts"}, typ: "artifacts", name: "binding"},
		{in: []string{"flagship"}, typ: "flagship", name: "binding"},
		{in: []string{"k2"}, typ: "k2", name: "binding"},
		{in: []string{"unsafe_hello_world"}, typ: "unsafe_hello_world", name: "binding"},
		{in: []string{"logfwdr", "bindings"}, typ: "logfwdr", name: "name"},
		{in: []string{"unsafe", "bindings"}, typ: "", name: "name"},
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func fillService(v value, b *version.Binding) {
	b.Service, b.Entrypoint = v.need("service"), v.key("entrypoint").text()
	if props := v.key("props"); props.is(mapping, "a mapping") {
		b.Props = props.raw()
	}
	if e := v.key("environment"); e.given() {
		e.find("wrangler no longer has the key environment, so it does nothing", "name the deployed Worker, as service: "+b.Service+"-"+e.text())
	}
}

func fillNetwork(v value, b *version.Binding) {
	tunnel, network := v.key("tunnel_id"), v.key("network_id")
	b.TunnelID, b.NetworkID = tunnel.text(), network.text()
	switch {
	case tunnel.given() && network.given():
		network.fail("both tunnel_id and network_id", "one of them", "")
	case !tunnel.given() && !network.given():
		v.fail("neither tunnel_id nor network_id", "one of them", "")
	}
}

// bindings reads those of every section. None of them is inherited by an environment.
func (l *loader) bindings() {
	for _, s := range sections() {
		v := l.own(s.in[0])
		for _, key := range s.in[1:] {
			if v.given() && !v.is(mapping, "a mapping") {
				v = value{}
				break
			}
			v = v.key(key)
		}
		if !v.given() {
			continue
		}
		if s.one {
			l.binding(s, v)
			continue
		}
		for _, item := range v.items() {
			l.binding(s, item)
		}
	}
}

func (l *loader) binding(s section, v value) {
	if !v.is(mapping, "a mapping") {
		return
	}
	b := version.Binding{Type: s.typ, Name: v.need(s.name), At: v.at()}
	if s.fill != nil {
		v.only(append([]string{s.name, "remote"}, s.keys...)...)
		s.fill(v, &b)
	}
	if b.Type == "" {
		b.Type = v.need("type")
	}
	if remote := v.key("remote"); s.fill != nil && remote.truth(false) {
		remote.find("remote does nothing here: the binding is to what is in this world", "")
	}
	l.bind(v, b)
}

// bind adds a binding; a name can be used once.
func (l *loader) bind(v value, b version.Binding) {
	if b.Name == "" {
		return
	}
	if first, taken := l.bound[b.Name]; taken {
		v.fail("the binding "+quote(b.Name)+", which is at "+first+" too", "a name of its own", "")
		return
	}
	l.bound[b.Name] = b.At
	l.version.Bindings = append(l.version.Bindings, b)
}
