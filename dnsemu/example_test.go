package dnsemu_test

import (
	"fmt"

	"github.com/miekg/dns"
	"github.com/sundog-edge/sundog/dnsemu"
)

func Example() {
	t := new(dnsemu.Zones).Txn()
	if err := t.PutZone(dnsemu.Zone{ID: "z1", Name: "example.com"}); err != nil {
		panic(err)
	}
	err := t.PutRecord("z1", dnsemu.Record{Type: "CNAME", Name: "*", Content: "abc123.cfargotunnel.com", Proxied: true})
	if err != nil {
		panic(err)
	}
	zones := t.Commit()

	route := zones.Route("app.example.com")
	fmt.Println(route.Status, route.Owner, "→", route.Record.Content)

	srv := dnsemu.New(func() *dnsemu.Zones { return zones }, dnsemu.Options{})
	q := new(dns.Msg).SetQuestion("app.example.com.", dns.TypeA)
	for _, rr := range srv.Answer(q, nil).Answer {
		fmt.Println(rr)
	}
	// Output:
	// Proxied *.example.com → abc123.cfargotunnel.com
	// app.example.com.	300	IN	A	127.0.0.1
}

func ExampleFieldErrors() {
	t := new(dnsemu.Zones).Txn()
	if err := t.PutZone(dnsemu.Zone{ID: "z1", Name: "example.com"}); err != nil {
		panic(err)
	}
	err := t.PutRecord("z1", dnsemu.Record{Type: "A", Name: "www", Content: "app.example.net", TTL: 5})
	for _, e := range dnsemu.FieldErrors(err) {
		fmt.Println(e)
	}
	// Output:
	// ttl: found 5, allowed: 1 (automatic) or 30 to 86400 seconds
	// content: found "app.example.net", allowed: an IPv4 address, such as "203.0.113.10" (a host name goes into a CNAME record)
}
