package world

import (
	"strings"
)

// reviewIDs looks for files that call one tunnel by different ids.
func (d *draft) reviewIDs() {
	for _, doc := range d.tunnels {
		t := doc.Value.(*Tunnel)
		if t.Config == nil || t.ConfigFile == "" {
			continue
		}
		src := d.fileOf(doc, t.Config)
		says, credentials := t.Config.Tunnel, credentialsID(t.Config)
		at := func(key string) Mark { return ruleMark(src, t.Config.At(key)) }
		if isUUID(says) && credentials != "" && !strings.EqualFold(says, credentials) {
			d.probs.find(src, at("credentials-file"), "credentials-file is of the tunnel "+quote(credentials)+", and tunnel says "+quote(says)+" at "+at("tunnel").String()+", so cloudflared cannot run it", "make them agree")
		}
		if doc.Inferred {
			continue
		}
		if other := d.called(says, doc); other != nil {
			d.probs.find(src, at("tunnel"), "tunnel says "+quote(says)+", which is another tunnel of this world, at "+other.At("id").String()+"; the one that uses this file is "+doc.name()+" at "+doc.At("id").String(), "make them agree")
			continue
		}
		key, id := "tunnel", says
		if !isUUID(says) {
			key, id = "credentials-file", credentials
		}
		if isUUID(t.ID) && id != "" && !strings.EqualFold(t.ID, id) {
			d.probs.find(src, at(key), key+" says "+quote(id)+", and the tunnel that uses this file has the id "+quote(t.ID)+" at "+doc.At("id").String(), "make them agree")
		}
	}
}

// called is a tunnel, other than doc, that has this id or name.
func (d *draft) called(ref string, doc *Document) *Document {
	own := doc.Value.(*Tunnel)
	if ref == "" || strings.EqualFold(ref, own.ID) || ref == own.Name {
		return nil
	}
	for _, other := range d.tunnels {
		if t := other.Value.(*Tunnel); other != doc && (strings.EqualFold(ref, t.ID) || ref == t.Name) {
			return other
		}
	}
	return nil
}
