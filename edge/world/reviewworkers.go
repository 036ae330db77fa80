package world

import (
	"cmp"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
	"github.com/sundog-edge/sundog/internal/nearest"
)

// uniqueCode reports Workers, projects and services that share a name or an id, and what the audit
// accepts twice.
func (d *draft) uniqueCode(once func(*Document, string)) {
	names := map[string]*Document{}
	ids := map[string]*Document{}
	for _, doc := range d.code {
		switch v := doc.Value.(type) {
		case *Worker:
			first := names["worker "+v.Name]
			if first == nil {
				names["worker "+v.Name] = doc
				if other := ids[v.ID]; other != nil {
					d.twice(doc, other, "id")
				}
				ids[v.ID] = doc
				continue
			}
			d.report(doc, "name", "the Worker "+quote(v.Name)+ofFile(v.Project, doc)+", which there is another of, at "+cmp.Or(namedAt(first), "another document"), "a name of its own", "an environment has its own: dir and env, or name the folders in workers of a sundog.yaml")
		case *PagesProject:
			if first := names["pages "+v.Name]; first != nil {
				d.twice(doc, first, "name")
			}
			names["pages "+v.Name] = doc
		case *VPCService:
			once(doc, "service_id")
			if first := names["vpc "+v.Name]; first != nil && first.Value.(*VPCService).ID != v.ID {
				d.twice(doc, first, "name")
			}
			names["vpc "+v.Name] = doc
		case *WorkerDomain, *WorkerRoute:
			once(doc, "")
		}
	}
	for _, doc := range d.accepted {
		d.checkAccepted(doc)
		once(doc, "host")
	}
}

// namedAt is where a Worker's name is written.
func namedAt(doc *Document) string {
	if w, ok := doc.Value.(*Worker); ok && w.Project != nil && w.Project.At.Line > 0 {
		return w.Project.At.String()
	}
	return doc.At("name").String()
}

func ofFile(cfg *wrangler.Config, doc *Document) string {
	if cfg == nil || cfg.At.Line == 0 || Mark(cfg.At) == doc.Mark {
		return ""
	}
	return " of " + cfg.At.String()
}

// placeOf is where a binding is written.
func (d *draft) placeOf(doc *Document, cfg *wrangler.Config, b version.Binding) (Mark, *source) {
	file, column := cutNumber(b.At)
	file, line := cutNumber(file)
	switch {
	case line == 0 || column == 0:
		return doc.Mark, doc.src
	case doc.src != nil && file == filepath.Base(doc.src.name):
		return Mark{File: doc.src.name, Line: line, Column: column}, doc.src
	case cfg == nil:
		return doc.Mark, doc.src
	}
	path := filepath.Join(filepath.Dir(cfg.File), file)
	return Mark{File: path, Line: line, Column: column}, d.texts[path]
}

// cutNumber splits "wrangler.jsonc:9:14" at its last colon; 0: no number follows it.
func cutNumber(s string) (before string, n int) {
	cut := strings.LastIndexByte(s, ':')
	if cut < 0 {
		return s, 0
	}
	n, _ = strconv.Atoi(s[cut+1:])
	return s[:cut], n
}

// reviewWorkers looks for what Workers and Pages projects name that is not there, or is another's.
func (d *draft) reviewWorkers() {
	workers := map[string]*Worker{}
	services := map[string]bool{}
	var names, serviceNames []string
	for _, doc := range d.code {
		switch v := doc.Value.(type) {
		case *Worker:
			workers[v.Name] = v
			names = append(names, v.Name)
		case *VPCService:
			services[v.ID] = true
			serviceNames = append(serviceNames, v.Name, v.ID)
		}
	}
	for _, doc := range d.code {
		cfg, lists := bindingsOf(doc.Value)
		var seen []version.Binding
		for _, list := range lists {
			for _, b := range list {
				if slices.ContainsFunc(seen, func(s version.Binding) bool { return s.Type == b.Type && s.Name == b.Name && s.At == b.At }) {
					continue // production and preview have it from one place
				}
				seen = append(seen, b)
				at, src := d.placeOf(doc, cfg, b)
				find := func(text, mend string) { d.probs.find(src, at, text, mend) }
				switch b.Type {
				case "service":
					if workers[b.Service] == nil {
						find(b.Name+" -> "+b.Service+" is not in this world, so what uses the binding throws", missingWorker(b.Service, workers, append(slices.Clone(names), serviceNames...), "; a VPC service: to vpc_services"))
					}
				case "durable_object_namespace":
					if b.ScriptName != "" && workers[b.ScriptName] == nil {
						find(b.Name+" -> "+b.ScriptName+" is not in this world, so what uses the binding throws", missingWorker(b.ScriptName, workers, names, ""))
					}
				case "vpc_service":
					if !services[b.ServiceID] {
						mend := "add it to vpc_services, with service_id: " + b.ServiceID
						if near := nearest.Word(b.ServiceID, serviceNames); near != "" {
							mend = `did you mean "` + near + `"?`
						}
						find(b.Name+": there is no VPC service "+quote(b.ServiceID)+" in this world, so what uses the binding throws", mend)
					}
				case "vpc_network":
					if b.TunnelID != "" && d.tunnelNamed(b.TunnelID) == nil {
						tunnels := d.tunnelNames()
						mend := "add it to tunnels"
						if near := nearest.Word(b.TunnelID, tunnels); near != "" {
							mend = `did you mean "` + near + `"?`
						}
						find(b.Name+": there is no tunnel "+quote(b.TunnelID)+" in this world, so what uses the binding throws", mend)
					}
				case "plain_text", "secret_text":
					d.reviewAccessVar(doc, b, find)
				}
			}
		}
	}
	d.reviewWorkerHosts(workers, names)
	d.reviewWorkerIDs(workers)
}

// reviewWorkerIDs looks for applications of a Worker that is not there.
func (d *draft) reviewWorkerIDs(workers map[string]*Worker) {
	known := map[string]bool{}
	for _, w := range workers {
		known[w.ID] = true
	}
	for _, doc := range d.apps {
		for i, dest := range doc.Value.(*accessemu.Application).Destinations {
			if dest.Type != "worker" && dest.Type != "preview_worker" || dest.WorkerID == "" || known[strings.ToLower(dest.WorkerID)] {
				continue
			}
			mend := "give the Worker id: " + dest.WorkerID + " in workers"
			switch {
			case workers[dest.WorkerID] != nil:
				mend = "write the id of the Worker, " + workers[dest.WorkerID].ID
			case len(workers) == 1:
				for name, w := range workers {
					mend += ", or write that of " + name + ", " + w.ID
				}
			}
			d.find(doc, (&path{name: "destinations"}).item(i).key("worker_id").String(), "no Worker of this world has the id "+quote(dest.WorkerID)+", so the application guards nothing there", mend)
		}
	}
}

// missingWorker is how to mend a binding to a Worker that is not there, and what else may be meant where no name is near.
func missingWorker(name string, workers map[string]*Worker, near []string, orElse string) string {
	for _, other := range workers {
		if other.Project != nil && other.Project.Env != "" && other.Name == name+"-"+other.Project.Env {
			return `an environment is deployed as a Worker of its own: write "` + other.Name + `"`
		}
	}
	if word := nearest.Word(name, near); word != "" {
		return `did you mean "` + word + `"?`
	}
	return "add its folder to workers, or a stand-in: {name: " + name + ", main: " + name + ".js}" + orElse
}

// reviewWorkerHosts looks for applications that guard a workers.dev host that no Worker has. A world
// without Workers may be of another's.
func (d *draft) reviewWorkerHosts(workers map[string]*Worker, names []string) {
	if len(workers) == 0 {
		return
	}
	below := d.settings.Value.(*Settings).WorkersSubdomain + ".workers.dev"
	for _, doc := range d.apps {
		for _, p := range placesOf(doc) {
			if !inside(p.host, "workers.dev") || strings.Contains(p.host, "*") {
				continue
			}
			name, ok := strings.CutSuffix(p.host, "."+below)
			if !ok {
				_, rest, _ := strings.Cut(p.host, ".")
				if rest != "workers.dev" && rest != below {
					d.find(doc, p.field, "the application's host "+quote(p.host)+" is not below "+below+", where the Workers of this world are", "write workers_subdomain: "+strings.TrimSuffix(rest, ".workers.dev")+", or a host below "+below)
				}
				continue
			}
			if workers[name] != nil || slices.ContainsFunc(names, func(worker string) bool { return strings.HasSuffix(name, "-"+worker) }) {
				continue
			}
			mend := "add the Worker"
			if near := nearest.Word(name, names); near != "" {
				mend = `did you mean "` + near + "." + below + `"?`
			}
			d.find(doc, p.field, "the application's host "+quote(p.host)+" is of no Worker of this world", mend)
		}
	}
}
