package world

import (
	"cmp"
	"encoding/json"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/internal/derive"
	"github.com/sundog-edge/sundog/internal/lazyregexp"
	"go.yaml.in/yaml/v3"
)

// Sketch is a sundog.yaml that says what was inferred of a cloudflared file, as a person would
// write it, and that makes the same world when it is loaded from dir, with the protections. w is
// the world of that file alone. The text is the same every time.
func (w *World) Sketch(dir string, protect []Protection) string {
	b := &sketch{dir: dir}
	from := "cloudflared's file"
	if len(w.files) > 0 {
		from = b.fileName(w.files[0])
	}
	s := w.Settings()
	b.lines("# The world of this project, as far as "+from+" tells it. sundog init wrote it;",
		"# from now on it is yours. sundog check says what is wrong with it.",
		"",
		"# The team: people log in at https://"+s.Team+".cloudflareaccess.com.",
		"team: "+scalar(s.Team))
	b.code(w)
	b.zones(w)
	b.tunnels(w)
	b.compose()
	if len(protect) > 0 {
		b.lines("", "# Who may enter. A host without an application is public: anyone enters, without a login.")
		b.text.WriteString(Protections(protect))
		return b.text.String()
	}
	b.lines("", "# Nothing is protected: anyone enters every host, without a login. To ask for one, name",
		"# the host and who may enter, and take out the hash signs.")
	for line := range strings.Lines(Protections([]Protection{{Host: w.someHost(), Allow: []string{"you@example.com"}}})) {
		b.text.WriteString("# " + line)
	}
	return b.text.String()
}

// Protections is the part of a sundog.yaml that guards hosts, each with an application.
func Protections(list []Protection) string {
	b := new(sketch)
	b.lines("access:", "  apps:")
	for _, p := range list {
		b.lines(indented(dashed(p.app().lines), 4)...)
	}
	return b.text.String()
}

type sketch struct {
	text strings.Builder
	dir  string
}

func (b *sketch) lines(lines ...string) {
	for _, line := range lines {
		b.text.WriteString(line + "\n")
	}
}

func (b *sketch) zones(w *World) {
	zones := inFileOrder(w, KindZone)
	if len(zones) == 0 {
		return
	}
	records := map[string][]*Record{}
	for _, doc := range inFileOrder(w, KindRecord) {
		r := doc.Value.(*Record)
		records[r.ZoneID] = append(records[r.ZoneID], r)
	}
	b.lines("", "# The zones, and the records that lead their hosts to a tunnel. Names are relative to", "# the zone; @ is the zone itself.", "zones:")
	for _, doc := range zones {
		z := doc.Value.(*dnsemu.Zone)
		b.lines("  - name: " + scalar(z.Name))
		if z.ID != derive.Hex32(w.Settings().AccountID, "zone", z.Name) {
			b.lines("    id: " + scalar(z.ID))
		}
		b.lines("    records:")
		for _, r := range records[z.ID] {
			b.lines("      - {type: " + r.Type + ", name: " + scalar(relative(r.Name, z.Name)) + ", content: " + scalar(r.Content) +
				", proxied: " + strconv.FormatBool(r.Proxied) + ", ttl: " + strconv.Itoa(r.TTL) + "}")
		}
	}
}

func (b *sketch) tunnels(w *World) {
	tunnels := inFileOrder(w, KindTunnel)
	if len(tunnels) == 0 {
		return
	}
	b.lines("", "# The tunnels. Each is routed in process by the rules of its file, as cloudflared would.", "tunnels:")
	for _, doc := range tunnels {
		t := doc.Value.(*Tunnel)
		var keys []string
		if t.Name == "" || t.UUID != derive.UUID(w.Settings().AccountID, "tunnel", t.Name) {
			keys = append(keys, "id: "+scalar(t.ID))
		}
		if t.Name != "" {
			keys = append(keys, "name: "+scalar(t.Name))
		}
		keys = append(keys, "config_file: "+scalar(b.fileName(t.ConfigFile)))
		b.lines("  - "+keys[0], "    "+strings.Join(keys[1:], "\n    "))
	}
}

// code lists the folders of Workers and of Pages projects.
func (b *sketch) code(w *World) {
	var workers, pages []string
	for _, doc := range inFileOrder(w, KindWorker) {
		if p := doc.Value.(*Worker).Project; p != nil {
			workers = append(workers, "  - "+scalar(b.folder(p.Dir)))
		}
	}
	for _, doc := range inFileOrder(w, KindPagesProject) {
		if dir := doc.Value.(*PagesProject).Dir; dir != "" {
			pages = append(pages, "  - "+scalar(b.folder(dir)))
		}
	}
	if name := w.Settings().WorkersSubdomain; name != "" && len(workers) > 0 {
		b.lines("", "# Workers are served at NAME."+name+".workers.dev.", "workers_subdomain: "+scalar(name))
	}
	if len(workers) > 0 {
		b.lines(append([]string{"", "# The folders of the Workers, as their wrangler files describe them.", "workers:"}, slices.Compact(workers)...)...)
	}
	if len(pages) > 0 {
		b.lines(append([]string{"", "# The folders of the Pages projects.", "pages:"}, slices.Compact(pages)...)...)
	}
}

// folder is a folder as seen from the file's, in the form that cannot be taken for a name.
func (b *sketch) folder(dir string) string {
	name := b.fileName(dir)
	if name == "." || strings.HasPrefix(name, "~") || filepath.IsAbs(name) {
		return name
	}
	return "./" + name
}

// compose points at a compose file that nobody named.
func (b *sketch) compose() {
	for _, name := range []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"} {
		if exists(filepath.Join(b.dir, name)) {
			b.lines("", "# Where the services are containers, their published ports say where each is on this", "# machine.", "# origins_from: "+name)
			return
		}
	}
}

// fileName is a file as seen from the folder, as a person would write it.
func (b *sketch) fileName(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	dir, err := filepath.Abs(b.dir)
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(dir, abs)
	if err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return filepath.ToSlash(rel)
	}
	if home := (Loader{}).home(); home != "" {
		if rest, ok := strings.CutPrefix(abs, home+string(filepath.Separator)); ok {
			return "~/" + filepath.ToSlash(rest)
		}
	}
	return abs
}

// relative is a record's name as its zone has it.
func relative(name, zone string) string {
	if name == zone {
		return "@"
	}
	if short, ok := strings.CutSuffix(name, "."+zone); ok && absolute(short, zone) == name {
		return short
	}
	return name
}

func inFileOrder(w *World, kind Kind) []*Document {
	return slices.SortedStableFunc(w.All(kind), func(a, b *Document) int {
		return cmp.Or(a.Mark.Compare(b.Mark), cmp.Compare(a.Title(), b.Title()))
	})
}

// plainScalar is what needs no quotes wherever it stands, if YAML reads it as text.
var plainScalar = lazyregexp.New(`^[A-Za-z0-9_~][A-Za-z0-9_./@+~ -]*$`)

// scalar is a text as a value of YAML.
func scalar(s string) string {
	s = strings.ReplaceAll(s, "${", "$${")
	if plainScalar.MatchString(s) {
		if out, err := yaml.Marshal(s); err == nil && string(out) == s+"\n" {
			return s
		}
	}
	var b strings.Builder
	e := json.NewEncoder(&b) // JSON's strings are YAML's
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return strconv.Quote(s)
	}
	return strings.TrimSpace(b.String())
}
