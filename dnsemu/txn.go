package dnsemu

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	iradix "github.com/hashicorp/go-immutable-radix/v2"

	"github.com/sundog-edge/sundog/internal/derive"
)

// Txn changes a set of zones. It is for one goroutine. Documents are checked
// against what the transaction holds at that moment, so delete what a new record
// replaces before putting it.
type Txn struct {
	zones *iradix.Txn[*zone]
	ids   *iradix.Txn[string]
	open  map[string]*draft // zones whose records are being changed, by id
}

// draft is a zone under change.
type draft struct {
	zone    *zone
	names   *iradix.Txn[*node]
	records *iradix.Txn[*record]
	cuts    *iradix.Txn[*node]
	changed bool
}

// Txn begins a change. The receiver stays as it is.
func (z *Zones) Txn() *Txn {
	zones, ids := iradix.New[*zone](), iradix.New[string]()
	if z != nil && z.zones != nil {
		zones, ids = z.zones, z.ids
	}
	return &Txn{zones: zones.Txn(), ids: ids.Txn(), open: map[string]*draft{}}
}

// Commit returns the changed set. The transaction may go on from there.
func (t *Txn) Commit() *Zones {
	for _, d := range t.open {
		if !d.changed {
			continue
		}
		z := *d.zone
		z.serial++
		z.names, z.records, z.cuts = d.names.Commit(), d.records.Commit(), d.cuts.Commit()
		t.zones.Insert(z.key, &z)
	}
	clear(t.open)
	return &Zones{zones: t.zones.Commit(), ids: t.ids.Commit()}
}

// PutZone adds a zone or replaces the one with the same id, which keeps its
// records. Under a new name the records move with it; those written with the old
// absolute name no longer fit and are reported. Errors are [*FieldError], joined
// when there are many.
func (t *Txn) PutZone(doc Zone) error {
	z, err := compileZone(doc)
	if err != nil {
		return err
	}
	id := z.doc.ID
	if other, ok := t.zones.Get(z.key); ok && other.doc.ID != id {
		return &FieldError{Field: "name", Found: quote(doc.Name), Allowed: "a name that no other zone has", Hint: "zone " + other.doc.ID + " has it"}
	}
	old := t.draft(id)
	if old == nil {
		t.ids.Insert([]byte(id), string(z.key))
		t.zones.Insert(z.key, z)
		return nil
	}
	z.serial = old.zone.serial
	if old.zone.apex == z.apex {
		old.zone, old.changed = z, true
		return nil
	}
	moved := &draft{zone: z, names: z.names.Txn(), records: z.records.Txn(), cuts: z.cuts.Txn(), changed: true}
	var f faults
	old.records.Root().Walk(func(_ []byte, r *record) bool {
		if err := moved.put(r.doc); err != nil {
			f = append(f, fmt.Errorf("record %s: %w", r.doc.ID, err))
		}
		return false
	})
	if err := f.err(); err != nil {
		return err
	}
	t.zones.Delete(old.zone.key)
	t.zones.Insert(z.key, z)
	t.ids.Insert([]byte(id), string(z.key))
	t.open[id] = moved
	return nil
}

// DeleteZone removes a zone and its records; nothing happens when there is none
// with that id.
func (t *Txn) DeleteZone(id string) {
	if key, ok := t.ids.Get([]byte(id)); ok {
		t.zones.Delete([]byte(key))
		t.ids.Delete([]byte(id))
		delete(t.open, id)
	}
}

// PutRecord adds a record or replaces the one with the same id. Errors are
// [*FieldError], joined when there are many.
func (t *Txn) PutRecord(zoneID string, r Record) error {
	d := t.draft(zoneID)
	if d == nil {
		return &FieldError{Field: "zone_id", Found: quote(zoneID), Allowed: "the id of a zone that exists"}
	}
	return d.put(r)
}

// DeleteRecord removes a record; nothing happens when there is none with that id.
func (t *Txn) DeleteRecord(zoneID, recordID string) {
	d := t.draft(zoneID)
	if d == nil {
		return
	}
	if r, ok := d.records.Get([]byte(recordID)); ok {
		d.records.Delete([]byte(recordID))
		d.take(r)
	}
}

// draft opens a zone for change; nil: there is none.
func (t *Txn) draft(id string) *draft {
	if d, ok := t.open[id]; ok {
		return d
	}
	key, ok := t.ids.Get([]byte(id))
	if !ok {
		return nil
	}
	z, _ := t.zones.Get([]byte(key))
	d := &draft{zone: z, names: z.names.Txn(), records: z.records.Txn(), cuts: z.cuts.Txn()}
	t.open[id] = d
	return d
}

func (d *draft) put(doc Record) error {
	r, f := compileRecord(doc, d.zone.apex)
	if doc.ID == "" {
		r.doc.ID = derive.Hex32(d.zone.doc.ID, "dns_record", doc.Type+" "+r.owner+" "+r.canonical)
	}
	id := []byte(r.doc.ID)
	old, replaces := d.records.Get(id)
	var beside []*record
	if r.owner != "" && r.kind != nil {
		if n, ok := d.names.Get(r.key); ok {
			beside = n.records
		}
		for _, o := range beside {
			if o.doc.ID != r.doc.ID {
				f.add(conflict(r, o, d.zone.apex))
			}
		}
		f.add(tooMuch(r, beside))
	}
	if err := f.err(); err != nil {
		return err
	}
	if replaces && !bytes.Equal(old.key, r.key) {
		d.take(old)
	}
	d.changed = true
	d.records.Insert(id, r)
	beside = slices.Clone(beside)
	if at := slices.IndexFunc(beside, func(o *record) bool { return o.doc.ID == r.doc.ID }); at >= 0 {
		beside[at] = r
	} else {
		beside = append(beside, r)
	}
	d.setNode(r, beside)
	d.fillAncestors(r)
	return nil
}

// setNode makes the records those of r's name.
func (d *draft) setNode(r *record, records []*record) {
	n := newNode(r.owner, records)
	d.names.Insert(r.key, n)
	if n.cut && len(r.key) > len(d.zone.key) {
		d.cuts.Insert(r.key, n)
	} else {
		d.cuts.Delete(r.key)
	}
}

// fillAncestors makes the names between a record and the apex exist.
func (d *draft) fillAncestors(r *record) {
	owner := r.owner
	for key := parentKey(r.key); len(key) > len(d.zone.key); key = parentKey(key) {
		owner = owner[strings.IndexByte(owner, '.')+1:]
		if _, ok := d.names.Get(key); ok {
			return
		}
		d.names.Insert(key, newNode(owner, nil))
	}
}

// take removes a record from its name, and the names that existed only for it.
func (d *draft) take(r *record) {
	d.changed = true
	n, _ := d.names.Get(r.key)
	left := slices.DeleteFunc(slices.Clone(n.records), func(o *record) bool { return o.doc.ID == r.doc.ID })
	d.setNode(r, left)
	for key := r.key; len(key) > len(d.zone.key); key = parentKey(key) {
		if n, _ := d.names.Get(key); len(n.records) > 0 || d.hasChild(key) {
			return
		}
		d.names.Delete(key)
	}
}

func (d *draft) hasChild(key []byte) bool {
	found := false
	d.names.Root().WalkPrefix(key, func(k []byte, _ *node) bool {
		found = len(k) > len(key)
		return found
	})
	return found
}
