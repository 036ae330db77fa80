package script

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/accessemu/keypool"
	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/edge/world"
)

const edgeUsage = `edge [-listen] DIR|FILE
edge -reload DIR|FILE`

// cmdEdge starts the script's edge, or gives the running one another world.
func cmdEdge(c *call) {
	var listening, reload bool
	c.flags(1, 1, func(fs *flag.FlagSet) {
		fs.BoolVar(&listening, "listen", false, "")
		fs.BoolVar(&reload, "reload", false, "")
	})
	switch {
	case reload && listening:
		c.misused("-reload keeps the sockets as they are; leave out -listen")
	case reload:
		c.running()
	case c.edge != nil:
		c.misused("an edge runs already; give it another world with -reload, or put the other story into a file of its own")
	}
	err := c.load(c.path(c.args[0]), reload)
	switch {
	case err != nil && c.neg:
		fmt.Fprintln(c.ts.Stderr(), c.normal().text(err.Error()))
		return
	case err != nil:
		c.fail("%s", c.normal().text(err.Error()))
	case c.neg:
		c.fail("the world compiles, and was expected not to")
	}
	if listening {
		c.listen()
	}
	if c.server != nil { // another world has other names, which programs must bring to the proxy
		if err := c.exportEnvironment(); err != nil {
			c.fail("%v", err)
		}
	}
	code := c.awaitCode()
	c.report()
	c.reportCode(c.ts.Stdout(), code)
}

// load makes the world of a file or folder the edge's. On an error the edge is as
// before.
func (c *call) load(path string, reload bool) error {
	c.worldDir = path // for the names in messages
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		c.worldDir = filepath.Dir(path)
	}
	w, err := world.Loader{Lookup: c.lookup}.Load(path)
	if err != nil {
		return err
	}
	if reload {
		if err := c.edge.Apply(w); err != nil {
			return err
		}
		c.world = w
		return nil
	}
	e, err := edge.New(w, slices.Concat([]edge.Option{
		edge.WithClock(&c.clock), edge.WithKeys(keypool.Key), edge.WithDial(c.origins.Dial),
		edge.WithWorkerd(c.ts.Getenv("SUNDOG_WORKERD"), c.worldDir),
	}, c.options.Edge)...)
	if err != nil {
		return err
	}
	c.edge, c.world = e, w
	return nil
}

// lookup is the script's environment, for ${NAME} in sundog.yaml.
func (c *call) lookup(name string) (string, bool) {
	v := c.ts.Getenv(name)
	return v, v != ""
}

// listen puts the edge on free ports.
func (c *call) listen() {
	server, err := c.edge.Listen(context.Background(), listen.Ports0(), c.edge.Control("script"))
	if err != nil {
		c.fail("%v", err)
	}
	c.server = server
}

// report tells what the world serves, one entrypoint a line, and what looks odd about
// it.
func (c *call) report() {
	out, n := c.ts.Stdout(), c.normal()
	points := c.edge.Summary().Entrypoints
	slices.SortFunc(points, func(a, b edge.Entrypoint) int { return strings.Compare(a.URL, b.URL) })
	for _, p := range points {
		guard := fmt.Sprintf("guarded by %q", p.Guard)
		if p.Public {
			guard = "public"
		}
		fmt.Fprintf(out, "%s %s → %s\n", p.URL, guard, n.text(p.Target))
	}
	for _, f := range c.world.Findings() {
		fmt.Fprintln(out, "finding:", n.text(f.String()))
	}
}
