package script

import (
	"fmt"
	"strings"
	"time"

	"github.com/sundog-edge/sundog/edge/run"
)

const clockUsage = `clock +DURATION`

// cmdClock moves time for the edge. On sockets real clients look at the claims and
// certificates, so there what was granted grows older instead, as "sundog clock" does
// it.
func cmdClock(c *call) {
	c.noNegation()
	if len(c.args) != 1 {
		c.misused("name one duration")
	}
	if !strings.HasPrefix(c.args[0], "+") {
		c.misused("%q: time goes forward only, and that is written +24h", c.args[0])
	}
	d, err := run.ParseDuration(c.args[0])
	if err != nil {
		c.misused("%q: %v", c.args[0], err)
	}
	if e := c.running(); c.server != nil {
		e.Age(d)
	} else {
		c.clock.Advance(d)
	}
	fmt.Fprintf(c.ts.Stdout(), "%v later\n", d)
}

// now is the edge's time.
func (s *state) now() time.Time {
	if s.server != nil {
		return wall()
	}
	return s.clock.Now()
}
