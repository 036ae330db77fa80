package world

import (
	"bytes"
	"reflect"

	"go.yaml.in/yaml/v3"

	"github.com/sundog-edge/sundog/edge/mark"
	"github.com/sundog-edge/sundog/tunnelemu"
)

// configFile is one cloudflared config.yml.
type configFile struct {
	src  *source
	cfg  *tunnelemu.Config // nil: it has errors
	used bool
}

// parseConfig reads a cloudflared config.yml. What is wrong with it is among the
// problems.
func (d *draft) parseConfig(src *source) *configFile {
	d.reads(src)
	c := &configFile{src: src}
	d.configs = append(d.configs, c)
	if !d.tame(src) {
		return c
	}
	cfg, findings, err := tunnelemu.ParseConfig(src.name, src.data)
	d.probs.take(src, "", findings, err)
	c.cfg = cfg
	return c
}

// tame refuses files whose aliases unfold into something huge.
func (d *draft) tame(src *source) bool {
	if !bytes.Contains(src.data, []byte("*")) || !bytes.Contains(src.data, []byte("&")) {
		return true
	}
	root, err := parse(src)
	if err != nil {
		return true // the parser of this kind of file will say it better
	}
	return newDecoder(src, &d.probs).measure(root, nil)
}

// inline reads the API's configuration object where it stands in sundog.yaml.
func (d *decoder) inline(n *yaml.Node, v reflect.Value, p *path) {
	if !d.measure(n, p) {
		return
	}
	cfg, findings, err := tunnelemu.ParseObject(d.src.name, n)
	d.probs.take(d.src, p.String(), findings, err)
	if cfg != nil {
		v.Set(reflect.ValueOf(*cfg))
	}
}

// measure walks a value through its aliases, expands its variables, and reports
// what is twice or too much.
func (d *decoder) measure(n *yaml.Node, p *path) bool {
	_, ok := d.toJSON(n, p)
	return ok
}

// take files what the parser of tunnel configurations said. At is the path
// of the configuration in its file.
func (p *problems) take(src *source, at string, findings []tunnelemu.Finding, err error) {
	for _, f := range findings {
		mend := f.Mend
		if quirk := quirkOf[f.Field]; quirk != "" {
			mend += "; sundog does the same, as the quirk " + quirk + ", which quirks: can turn off"
		}
		p.find(src, mark.At(f.File, f.Line, f.Column), labelled(join(at, f.Field), f.Text), mend)
	}
	for _, e := range fieldErrors(err) {
		e.Field = join(at, e.Field)
		p.add(src, *e)
	}
}

// quirkOf are the quirks that a finding about a field of a tunnel's configuration means.
var quirkOf = map[string]string{"originRequest.access": "top-level-access-ignored"}

func labelled(field, text string) string {
	if field == "" {
		return text
	}
	return field + ": " + text
}

// isConfig tells cloudflared's file from sundog.yaml by the keys that only one
// of them has. A text that cannot be read is taken for what its name says.
func isConfig(src *source) bool {
	root, err := parse(src)
	if err != nil || root.Kind != yaml.MappingNode {
		return false
	}
	for _, key := range []string{"ingress", "tunnel", "credentials-file", "originRequest", "warp-routing"} {
		if child(root, key, 0) != nil {
			return true
		}
	}
	return false
}
