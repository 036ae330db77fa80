package script

import (
	"encoding/json"
	"flag"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
)

const idpUsage = `idp next [-name NAME] [-groups A,B] [-claims JSON] [-amr A,B] [-country XX] EMAIL
idp next -error CODE [-description TEXT]`

// cmdIDP queues what the lookalike's own identity provider answers next.
func cmdIDP(c *call) {
	c.noNegation()
	var answer accessemu.ProviderAnswer
	var groups, claims, amr string
	c.flags(1, 2, func(fs *flag.FlagSet) {
		fs.StringVar(&answer.Name, "name", "", "")
		fs.StringVar(&groups, "groups", "", "")
		fs.StringVar(&claims, "claims", "", "")
		fs.StringVar(&amr, "amr", "", "")
		fs.StringVar(&answer.Country, "country", "", "")
		fs.StringVar(&answer.Error, "error", "", "")
		fs.StringVar(&answer.ErrorDescription, "description", "", "")
	})
	switch {
	case c.args[0] != "next":
		c.misused("%q is nothing that it does", c.args[0])
	case (answer.Error == "") != (len(c.args) == 2):
		c.misused("name an address, or an error")
	}
	if len(c.args) == 2 {
		answer.Email = c.args[1]
	}
	answer.Groups, answer.AMR = listed(groups), listed(amr)
	if claims != "" {
		if err := json.Unmarshal([]byte(claims), &answer.Claims); err != nil {
			c.misused("-claims is a JSON object: %v", err)
		}
	}
	if err := c.running().Access().QueueIdentity(answer); err != nil {
		c.fail("%v", err)
	}
}

// listed is a list with commas; empty: nil.
func listed(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}
