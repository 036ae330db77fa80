package api

import (
	"cmp"
	"strings"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/internal/derive"
)

type object = map[string]any

func (c *call) verifyToken() (any, error) {
	return object{"id": derive.Hex32(c.account, "api_token", ""), "status": "active"}, nil
}

func (c *call) user() (any, error) {
	return object{"id": derive.Hex32(c.account, "user", c.Email), "email": c.Email, "suspended": false}, nil
}

func (c *call) accountObject() object {
	s := settings(c.layers)
	return object{"id": s.AccountID, "name": cmp.Or(s.AccountName, s.Team), "type": "standard"}
}

func (c *call) accounts() (any, error) {
	items := []object{c.accountObject()}
	if name := c.query.Get("name"); name != "" && name != items[0]["name"] {
		items = nil
	}
	return paged(c.query, items, 20, 50), nil
}

func (c *call) oneAccount() (any, error) { return c.accountObject(), nil }

func (c *call) memberships() (any, error) {
	return paged(c.query, []object{{
		"id": derive.Hex32(c.account, "membership", c.Email), "status": "accepted",
		"account": c.accountObject(), "roles": []string{"Super Administrator - All Privileges"},
	}}, 20, 50), nil
}

func (c *call) zones() (any, error) {
	name := strings.ToLower(c.query.Get("name"))
	account := c.query.Get("account.id")
	items := []object{}
	for _, z := range all(c.layers, world.KindZone, func(z *dnsemu.Zone) bool {
		return (name == "" || z.Name == name) && (account == "" || account == c.account)
	}) {
		items = append(items, c.zoneObject(z))
	}
	return paged(c.query, items, 20, 50), nil
}

func (c *call) oneZone() (any, error) {
	z, err := c.zone()
	if err != nil {
		return nil, err
	}
	return c.zoneObject(z), nil
}

// zone is the one that the path names.
func (c *call) zone() (*dnsemu.Zone, error) {
	id := c.arg("zone")
	if z := get[dnsemu.Zone](c.layers, world.KindZone, id); z != nil {
		return z, nil
	}
	if !isHex32(id) {
		return nil, c.lost(c.r)
	}
	return nil, noZone()
}

func (c *call) zoneObject(z *dnsemu.Zone) object {
	return object{
		"id": z.ID, "name": z.Name, "status": "active", "paused": false, "type": "full",
		"name_servers": append([]string{}, z.NameServers...), "account": c.accountObject(),
	}
}

// zoneOf is the zone that a host lies in, the longest of several; nil: none.
func zoneOf(l world.Layers, host string) (zone *dnsemu.Zone) {
	for _, z := range all[dnsemu.Zone](l, world.KindZone, nil) {
		if (host == z.Name || strings.HasSuffix(host, "."+z.Name)) && (zone == nil || len(z.Name) > len(zone.Name)) {
			zone = z
		}
	}
	return zone
}
