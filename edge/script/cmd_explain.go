package script

import (
	"flag"
	"fmt"
)

const explainUsage = `explain [-X METHOD] [-H 'NAME: VALUE']... [-jar NAME] [-client NAME] URL`

// cmdExplain tells what the edge would decide about a request, and sends nothing.
func cmdExplain(c *call) {
	c.noNegation()
	r := &request{}
	c.flags(1, 1, func(fs *flag.FlagSet) { r.define(fs, false) })
	req := r.build(c)
	for _, cookie := range c.jar(r.jar).Cookies(req.URL) {
		req.AddCookie(cookie)
	}
	t := c.running().Explain(req, r.client)
	t.Ray = "" // nothing was sent: no ray leads back to it
	fmt.Fprint(c.ts.Stdout(), c.normal().text(t.String()))
}

const whyUsage = `why [RAY]`

// cmdWhy tells what the edge decided about a request that was sent: the newest, or the
// one of a ray.
func cmdWhy(c *call) {
	c.noNegation()
	c.flags(0, 1, nil)
	ring := c.running().Traces()
	if len(c.args) == 1 {
		t, ok := ring.Find(c.args[0])
		if !ok {
			c.fail("no request with the ray %s is remembered; it stands in the Cf-Ray header", c.args[0])
		}
		fmt.Fprint(c.ts.Stdout(), c.normal().text(t.String()))
		return
	}
	last := ring.Last(1)
	if len(last) == 0 {
		c.fail("the edge saw no request yet; send one first: fetch URL")
	}
	fmt.Fprint(c.ts.Stdout(), c.normal().text(last[0].String()))
}
