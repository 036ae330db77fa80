package world

import (
	"strconv"

	"github.com/sundog-edge/sundog/accessemu"
)

// reviewServiceTokens looks for policies that name a service token and send it
// to a login page all the same.
func (d *draft) reviewServiceTokens() {
	for _, doc := range d.policies {
		d.reviewTokenPolicy(doc, doc.Value.(*accessemu.Policy), "")
	}
	for _, doc := range d.apps {
		policies := doc.Value.(*accessemu.Application).Policies
		for i := range policies {
			if policies[i].Ref == "" {
				d.reviewTokenPolicy(doc, &policies[i].Policy, (&path{name: "policies"}).item(i).String())
			}
		}
	}
}

func (d *draft) reviewTokenPolicy(doc *Document, p *accessemu.Policy, field string) {
	if p.Decision != "allow" {
		return
	}
	for i, r := range p.Include {
		if r.Selector == "service_token" || r.Selector == "any_valid_service_token" {
			name := p.Name
			if name == "" {
				name = strconv.Itoa(i)
			}
			d.find(doc, join(field, "include["+strconv.Itoa(i)+"]"),
				"the allow policy "+quote(name)+" names a service token, which an allow policy sends to the login page", "write decision: non_identity (Service Auth) in a policy of its own")
		}
	}
}
