package world

import (
	"bytes"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"
)

// draft is a world in the making: documents that have no ids yet.
type draft struct {
	probs problems

	settings     *Document // never nil
	zones        []*zoneDraft
	noZones      bool // nobody spoke of zones, so they may be inferred
	tunnels      []*Document
	noTunnels    bool
	organization *Document
	policies     []*Document
	parts        []*Document // groups, lists, service tokens and custom pages
	apps         []*Document
	people       []*Document
	clients      []*Document
	origins      []*Document
	egress       []*Document
	quirks       []*Document
	code         []*Document // Workers, Pages projects, domains, routes, VPC services
	accepted     []*Document
	hostings     []hosting     // where Workers and Pages projects are to be served
	folders      []folderEntry // that sundog.yaml names
	noWorkers    bool          // nobody spoke of Workers, so they may be found
	noPages      bool
	compose      *compose // nil: no origins_from

	configs []*configFile // cloudflared's files, in the order they were found
	files   []string      // all files read
	looked  []string      // files that would have been read
	blank   []string      // of files, those without any text
	unended []string      // of files, those whose last line has no end
	dir     string
	home    string // of the user; empty: unknown
	beside  bool   // look for cloudflared's files in the folder
	folder  bool   // look for wrangler's files in the folder
	disk    bool   // files may be read

	texts  map[string]*source               // wrangler files by name
	lookup func(name string) (string, bool) // the environment; nil: os.LookupEnv

	index map[string]*zoneDraft    // zones by name, made when asked for
	rules map[*Document]*ruleIndex // of tunnels, made when asked for
}

type zoneDraft struct {
	doc       *Document
	records   []*Document
	noRecords bool // nobody spoke of records, so they may be inferred

	names map[string][]*Document // records by name, made when asked for
	named int                    // of records, how many are in names
}

func newDraft(dir string) *draft {
	return &draft{dir: dir, settings: &Document{Value: &Settings{}}, noZones: true, noTunnels: true, noWorkers: true, noPages: true}
}

// read decodes sundog.yaml into the draft. What cannot be decoded is among the
// problems; the rest is there for further checks.
func (d *draft) read(src *source, lookup func(string) (string, bool)) {
	root, err := parse(src)
	if err != nil {
		d.probs.add(src, *err)
		return
	}
	dec := newDecoder(src, &d.probs)
	dec.lookup = lookup
	if root.Kind != yaml.MappingNode {
		dec.fail(root, nil, dec.describe(root), "a mapping of keys", "")
		return
	}
	var f file
	dec.decode(root, reflect.ValueOf(&f).Elem(), nil)

	in := placed{src: src, node: root}
	settings := &Settings{Team: f.Team, AccountID: f.Account.ID, AccountName: f.Account.Name, WorkersSubdomain: f.WorkersSubdomain}
	d.endings(dec, in.key("access"), f.Access, settings)
	d.settings = in.document(settings)
	d.noZones, d.noTunnels = f.Zones == nil, f.Tunnels == nil
	for i := range f.Zones {
		at := in.key("zones").item(i)
		z := &zoneDraft{doc: at.document(&f.Zones[i].Zone), noRecords: f.Zones[i].Records == nil}
		records := at.key("records")
		for j := range f.Zones[i].Records {
			z.records = append(z.records, records.item(j).document(&Record{Record: f.Zones[i].Records[j]}))
		}
		d.zones = append(d.zones, z)
	}
	for i := range f.Tunnels {
		d.tunnels = append(d.tunnels, in.key("tunnels").item(i).document(&f.Tunnels[i]))
	}
	access := in.key("access")
	if f.Access.Organization != nil {
		d.organization = access.key("organization").document(f.Access.Organization)
	}
	for i := range f.Access.Apps {
		d.apps = append(d.apps, access.key("apps").item(i).document(&f.Access.Apps[i]))
	}
	for i := range f.Access.Policies {
		d.policies = append(d.policies, access.key("policies").item(i).document(&f.Access.Policies[i]))
	}
	d.parts = append(d.parts, listed(access.key("groups"), f.Access.Groups)...)
	d.parts = append(d.parts, listed(access.key("lists"), f.Access.Lists)...)
	d.parts = append(d.parts, listed(access.key("service_tokens"), f.Access.ServiceTokens)...)
	d.parts = append(d.parts, listed(access.key("custom_pages"), f.Access.CustomPages)...)
	d.parts = append(d.parts, listed(access.key("identity_providers"), f.Access.IdentityProviders)...)
	for i := range f.People {
		d.people = append(d.people, in.key("people").item(i).document(&f.People[i]))
	}
	for _, name := range sortedKeys(f.Clients) {
		c := f.Clients[name]
		c.Name = name
		d.clients = append(d.clients, in.key("clients").key(name).document(&c))
	}
	for _, from := range sortedKeys(f.Origins) {
		d.origins = append(d.origins, in.key("origins").key(from).document(&Origin{from, f.Origins[from]}))
	}
	d.originsFrom(in.key("origins_from"), f.OriginsFrom, lookup)
	for _, name := range sortedKeys(f.Quirks) {
		d.quirks = append(d.quirks, in.key("quirks").key(name).document(&Quirk{name, f.Quirks[name]}))
	}
	d.readCode(in, f)
	for i, pattern := range f.Egress {
		d.egress = append(d.egress, in.key("egress").item(i).document(&Egress{pattern}))
	}
}

// reads notes a file that was read.
func (d *draft) reads(src *source) {
	d.files = append(d.files, src.name)
	switch text := bytes.TrimSpace(src.data); {
	case len(text) == 0:
		d.blank = append(d.blank, src.name)
	case src.data[len(src.data)-1] != '\n':
		d.unended = append(d.unended, src.name)
	}
}

// placed is a node that may be missing, for finding the places of documents
// after decoding.
type placed struct {
	src  *source
	node *yaml.Node
	path *path
}

func (p placed) key(name string) placed {
	p.path = p.path.key(name)
	if p.node != nil {
		p.node = child(p.node, name, maxMerges)
	}
	return p
}

func (p placed) item(i int) placed {
	p.path = p.path.item(i)
	if p.node == nil {
		return p
	}
	list := p.node
	if list.Kind == yaml.AliasNode {
		list = list.Alias
	}
	p.node = nil
	if i < len(list.Content) {
		p.node = list.Content[i]
	}
	return p
}

func (p placed) document(value any) *Document {
	return &Document{Value: value, Mark: p.src.mark(p.node), node: p.node, src: p.src, path: p.path}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// report adds an error about a field of a document.
func (d *draft) report(doc *Document, field, found, allowed, hint string) {
	m := doc.At(field)
	d.probs.add(doc.src, Error{Mark: m, Field: doc.label(field), Found: found, Allowed: allowed, Hint: hint})
}

func (d *draft) find(doc *Document, field, text, mend string) {
	d.probs.find(doc.src, doc.At(field), text, mend)
}

// label names a field by its path from the top of the file, or when the
// document comes from none, by its key.
func (d *Document) label(field string) string {
	switch {
	case d.path != nil:
		return join(d.path.String(), field)
	case d.node != nil:
		return field
	}
	return join(keyOf(d.Value).String(), field)
}

// name is how a tunnel is called in messages.
func (d *Document) name() string {
	t := d.Value.(*Tunnel)
	if t.ID == "" {
		return quote(t.Name)
	}
	return quote(t.ID)
}
