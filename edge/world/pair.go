package world

import (
	"os"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/edge/mark"
	"github.com/sundog-edge/sundog/tunnelemu"
)

// pair gives the tunnels their configurations: the file that config_file names,
// or one of those found in the folder.
func (d *draft) pair() {
	var open []*Document // tunnels that say nothing of a configuration
	for _, doc := range d.tunnels {
		switch t := doc.Value.(*Tunnel); {
		case t.ConfigFile != "" && t.Config == nil:
			if c := d.named(doc, t.ConfigFile); c != nil {
				c.used = true
				t.Config = c.cfg
			}
		case t.Config == nil && t.Secret == "":
			open = append(open, doc)
		}
	}
	free := d.pairConnectors(d.found(), len(open))
	if d.noTunnels {
		d.inferTunnels(free)
		return
	}
	if len(open) == 1 && len(free) == 1 && !d.isOfAnother(free[0], open[0]) {
		open[0].Value.(*Tunnel).adopt(free[0])
		return
	}
	for _, doc := range open {
		t := doc.Value.(*Tunnel)
		for _, c := range free {
			if !c.used && c.names(t) {
				t.adopt(c)
				break
			}
		}
		if t.Config == nil {
			d.find(doc, "", "the tunnel "+doc.name()+" has no configuration, so nothing answers for it", "give it config_file or config")
		}
	}
	for _, c := range free {
		if !c.used && c.cfg != nil {
			d.probs.find(c.src, mark.At(c.src.name, 1, 1), "no tunnel uses this file", "name it as config_file of a tunnel")
		}
	}
}

// names tells whether the file says that it is the tunnel's.
func (c *configFile) names(t *Tunnel) bool {
	return c.cfg != nil && c.cfg.Tunnel != "" && (strings.EqualFold(c.cfg.Tunnel, t.ID) || c.cfg.Tunnel == t.Name)
}

// pairConnectors leaves the files that tunnels with a secret are said to be of to their connectors: the edge serves
// nothing of them. It returns the others.
func (d *draft) pairConnectors(found []*configFile, open int) (free []*configFile) {
	for _, c := range found {
		var of *Tunnel
		dialled := 0
		for _, doc := range d.tunnels {
			t := doc.Value.(*Tunnel)
			if !t.DialledIn() || t.Config != nil {
				continue
			}
			dialled++
			if of == nil || c.names(t) {
				of = t
			}
		}
		switch {
		case of == nil, !c.names(of) && (open > 0 || dialled > 1 || len(found) > 1):
			free = append(free, c)
		default:
			c.used, of.ConnectorFile = true, c.src.name
		}
	}
	return free
}

// isOfAnother tells whether a file says that it is some other tunnel's.
func (d *draft) isOfAnother(c *configFile, doc *Document) bool {
	return slices.ContainsFunc(d.tunnels, func(other *Document) bool {
		return other != doc && c.names(other.Value.(*Tunnel))
	})
}

func (t *Tunnel) adopt(c *configFile) {
	c.used = true
	t.Config, t.ConfigFile = c.cfg, c.src.name
}

// named reads the file a tunnel names. Nil: it cannot be read.
func (d *draft) named(doc *Document, file string) *configFile {
	if !d.disk {
		d.report(doc, "config_file", "the file "+quote(file)+", where no file can be read", "config", "")
		return nil
	}
	path := resolvePath(d.dir, file)
	for _, c := range d.configs {
		if c.src.name == path {
			return c
		}
	}
	src, err := readFile(path)
	if err != nil {
		d.looked = append(d.looked, path)
		d.report(doc, "config_file", "the file "+quote(path)+", which cannot be read: "+err.Found, "", "the name is relative to "+orHere(d.dir))
		return nil
	}
	return d.parseConfig(src)
}

// found reads the cloudflared files of the folder that no tunnel names.
func (d *draft) found() []*configFile {
	if !d.beside {
		return d.configs
	}
	var free []*configFile
	paths, looked := configsIn(d.dir, d.home)
	d.looked = append(d.looked, looked...)
	for _, path := range paths {
		if slices.ContainsFunc(d.configs, func(c *configFile) bool { return sameFile(c.src.name, path) }) {
			continue
		}
		if src, err := readFile(path); err != nil {
			d.probs.add(nil, *err)
		} else if isConfig(src) {
			free = append(free, d.parseConfig(src))
		}
	}
	return free
}

// sameFile tells whether two names are of one file.
func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return a == b
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// inferTunnels makes a tunnel of each cloudflared file when nobody spoke of
// tunnels.
func (d *draft) inferTunnels(free []*configFile) {
	for _, c := range free {
		if c.cfg == nil {
			continue
		}
		t := &Tunnel{ID: c.cfg.Tunnel, Config: c.cfg}
		t.adopt(c)
		if ref := d.onlyReference(); ref != "" && len(free) == 1 && !isUUID(t.ID) {
			t.ID = ref
		}
		if id := credentialsID(c.cfg); id != "" && t.ID != "" && !isUUID(t.ID) && t.ID == c.cfg.Tunnel {
			t.ID, t.Name = id, t.ID
		}
		if t.ID == "" {
			t.Name = "sundog"
		}
		d.tunnels = append(d.tunnels, &Document{Value: t, Mark: tunnelMark(c), Inferred: true, src: c.src})
	}
}

// credentialsID is the tunnel whose credentials a file names, which cloudflared calls by its
// id: "/root/.cloudflared/6ff42ae2-765d-4adf-8112-31c55c1551ef.json". Empty: it is not known.
func credentialsID(cfg *tunnelemu.Config) string {
	file, _ := cfg.Settings["credentials-file"].(string)
	id := strings.TrimSuffix(file[strings.LastIndexAny(file, `/\\`)+1:], ".json")
	if !isUUID(id) {
		return ""
	}
	return strings.ToLower(id)
}

// onlyReference is the one tunnel that the records lead to, when they agree.
func (d *draft) onlyReference() string {
	only := ""
	for _, z := range d.zones {
		for _, r := range z.records {
			ref, ok := tunnelOf(r.Value.(*Record))
			switch {
			case !ok || ref == only:
			case only != "":
				return ""
			default:
				only = ref
			}
		}
	}
	return only
}

func tunnelMark(c *configFile) Mark {
	return ruleMark(c.src, c.cfg.At("tunnel"))
}

func ruleMark(src *source, p tunnelemu.Position) Mark {
	return mark.At(src.name, p.Line, p.Column)
}
