package workerd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

// schemaOf is the day of the first runtime that is known to have every field that [Config.Encode] writes. An older
// one takes no notice of a field that it does not know, and of the same in text it says so.
const schemaOf = "20261117"

// takesMessages says whether the binary is known to have them all: its npm package says of which day it is.
func takesMessages(path string) bool {
	content, err := os.ReadFile(filepath.Join(filepath.Dir(path), "..", "package.json"))
	if err != nil {
		return false
	}
	var p struct{ Name, Version string }
	if json.Unmarshal(content, &p) != nil || p.Name != platformPackage() {
		return false
	}
	major, rest, _ := strings.Cut(p.Version, ".")
	day, _, _ := strings.Cut(rest, ".")
	return major == "1" && len(day) == len(schemaOf) && day >= schemaOf
}
