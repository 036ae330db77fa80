package edge

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/sundog-edge/sundog/edge/world"
)

// stale is that the files of the world have errors, and an older state of them is served.
type stale struct {
	errs  world.Errors
	here  []string // values of Sundog-Config, for clients on this machine
	aside []string // likewise, for others
}

// MarkStale says that what the edge serves is older than its files, which have these errors.
// Until a world is applied, every answer carries "Sundog-Config: stale; errors=N", and for
// clients on this machine the first error. No errors: it is fresh.
func (e *Edge) MarkStale(errs world.Errors) {
	if len(errs) == 0 {
		e.stale.Store(nil)
		return
	}
	count := fmt.Sprintf("stale; errors=%d", len(errs))
	e.stale.Store(&stale{errs: errs, here: []string{count + "; " + headerText(errs[0].Error())}, aside: []string{count}})
}

// Stale are the errors of the files that keep an older world serving; nil: what is served is
// what the files say.
func (e *Edge) Stale() world.Errors {
	if s := e.stale.Load(); s != nil {
		return s.errs
	}
	return nil
}

// maxHeaderText bounds what one error adds to every answer, in bytes.
const maxHeaderText = 512

// headerText is a text as one line of a header.
func headerText(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	if len(s) > maxHeaderText {
		s = strings.ToValidUTF8(s[:maxHeaderText], "") + "…"
	}
	return strings.TrimSpace(s)
}
