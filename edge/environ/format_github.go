package environ

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// writeGitHub writes lines for the file that $GITHUB_ENV names. A job cannot
// remove a variable; an empty value takes the credential's place.
func writeGitHub(w io.Writer, p *Plan) error {
	var l lines
	for _, v := range p.Set {
		switch {
		case strings.Contains(v.Value, "\r"):
			return fmt.Errorf("%s: $GITHUB_ENV has no notation for a carriage return, as in %q", v.Name, v.Value)
		case strings.Contains(v.Value, "\n"):
			// The end mark is the value's hash, which no value contains.
			sum := sha256.Sum256([]byte(v.Value))
			mark := "sundog_" + hex.EncodeToString(sum[:])
			l.add("%s<<%s\n%s\n%s", v.Name, mark, v.Value, mark)
		default:
			l.add("%s=%s", v.Name, v.Value)
		}
	}
	for _, name := range p.unset() {
		l.add("%s=", name)
	}
	return l.flush(w)
}
