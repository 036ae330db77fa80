package run

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/ca"
	"github.com/sundog-edge/sundog/edge/world"
)

// InstallNames are the names of a world that an installed authority is to permit: its zones, its team's host,
// its own workers.dev and pages.dev names, and the host where logins begin. Sorted.
func InstallNames(w *world.World) []string {
	names := []string{"login.cloudflareaccess.org"}
	if team := w.Settings().Team; team != "" {
		names = append(names, team+".cloudflareaccess.com")
	}
	if sub := w.Settings().WorkersSubdomain; sub != "" {
		names = append(names, sub+".workers.dev")
	}
	for doc := range w.All(world.KindPagesProject) {
		if p, ok := doc.Value.(*world.PagesProject); ok {
			names = append(names, p.Name+".pages.dev")
		}
	}
	for doc := range w.All(world.KindZone) {
		if z, ok := doc.Value.(*dnsemu.Zone); ok {
			names = append(names, z.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// openInstalled reads the installed authority; nil: there is none, or dir is empty.
func openInstalled(dir string) (*ca.Installed, error) {
	if dir == "" {
		return nil, nil
	}
	i, err := ca.OpenInstalled(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return i, err
}

// Uninstalled are the names of the world that the installed authority does not permit, so that it is due anew;
// nil where none is installed.
func (s *Session) Uninstalled() []string {
	if s.installed == nil {
		return nil
	}
	return s.installed.Missing(InstallNames(s.World))
}

// Installed is the authority that has signed the run's; nil: none.
func (s *Session) Installed() *ca.Installed { return s.installed }
