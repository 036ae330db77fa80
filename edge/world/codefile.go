package world

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
	"github.com/sundog-edge/sundog/internal/lazyregexp"
)

// folderEntry is an entry of workers or pages.
type folderEntry struct {
	at     placed
	worker *worker // nil: of pages
	pages  *pages
}

// readCode keeps what sundog.yaml says of Workers, Pages projects, VPC services and the audit.
func (d *draft) readCode(in placed, f file) {
	d.noWorkers, d.noPages = f.Workers == nil, f.Pages == nil
	for i := range f.Workers {
		d.folders = append(d.folders, folderEntry{at: in.key("workers").item(i), worker: &f.Workers[i]})
	}
	for i := range f.Pages {
		d.folders = append(d.folders, folderEntry{at: in.key("pages").item(i), pages: &f.Pages[i]})
	}
	d.code = append(d.code, listed(in.key("vpc_services"), f.VPCServices)...)
	d.accepted = listed(in.key("audit").key("accept"), f.Audit.Accept)
}

var workerName = lazyregexp.New(`^[a-z0-9_][a-z0-9-_]*$`)

// takeWorker makes a Worker of an entry of workers.
func (d *draft) takeWorker(e folderEntry) {
	in, w := e.worker, &Worker{}
	doc := e.at.document(w)
	var forms []string
	for _, f := range []struct{ name, value string }{{"dir", in.Dir}, {"main", in.Main}, {"url", in.URL}} {
		if f.value != "" {
			forms = append(forms, f.name)
		}
	}
	switch {
	case len(forms) > 1:
		d.report(doc, forms[1], "both "+strings.Join(forms, " and "), "one of them", "")
		return
	case len(forms) == 0 && in.Name == "":
		d.report(doc, "", "neither dir nor name", "a folder with a wrangler file, or a name with main, url, or nothing beside it", "")
		return
	case in.Dir != "":
		d.takeFolder(doc, in)
		return
	}
	w.Name, w.ID, w.URL = in.Name, strings.ToLower(in.ID), in.URL
	if !workerName.MatchString(w.Name) {
		d.report(doc, "name", "the name "+quote(w.Name), "lower-case letters, digits, dashes and underscores, with no dash in front", "")
	}
	if in.Env != "" {
		d.report(doc, "env", "an environment without a wrangler file", "env beside dir", "")
	}
	if in.Main != "" {
		w.Project = d.module(doc, in)
	}
	if in.URL != "" && (originProblem(in.URL) != "" || !strings.HasPrefix(in.URL, "http")) {
		d.report(doc, "url", "the text "+quote(in.URL), "http://host:port of a dev server", "")
	}
	w.WorkersDev = in.Domains == nil && in.Routes == nil
	if in.WorkersDev != nil {
		w.WorkersDev = *in.WorkersDev
	}
	w.PreviewURLs = w.WorkersDev
	if in.PreviewURLs != nil {
		w.PreviewURLs = *in.PreviewURLs
	}
	d.addWorker(doc, in)
}

// module is the stand-in that main names.
func (d *draft) module(doc *Document, in *worker) *wrangler.Config {
	if !d.disk {
		d.report(doc, "main", "the file "+quote(in.Main)+", where no file can be read", "a world in a folder", "")
		return nil
	}
	path := resolvePath(d.dir, in.Main)
	if !exists(path) {
		d.looked = append(d.looked, path)
		d.report(doc, "main", "the file "+quote(path)+", which does not exist", "", "the name is relative to "+orHere(d.dir))
	}
	return wrangler.Module(in.Name, path)
}

// takeFolder makes a Worker of an entry that names a folder, or a wrangler file.
func (d *draft) takeFolder(doc *Document, in *worker) {
	for field, given := range map[string]bool{"name": in.Name != "", "workers_dev": in.WorkersDev != nil, "preview_urls": in.PreviewURLs != nil} {
		if given {
			d.report(doc, field, field+" beside dir", "", "the wrangler file says it")
		}
	}
	cfg := d.project(doc, "dir", in.Dir, in.Env)
	if cfg == nil {
		return
	}
	if cfg.Output != "" {
		d.report(doc, "dir", "the folder of a Pages project", "the folder of a Worker", "write it under pages")
		return
	}
	w := doc.Value.(*Worker)
	*w = *workerOf(cfg)
	w.ID = strings.ToLower(in.ID)
	d.addWorker(doc, in)
}

// workerOf is the Worker that a wrangler file describes.
func workerOf(cfg *wrangler.Config) *Worker {
	return &Worker{Name: cfg.Name, Project: cfg, WorkersDev: cfg.WorkersDev, PreviewURLs: cfg.PreviewURLs, Crons: cfg.Version.Crons}
}

// addWorker takes a Worker into the world, and where it is to be served. In is nil for one that no
// sundog.yaml names.
func (d *draft) addWorker(doc *Document, in *worker) {
	w := doc.Value.(*Worker)
	if w.ID != "" && !hex32.MatchString(w.ID) {
		d.report(doc, "id", "the text "+quote(w.ID), "32 hexadecimal digits", "leave it out to have one made")
	}
	d.code = append(d.code, doc)
	if w.Project != nil {
		for _, r := range w.Project.Routes {
			d.hostings = append(d.hostings, hosting{
				doc: doc, field: "routes", mark: Mark(r.At), service: w.Name, pattern: r.Pattern, domain: r.CustomDomain,
				zoneID: r.ZoneID, zoneName: r.ZoneName, disabled: !r.Enabled, previews: r.Previews,
			})
		}
	}
	if in == nil {
		return
	}
	for i, host := range in.Domains {
		d.hostings = append(d.hostings, hosting{doc: doc, field: (&path{name: "domains"}).item(i).String(), service: w.Name, pattern: host, domain: true})
	}
	for i, pattern := range in.Routes {
		d.hostings = append(d.hostings, hosting{doc: doc, field: (&path{name: "routes"}).item(i).String(), service: w.Name, pattern: pattern})
	}
}

// takePages makes a Pages project of an entry of pages.
func (d *draft) takePages(e folderEntry) {
	in, p := e.pages, &PagesProject{}
	doc := e.at.document(p)
	switch {
	case in.Dir == "" && in.Name == "":
		d.report(doc, "", "neither dir nor name", "a folder, or a name, or both", "")
		return
	case in.Dir != "" && !d.disk:
		d.report(doc, "dir", "the folder "+quote(in.Dir)+", where no file can be read", "a world in a folder", "")
		return
	case in.Dir != "":
		dir := resolvePath(d.dir, in.Dir)
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			d.looked = append(d.looked, dir)
			d.report(doc, "dir", "the folder "+quote(dir)+", which does not exist", "", "the name is relative to "+orHere(d.dir))
			return
		}
		if abs, err := filepath.Abs(dir); err == nil {
			p.Dir = abs
		}
		file, looked, err := wrangler.Find(dir)
		d.looked = append(d.looked, looked...)
		if file != "" || err != nil {
			cfg := d.project(doc, "dir", in.Dir, "")
			if cfg == nil {
				return
			}
			if cfg.Output == "" {
				d.report(doc, "dir", "the folder of a Worker", "the folder of a Pages project", "write it under workers, or pages_build_output_dir in its wrangler file")
				return
			}
			*p = *pagesOf(cfg)
		}
	}
	if in.Name != "" {
		p.Name = in.Name
	} else if p.Name == "" {
		p.Name = strings.ToLower(filepath.Base(p.Dir))
	}
	if !label.MatchString(p.Name) {
		d.report(doc, "name", "the name "+quote(p.Name), "lower-case letters, digits and hyphens", "")
	}
	p.Output = d.output(doc, in, p)
	p.ProductionBranch = in.ProductionBranch
	d.deploymentConfig(doc, "production", &p.Production, in.DeploymentConfigs.Production)
	d.deploymentConfig(doc, "preview", &p.Preview, in.DeploymentConfigs.Preview)
	d.code = append(d.code, doc)
	for i, host := range in.Domains {
		d.hostings = append(d.hostings, hosting{doc: doc, field: (&path{name: "domains"}).item(i).String(), service: p.Name, pages: true, pattern: host, domain: true})
	}
}

// output is the folder of a Pages project's static files.
func (d *draft) output(doc *Document, in *pages, p *PagesProject) string {
	if in.Output != "" {
		if p.Dir == "" {
			d.report(doc, "output", "output without dir", "both", "")
			return ""
		}
		return resolvePath(p.Dir, in.Output)
	}
	if p.Output != "" || p.Dir == "" {
		return p.Output
	}
	for _, name := range []string{"public", "dist", "build"} {
		if info, err := os.Stat(filepath.Join(p.Dir, name)); err == nil && info.IsDir() {
			return filepath.Join(p.Dir, name)
		}
	}
	d.find(doc, "dir", "the Pages project "+quote(p.Name)+" has no folder of static files", "name it as output")
	return ""
}

// pagesOf is the Pages project that a wrangler file describes.
func pagesOf(cfg *wrangler.Config) *PagesProject {
	config := func(v version.Version) PagesConfig {
		return PagesConfig{Bindings: slices.Clone(v.Bindings), CompatibilityDate: v.CompatibilityDate, CompatibilityFlags: v.CompatibilityFlags}
	}
	p := &PagesProject{Name: cfg.Name, Dir: cfg.Dir, Output: cfg.Output, Project: cfg, Production: config(cfg.Version), Preview: config(cfg.Version)}
	if cfg.Preview != nil {
		p.Preview = config(*cfg.Preview)
	}
	return p
}

// deploymentConfig puts what sundog.yaml says over what the wrangler file says.
func (d *draft) deploymentConfig(doc *Document, which string, into *PagesConfig, in deploymentConfig) {
	at := (&path{name: "deployment_configs"}).key(which)
	for _, name := range slices.Sorted(maps.Keys(in.EnvVars)) {
		v := in.EnvVars[name]
		place := at.key("env_vars").key(name)
		switch v.Type {
		case "":
			v.Type = "plain_text"
		case "plain_text", "secret_text":
		default:
			d.report(doc, place.key("type").String(), "the text "+quote(v.Type), "plain_text or secret_text", didYouMean(v.Type, []string{"plain_text", "secret_text"}))
		}
		into.Bindings = slices.DeleteFunc(into.Bindings, func(b version.Binding) bool { return b.Name == name })
		m := doc.At(place.String())
		into.Bindings = append(into.Bindings, version.Binding{Type: v.Type, Name: name, Text: v.Value, At: shortPlace(m)})
	}
	if in.CompatibilityDate != "" {
		into.CompatibilityDate = in.CompatibilityDate
	}
	if in.CompatibilityFlags != nil {
		into.CompatibilityFlags = in.CompatibilityFlags
	}
}

// shortPlace is a place as bindings have it: "sundog.yaml:9".
func shortPlace(m Mark) string {
	if m.Line == 0 {
		return ""
	}
	m.File, m.Column = filepath.Base(m.File), 0
	return m.String()
}
