package world

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/tunnelemu"
)

// What the fakes say about documents gets the places of the fields it names.
func TestErrorsOfCompiling(t *testing.T) {
	w := MustParse(`zones:
  - name: a.com
    records: [{type: A, name: x, content: nonsense, ttl: 5}]
tunnels: [{id: a, config: {ingress: [{service: 'http_status:404'}]}}]
access:
  apps: [{domain: a.com, policies: [staff]}]
  policies: [{name: staff, decision: allow, include: [{everyone: {}}]}]
`)
	doc := map[Kind]*Document{}
	for d := range w.All("") {
		doc[d.Key.Kind] = d
	}
	record := doc[KindRecord].Value.(*Record)
	zones := new(dnsemu.Zones).Txn()
	if err := zones.PutZone(*doc[KindZone].Value.(*dnsemu.Zone)); err != nil {
		t.Fatal(err)
	}
	var got []string
	add := func(es Errors) {
		for _, e := range es {
			got = append(got, e.Mark.String()+" "+e.Field)
		}
	}
	add(doc[KindRecord].Errors(zones.PutRecord(record.ZoneID, record.Record)))
	add(doc[KindRecord].Errors(fmt.Errorf("wrapped: %w", &dnsemu.FieldError{Field: "name", Found: "x"})))
	add(doc[KindTunnel].Errors(&tunnelemu.Error{Field: "ingress[0].service", Found: "x"}))
	add(doc[KindTunnel].Errors(&tunnelemu.Error{File: "c.yml", Line: 7, Column: 8, Field: "ingress[0]", Found: "x"}))
	l, _, _ := Layers{}.SetFiles(w)
	app := doc[KindApp].Key.ID
	add(l.Errors(errors.Join(
		&accessemu.FieldError{Kind: "app", ID: app, Field: "policies[0]", Found: "x"},
		&accessemu.FieldError{Kind: "policy", ID: doc[KindPolicy].Key.ID, Field: "include[0].everyone", Found: "x"},
		&accessemu.FieldError{Kind: "app", ID: "unknown", Field: "name", Found: "x"},
		errors.New("plain"),
	)))
	want := []string{
		"sundog.yaml:3:58 zones[0].records[0].ttl",
		"sundog.yaml:3:43 zones[0].records[0].content",
		"sundog.yaml:3:31 zones[0].records[0].name",
		"sundog.yaml:4:48 tunnels[0].config.ingress[0].service",
		"c.yml:7:8 tunnels[0].config.ingress[0]",
		"sundog.yaml:6:37 access.apps[0].policies[0]",
		"sundog.yaml:7:66 access.policies[0].include[0].everyone",
		" name",
		" ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if es := doc[KindZone].Errors(nil); es != nil {
		t.Errorf("no error is %v", es)
	}
	if e := (&accessemu.FieldError{Field: "x", Found: "y", Allowed: "must be z", Hint: "w"}); doc[KindApp].Errors(e)[0].Error() != "sundog.yaml:6:10: access.apps[0].x: y; allowed: z (did you mean w?)" {
		t.Errorf("got %s", doc[KindApp].Errors(e)[0].Error())
	}
}
