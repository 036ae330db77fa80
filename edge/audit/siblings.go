package audit

import (
	"slices"
	"strings"
)

// siblings are the entrypoints that anyone enters and that reach what another host asks a login for: at
// their own path, where all of the other host is guarded, and at the path of the other's guard.
func (a *auditor) siblings() {
	byTarget := map[string][]int{}
	for i := range a.points {
		if id := a.points[i].Identity; id != "" {
			byTarget[id] = append(byTarget[id], i)
		}
	}
	at := map[string]int{} // places in found, by scheme and host: each is told once
	for i := range a.points {
		e := &a.points[i]
		if _, told := at[e.at("")]; told || e.Identity == "" {
			continue
		}
		for _, j := range byTarget[e.Identity] {
			guarded := &a.points[j]
			if a.public[j] || guarded.Host == e.Host {
				continue
			}
			path, ok := a.beside(i, guarded)
			if !ok {
				continue
			}
			if told, ok := at[e.at("")]; ok {
				a.found[told].Beside = append(a.found[told].Beside, guarded.URL())
			} else {
				at[e.at("")] = len(a.found)
				a.fail(e, path, Failure{
					Rule: UnprotectedSibling, Where: e.Where, Beside: []string{guarded.URL()},
					Text: "anyone reaches " + e.Reaches + " without a login, which " + guarded.URL() + " asks for (application \"" + guarded.Guard + "\")",
					Mend: mend(e),
				})
			}
		}
	}
}

// beside is the path at which an entrypoint, or its host, leads past a guard.
func (a *auditor) beside(i int, guarded *Entrypoint) (path string, ok bool) {
	e := &a.points[i]
	if whole(guarded.Path) {
		return e.Path, a.public[i] && !a.bypassed(e)
	}
	if !whole(e.Path) {
		return "", false // its host's root, if that leads there too, is asked
	}
	x := a.ask(e, guarded.Path, Principal{Role: Anonymous})
	return guarded.Path, x.Enters && !x.Bypass && x.Identity == guarded.Identity
}

// whole tells whether a path is all of a host.
func whole(path string) bool { return path == "/" || path == "/*" || path == "" }

// bypassed tells whether anyone enters because a policy says so, which is told by itself.
func (a *auditor) bypassed(e *Entrypoint) bool {
	return slices.ContainsFunc(e.Policies, func(p Policy) bool { return p.Decision == "bypass" })
}

// mend is how to close an entrypoint, or to guard it.
func mend(e *Entrypoint) string {
	host := e.Host
	if strings.Contains(host, "*") {
		host = "'" + host + "'" // the shell's wildcard, too
	}
	protect := "guard it: sundog protect " + host + " --allow EMAIL"
	switch e.Kind {
	case WorkersDev:
		return `close it: "workers_dev": false in the Worker's configuration; or ` + protect
	case Preview:
		return `close it: "preview_urls": false in the Worker's configuration; or ` + protect
	}
	return protect + "; or accept it, with a reason, under audit: accept:"
}
