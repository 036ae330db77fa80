package edge

import (
	"slices"

	"github.com/sundog-edge/sundog/accessemu"
)

// destinations are the hosts, or hosts and paths, of an application. One that is in front of Workers has those that
// lead to them, where it is the one that decides; none, when nothing does.
func (s *snapshot) destinations(app *accessemu.App) []string {
	if !app.OfWorkers() {
		return app.Domains
	}
	list := append([]string{}, app.Domains...)
	for _, d := range s.doors() {
		if d.app != app {
			continue
		}
		text := d.host
		if d.path != "/" {
			text += d.path
		}
		if !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}
