package world

import (
	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
)

// compile tries the documents of a draft that has errors already on the fakes,
// so that one load says all that is wrong. A draft without errors is compiled by
// the edge, which reports with [Document.Errors].
func (d *draft) compile() {
	broken := d.brokenFields()
	try := func(doc *Document, put func() error) {
		if len(d.probs.errs) >= maxErrors || broken.below(doc.label("")) {
			return
		}
		if err := put(); err != nil {
			for _, e := range doc.Errors(err) {
				src := doc.src
				if holdsSecret(e.Field) {
					src = nil
				}
				d.probs.add(src, *e)
			}
		}
	}
	zones := new(dnsemu.Zones).Txn()
	for _, z := range d.zones {
		v := *z.doc.Value.(*dnsemu.Zone)
		if zones.PutZone(v) != nil {
			try(z.doc, func() error { return zones.PutZone(v) })
			continue
		}
		for _, r := range z.records {
			try(r, func() error { return zones.PutRecord(v.ID, r.Value.(*Record).Record) })
		}
	}
	s := d.settings.Value.(*Settings)
	settings := accessemu.Settings{Team: s.Team, AccountID: s.AccountID}
	if !label.MatchString(s.Team) {
		settings.Team = ""
	}
	if d.organization != nil {
		with := settings
		with.Organization = *d.organization.Value.(*accessemu.Organization)
		try(d.organization, func() error { _, err := accessemu.NewConfig(with); return err })
	}
	access, err := accessemu.NewConfig(settings)
	if err != nil {
		return
	}
	txn := access.Txn()
	for _, n := range d.parts {
		try(n, func() error { return putNamed(txn, n.Value) })
	}
	for _, p := range d.policies {
		try(p, func() error { return txn.PutPolicy(*p.Value.(*accessemu.Policy)) })
	}
	for _, p := range d.people {
		try(p, func() error { return txn.PutPerson(*p.Value.(*accessemu.Person)) })
	}
	for _, a := range d.apps {
		try(a, func() error { return txn.PutApp(*a.Value.(*accessemu.Application)) })
	}
}

// brokenFields are the paths that have errors.
type brokenFields []string

func (d *draft) brokenFields() brokenFields {
	var fields brokenFields
	for _, e := range d.probs.errs {
		fields = append(fields, e.Field)
	}
	return fields
}

// below tells whether a path or something inside it is broken.
func (b brokenFields) below(path string) bool {
	for _, f := range b {
		if len(f) >= len(path) && f[:len(path)] == path && (len(f) == len(path) || f[len(path)] == '.' || f[len(path)] == '[') {
			return true
		}
	}
	return false
}
