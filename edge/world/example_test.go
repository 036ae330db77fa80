package world_test

import (
	"errors"
	"fmt"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/world"
)

func ExampleParse() {
	_, err := world.Parse("sundog.yaml", []byte("team: acme\nzone: []\nclients: {default: {ip: localhost}}\n"), "")
	var problems world.Errors
	if errors.As(err, &problems) {
		fmt.Println(problems.Pretty())
	}
	// Output:
	// sundog.yaml:2:1: zone: the unknown key "zone"; allowed: one of team, account, workers_subdomain, zones, tunnels, access, people, clients, origins, origins_from, egress, quirks, workers, pages, vpc_services, audit (did you mean "zones"?)
	//     2 | zone: []
	//       | ^
	// sundog.yaml:3:25: clients.default.ip: the text "localhost"; allowed: an IP address
	//     3 | clients: {default: {ip: localhost}}
	//       |                         ^
}

func ExampleLayers() {
	var layers world.Layers
	layers, changes, _ := layers.SetFiles(world.MustParse("zones: [{name: example.com}]"))
	for _, c := range changes {
		fmt.Println(c.Key.Kind, c.Old == nil)
	}
	zone := changes[1].New.Value.(*dnsemu.Zone)
	record, err := world.NewDocument(world.Record{ZoneID: zone.ID, Record: dnsemu.Record{
		ID: "372e67954025e0ba6aaa6d586b9e0b59", Type: "A", Name: "www.example.com", Content: "192.0.2.1",
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, changes = layers.Edit(world.Edit{Put: record})
	fmt.Println(len(changes), changes[0].Key)
	// Output:
	// settings true
	// zone true
	// 1 dns_record/372e67954025e0ba6aaa6d586b9e0b59
}

func ExampleOf() {
	w := world.Of(
		dnsemu.Zone{Name: "example.com"},
		dnsemu.Record{Type: "A", Name: "www", Content: "192.0.2.1"},
	)
	for d := range w.All(world.KindRecord) {
		fmt.Println(d.Value.(*world.Record).Name)
	}
	// Output: www.example.com
}
