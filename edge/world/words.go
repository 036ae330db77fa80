package world

import (
	"cmp"
	"reflect"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/worker/version"
)

// String says what became of a document, in words and with its place: `added the Access
// application "My service" (sundog.yaml:12:5)`.
func (c Change) String() string {
	switch {
	case c.New == nil && c.Old == nil:
		return ""
	case c.New == nil:
		return "removed " + c.Old.Title()
	case c.Old == nil:
		return "added " + c.New.Title() + c.New.aside()
	}
	text := "changed " + c.New.Title()
	if fields := differing(c.Old.Value, c.New.Value); len(fields) > 0 {
		text += ": " + strings.Join(fields, ", ")
	}
	return text + c.New.aside()
}

// Moved tells whether a document says the same as before, and merely stands elsewhere in its
// file.
func (c Change) Moved() bool { return c.Old != nil && sameContent(c.Old, c.New) }

func (d *Document) aside() string {
	m := d.Mark.String()
	if m == "" {
		return ""
	}
	if d.Inferred {
		return " (inferred from " + m + ")"
	}
	return " (" + m + ")"
}

// Title is what a person calls the document: `the zone example.com`.
func (d *Document) Title() string {
	switch v := d.Value.(type) {
	case *Settings:
		return "the settings"
	case *dnsemu.Zone:
		return "the zone " + v.Name
	case *Record:
		return "the record " + v.Type + " " + v.Name
	case *Tunnel:
		if v.Name != "" {
			return "the tunnel " + quote(v.Name)
		}
		return "the tunnel " + quote(v.ID)
	case *accessemu.Organization:
		return "the Access organization"
	case *accessemu.Policy:
		return "the Access policy " + quote(v.Name)
	case *accessemu.Application:
		name := v.Name
		if name == "" {
			name = firstURI(v)
		}
		return "the Access application " + quote(name)
	case *accessemu.ServiceToken:
		return "the service token " + quote(v.Name)
	case *accessemu.Group:
		return "the Access group " + quote(v.Name)
	case *accessemu.List:
		return "the list " + quote(v.Name)
	case *accessemu.CustomPage:
		return "the custom page " + quote(v.Name)
	case *accessemu.IdentityProvider:
		return "the identity provider " + quote(cmp.Or(v.Name, v.Type))
	case *accessemu.Person:
		return "the person " + v.Email
	case *Client:
		return "the client " + quote(v.Name)
	case *Origin:
		return "the origin " + v.From
	case *Worker:
		return "the Worker " + quote(v.Name)
	case *version.Version:
		return "the version " + v.ID + " of the Worker " + quote(v.Worker)
	case *PagesProject:
		return "the Pages project " + quote(v.Name)
	case *WorkerDomain:
		return "the Custom Domain " + v.Hostname
	case *WorkerRoute:
		return "the route " + v.Pattern
	case *VPCService:
		return "the VPC service " + quote(cmp.Or(v.Name, v.ID))
	case *Accepted:
		return "what the audit accepts at " + v.Host
	case *Egress:
		return "the egress " + v.Pattern
	case *Quirk:
		return "the quirk " + v.Name
	}
	return d.Key.String()
}

// differing are the fields, by their keys in a file, in which two values of one type differ.
func differing(old, now any) []string {
	a, b := reflect.ValueOf(old), reflect.ValueOf(now)
	if a.Type() != b.Type() || a.Kind() != reflect.Pointer || a.Elem().Kind() != reflect.Struct {
		return nil
	}
	return differingFields(nil, a.Elem(), b.Elem())
}

func differingFields(names []string, a, b reflect.Value) []string {
	for i := range a.NumField() {
		f := a.Type().Field(i)
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case !f.IsExported() || key == "-":
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			names = differingFields(names, a.Field(i), b.Field(i))
		case !same(a.Field(i), b.Field(i)):
			if key == "" {
				key = snake(f.Name)
			}
			names = append(names, key)
		}
	}
	return names
}

// snake is a field's name as files write it: "account_id" of AccountID.
func snake(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if upper := 'A' <= c && c <= 'Z'; !upper {
			b.WriteByte(c)
		} else {
			if i > 0 && (name[i-1] >= 'a' || i+1 < len(name) && name[i+1] >= 'a') {
				b.WriteByte('_')
			}
			b.WriteByte(c + 'a' - 'A')
		}
	}
	return b.String()
}
