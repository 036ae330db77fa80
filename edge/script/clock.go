package script

import (
	"fmt"
	"sync"
	"time"
)

// wall is the system's clock: where a Clock starts, and what cookie jars go by.
var wall = time.Now

// Clock is a clock that moves when it is told to, and only forward. The zero value
// stands at the time of its first use, so that tokens made by it are good for code that
// reads the system's clock too. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex // guards now
	now time.Time
}

// NewClock is a clock that stands at t.
func NewClock(t time.Time) *Clock { return &Clock{now: t} }

// Now is where the clock stands.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now.IsZero() {
		c.now = wall().Truncate(time.Second)
	}
	return c.now
}

// Advance moves the clock forward. It panics when d is negative: what was granted
// cannot be ungranted.
func (c *Clock) Advance(d time.Duration) {
	if d < 0 {
		panic(fmt.Sprintf("script: a clock cannot go back by %v", -d))
	}
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now.Add(d)
}
