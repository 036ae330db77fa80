package bundle

import (
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/internal/nearest"
)

// native is when the runtime has a built-in module of Node.js of its own; "" stands for as long as
// it has had any.
type native struct {
	since string // a compatibility date
	flag  string // enable_<flag> and disable_<flag> say otherwise; empty: there are none
}

// always are the modules that nodejs_compat has meant from its beginning.
var always = strings.Fields(`
	_stream_duplex _stream_passthrough _stream_readable _stream_transform _stream_writable
	_tls_common _tls_wrap assert assert/strict async_hooks buffer constants crypto
	diagnostics_channel dns dns/promises events module net path path/posix path/win32 process
	querystring stream stream/consumers stream/promises stream/web string_decoder sys timers
	timers/promises tls url util util/types zlib`)

// later are those that came by date.
var later = []struct {
	native
	names string
}{
	{native{"2025-08-15", "nodejs_http_modules"}, "http https _http_agent _http_client _http_common _http_incoming _http_outgoing"},
	{native{"2025-09-01", "nodejs_http_server_modules"}, "_http_server"},
	{native{"2025-09-01", "nodejs_http2_module"}, "http2"},
	{native{"2025-09-15", "nodejs_os_module"}, "os"},
	{native{"2025-09-15", "nodejs_fs_module"}, "fs fs/promises"},
	{native{"2025-09-21", "nodejs_console_module"}, "console"},
	{native{"2025-10-01", "nodejs_vm_module"}, "vm"},
	{native{"2025-12-04", "nodejs_punycode_module"}, "punycode"},
	{native{"2025-12-04", "nodejs_cluster_module"}, "cluster"},
	{native{"2025-12-04", "nodejs_trace_events_module"}, "trace_events"},
	{native{"2025-12-04", "nodejs_domain_module"}, "domain"},
	{native{"2025-12-04", "nodejs_wasi_module"}, "wasi"},
	{native{"2026-01-29", "nodejs_inspector_module"}, "inspector inspector/promises"},
	{native{"2026-01-29", "nodejs_sqlite_module"}, "sqlite"},
	{native{"2026-01-29", "nodejs_dgram_module"}, "dgram"},
	{native{"2026-01-29", "nodejs_stream_wrap_module"}, "_stream_wrap"},
	{native{"2026-03-17", "nodejs_repl_module"}, "repl"},
	{native{"2026-03-17", "nodejs_v8_module"}, "v8"},
	{native{"2026-03-17", "nodejs_tty_module"}, "tty"},
	{native{"2026-03-17", "nodejs_child_process_module"}, "child_process"},
	{native{"2026-03-17", "nodejs_worker_threads_module"}, "worker_threads"},
	{native{"2026-03-17", "nodejs_readline_module"}, "readline readline/promises"},
	{native{"2026-03-17", "nodejs_perf_hooks_module"}, "perf_hooks"},
}

// builtins are all of them, without "node:".
var builtins = func() map[string]*native {
	m := map[string]*native{}
	for _, name := range always {
		m[name] = &native{}
	}
	for _, l := range later {
		for _, name := range strings.Fields(l.names) {
			m[name] = &l.native
		}
	}
	return m
}()

// onlyPrefixed are not built in without "node:".
var onlyPrefixed = []string{"sqlite"}

// builtin finds a built-in module by what an import calls it; name is without "node:".
func builtin(specifier string) (n *native, name string) {
	name, prefixed := strings.CutPrefix(specifier, "node:")
	if !prefixed && slices.Contains(onlyPrefixed, name) {
		return nil, name
	}
	return builtins[name], name
}

// nearBuiltin is the built-in module that was probably meant; empty: none is near.
func nearBuiltin(name string) string {
	names := make([]string, 0, len(builtins))
	for n := range builtins {
		names = append(names, n)
	}
	slices.Sort(names)
	return nearest.Word(name, names)
}

// node is how far a Worker has Node.js.
type node struct {
	date  string
	flags []string
}

// The dates at which nodejs_compat began to replace bare names too, and to be on by itself.
const (
	bareNamesSince = "2024-09-23"
	defaultOnSince = "2026-08-04"
)

func (n node) has(flag string) bool { return slices.Contains(n.flags, flag) }

// on is whether node: imports work at all.
func (n node) on() bool {
	return n.has("nodejs_compat") || n.has("nodejs_compat_v2") || n.date >= defaultOnSince && !n.has("no_nodejs_compat")
}

// bare is whether a bare name ("fs") is the built-in module as well.
func (n node) bare() bool {
	switch {
	case n.has("nodejs_compat_v2"):
		return true
	case n.has("no_nodejs_compat_v2"):
		return false
	}
	return n.date >= defaultOnSince || n.on() && n.date >= bareNamesSince
}

// asyncHooksOnly is nodejs_als: that one module and no other.
func (n node) asyncHooksOnly() bool { return !n.on() && n.has("nodejs_als") }

// native is whether the runtime has the module at this date.
func (n node) native(b *native) bool {
	if b.flag != "" {
		if n.has("disable_" + b.flag) {
			return false
		}
		if n.has("enable_" + b.flag) {
			return true
		}
	}
	return n.date >= b.since
}

func (n node) turnOn() string {
	if n.has("no_nodejs_compat") {
		return `take "no_nodejs_compat" out of compatibility_flags`
	}
	return `add "nodejs_compat" to compatibility_flags (on by itself from compatibility_date ` + defaultOnSince + `)`
}
