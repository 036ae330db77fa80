package accessemu

import (
	"fmt"
	"slices"
)

// compileProviders checks the identity providers that an application allows.
func compileProviders(doc *Application, account string, f *faults) {
	have := []string{pinProvider(account), oneTimePIN}
	for i, id := range doc.AllowedIdPs {
		if !slices.Contains(have, id) {
			f.add(fmt.Sprintf("allowed_idps[%d]", i), quote(id)+", which is the id of no identity provider", either(have), suggest(id, have))
		}
	}
}

// admitsProvider tells whether the application takes the sign-ins of the
// identity provider that made this one. A sign-in that was forgotten since was
// asked when its token was made.
func (a *App) admitsProvider(t *traits) bool {
	return len(a.doc.AllowedIdPs) == 0 || t == nil || slices.ContainsFunc(a.doc.AllowedIdPs, t.by)
}
