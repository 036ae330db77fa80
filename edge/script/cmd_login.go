package script

import (
	"flag"
	"fmt"
	"strings"

	"github.com/sundog-edge/sundog/edge/script/browser"
)

const loginUsage = `login [-jar NAME] [-client NAME] EMAIL URL
login -ask [-jar NAME] [-client NAME] EMAIL URL
login -pin PIN [-jar NAME] [-client NAME]`

// cmdLogin goes through the login pages: whole, up to the PIN, or from there on.
func cmdLogin(c *call) {
	var jar, client, pin string
	var ask bool
	c.flags(0, 2, func(fs *flag.FlagSet) {
		fs.StringVar(&jar, "jar", "", "")
		fs.StringVar(&client, "client", "", "")
		fs.StringVar(&pin, "pin", "", "")
		fs.BoolVar(&ask, "ask", false, "")
	})
	switch {
	case ask && pin != "":
		c.misused("-ask and -pin are two steps")
	case pin != "" && len(c.args) != 0:
		c.misused("-pin goes on with the login that -ask began; it takes no EMAIL and URL")
	case pin == "" && len(c.args) != 2:
		c.misused("name an address and a URL")
	case pin == "" && strings.Contains(c.args[0], "://"):
		c.misused("the address comes first: login %s %s", c.args[1], c.args[0])
	case jar == noJar:
		c.misused("a login without cookies cannot last: leave out -jar, or name another")
	}
	ctx, cancel := c.context()
	defer cancel()
	b := &browser.Browser{Client: c.client(client, jar)}
	var page *browser.Page
	var err error
	switch {
	case ask:
		page, err = b.Ask(ctx, c.args[0], c.args[1])
		if err == nil {
			c.asked[jar] = &asked{c.args[0], page}
		}
	case pin != "":
		began, ok := c.asked[jar]
		if !ok {
			c.misused("no login waits for a PIN here; begin one: login -ask EMAIL URL")
		}
		page, err = b.Enter(ctx, began.page, began.email, pin)
	default:
		page, err = b.Login(ctx, c.args[0], c.args[1], c.pin)
	}
	n := c.normal()
	switch {
	case err != nil && !c.neg:
		c.ts.Fatalf("%s", n.text(err.Error())) // it says "login" itself
	case err != nil:
		fmt.Fprintln(c.ts.Stderr(), n.text(err.Error()))
	case c.neg:
		c.fail("the login was let in, to %s", page.URL)
	default:
		if page.Title != "" {
			fmt.Fprintln(c.ts.Stdout(), page.Title)
		}
		fmt.Fprintln(c.ts.Stdout(), n.body(page.Text, page.Header))
	}
}

// pin is the PIN that was mailed for a login; empty: none was.
func (c *call) pin(email, nonce string) string {
	code, _ := c.edge.Access().OTP(email, nonce)
	return code
}
