package environ

import (
	_ "embed"
	"strings"
)

// preload makes a Node that ignores NODE_USE_ENV_PROXY obey the proxy variables. It looks at the version of the
// Node that it runs in, so that each of several on a machine has what it lacks.
//
//go:embed node-proxy.cjs
var preload []byte

// nodeOptions appends the preload to an existing NODE_OPTIONS.
func nodeOptions(inherited, file string) string {
	if strings.ContainsAny(file, " \"\\") {
		file = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(file) + `"`
	}
	return strings.TrimSpace(inherited + " --require " + file)
}
