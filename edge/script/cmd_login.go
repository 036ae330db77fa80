package script

import (
	"flag"
	"fmt"
	"strings"

	"github.com/sundog-edge/sundog/edge/script/browser"
)

const loginUsage = `login [-jar NAME] [-client NAME] EMAIL URL
login -click [-jar NAME] [-client NAME] EMAIL URL
login -idp NAME [-jar NAME] [-client NAME] EMAIL URL
login -ask [-nonce VAR] [-jar NAME] [-client NAME] EMAIL URL
login -resend [-jar NAME] [-client NAME]
login -pin PIN [-jar NAME] [-client NAME]`

// cmdLogin goes through the login pages: whole, up to the PIN, or from there on.
func cmdLogin(c *call) {
	var jar, client, pin, nonce, idp string
	var ask, click, resend bool
	c.flags(0, 2, func(fs *flag.FlagSet) {
		fs.StringVar(&jar, "jar", "", "")
		fs.StringVar(&client, "client", "", "")
		fs.StringVar(&pin, "pin", "", "")
		fs.StringVar(&nonce, "nonce", "", "")
		fs.StringVar(&idp, "idp", "", "")
		fs.BoolVar(&ask, "ask", false, "")
		fs.BoolVar(&click, "click", false, "")
		fs.BoolVar(&resend, "resend", false, "")
	})
	on := pin != "" || resend // goes on with what -ask began
	switch {
	case several(ask, click, resend, pin != "", idp != ""):
		c.misused("-ask, -click, -idp, -resend and -pin are ways of their own")
	case nonce != "" && !ask:
		c.misused("-nonce is of the login that -ask begins")
	case on && len(c.args) != 0:
		c.misused("-pin and -resend go on with the login that -ask began; they take no EMAIL and URL")
	case !on && len(c.args) != 2:
		c.misused("name an address and a URL")
	case !on && strings.Contains(c.args[0], "://"):
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
			if nonce != "" {
				c.ts.Setenv(nonce, page.URL.Query().Get("nonce"))
			}
		}
	case idp != "":
		page, err = b.With(ctx, idp, c.args[0], c.args[1])
	case click:
		page, err = b.Pick(ctx, c.args[0], c.args[1])
	case on:
		began, ok := c.asked[jar]
		if !ok {
			c.misused("no login waits for a PIN here; begin one: login -ask EMAIL URL")
		}
		if resend {
			page, err = b.Resend(ctx, began.page, began.email)
		} else {
			page, err = b.Enter(ctx, began.page, began.email, pin)
		}
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

// several says whether more than one holds.
func several(flags ...bool) bool {
	n := 0
	for _, f := range flags {
		if f {
			n++
		}
	}
	return n > 1
}

// pin is the PIN that was mailed for a login; empty: none was.
func (c *call) pin(email, nonce string) string {
	code, _ := c.edge.Access().OTP(email, nonce)
	return code
}
