package wrangler

import "slices"

// topKeys are what only the top level has.
func topKeys() []string {
	return []string{
		"$schema", "addresses", "alias", "data_blobs", "dependencies_instrumentation", "dev", "env", "keep_vars",
		"pages_build_output_dir", "send_metrics", "site", "text_blobs", "wasm_modules",
	}
}

// envKeys are what the top level and environments have.
func envKeys() []string {
	keys := []string{
		"access", "account_id", "assets", "base_dir", "build", "cache", "cloudchamber", "compatibility_date",
		"compatibility_flags", "compliance_region", "connect", "containers", "define", "durable_objects", "exports",
		"find_additional_modules", "first_party_worker", "jsx_factory", "jsx_fragment", "keep_names", "limits", "logfwdr",
		"logpush", "main", "migrations", "minify", "name", "no_bundle", "observability", "placement", "preserve_file_names",
		"preview_urls", "previews", "python_modules", "queues", "route", "routes", "rules", "secrets",
		"streaming_tail_consumers", "tail_consumers", "triggers", "tsconfig", "unsafe", "upload_source_maps", "vars",
		"workers_dev",
	}
	for _, s := range sections() {
		if len(s.in) == 1 {
			keys = append(keys, s.in[0])
		}
	}
	return keys
}

// builtKeys are what build tools write beside these, and nobody else.
func builtKeys() []string {
	return []string{"configPath", "userConfigPath", "topLevelName", "definedEnvironments", "targetEnvironment"}
}

// checkKeys finds keys that nobody knows, and refuses those that wrangler does.
func (l *loader) checkKeys(v value, top bool) {
	known := envKeys()
	if top {
		known = append(known, topKeys()...)
	}
	if l.built {
		known = append(append(known, builtKeys()...), "legacy_env")
	}
	if !l.built && v.key("legacy_env").given() {
		v.key("legacy_env").fail("a key that wrangler no longer has", "", "remove it: every environment is a Worker of its own, named <name>-<environment>")
		known = append(known, "legacy_env")
	}
	if v.key("node_compat").given() {
		v.key("node_compat").fail("a key that wrangler no longer has", "", "write compatibility_flags with nodejs_compat")
		known = append(known, "node_compat")
	}
	if !top {
		for _, name := range topKeys() {
			if k := v.key(name); k.given() {
				k.find("the key belongs at the top level, and does nothing in an environment", "move it there")
				known = append(known, name)
			}
		}
	}
	v.only(known...)
}

// checkVars finds settings that fell below the header [vars], where they are variables.
func (l *loader) checkVars(vars value) {
	if !l.toml {
		return
	}
	settings := append(envKeys(), topKeys()...)
	for _, v := range vars.pairs() {
		if name := v.field[len(vars.field)+1:]; slices.Contains(settings, name) {
			v.find("the setting "+name+" is below the header of vars, so it is a variable", "move it above the header")
		}
	}
}
