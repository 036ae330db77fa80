package script

import (
	"fmt"
	"strings"
	"time"
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
	by, ok := strings.CutPrefix(c.args[0], "+")
	if !ok {
		c.misused("%q: time goes forward only, and that is written +24h", c.args[0])
	}
	d, err := time.ParseDuration(by)
	if err != nil || d <= 0 {
		c.misused("%q is no duration: write +24h or +10m30s", c.args[0])
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
