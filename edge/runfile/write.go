package runfile

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/sundog-edge/sundog/internal/private"
)

// WriteReady writes r to path for scripts that wait for it: renamed into
// place, so that it is whole as soon as it is there. What stands there is
// replaced, if it is a file or a link; anything else is an error.
func WriteReady(path string, r Ready) error {
	if fi, err := os.Lstat(path); err == nil && !fi.Mode().IsRegular() && fi.Mode().Type() != os.ModeSymlink {
		return fmt.Errorf("--ready-file %s is %v: want a path for a file", path, fi.Mode().Type())
	}
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := private.Replace(path, append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("--ready-file %s: %w", path, err)
	}
	return nil
}
