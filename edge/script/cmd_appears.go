package script

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"time"
)

const appearsUsage = `appears FILE PATTERN`

// lookEvery is how often a file is looked at.
const lookEvery = 5 * time.Millisecond

// cmdAppears waits for a line of a file that is being written.
func cmdAppears(c *call) {
	c.noNegation()
	c.flags(2, 2, nil)
	pattern, err := regexp.Compile("(?m)" + c.args[1])
	if err != nil {
		c.misused("%v", err)
	}
	path := c.path(c.args[0])
	late := time.NewTimer(answerLimit)
	defer late.Stop()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		data, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			c.fail("%v", err)
		}
		fresh := data[min(c.appeared[path], len(data)):]
		// A line that is still being written may yet become another.
		if end := bytes.LastIndexByte(fresh, '\n') + 1; end > 0 {
			if at := pattern.FindIndex(fresh[:end]); at != nil {
				begin := bytes.LastIndexByte(fresh[:at[0]], '\n') + 1
				stop := at[1]
				if next := bytes.IndexByte(fresh[stop:end], '\n'); next >= 0 {
					stop += next + 1
				}
				fmt.Fprint(c.ts.Stdout(), c.normal().text(string(fresh[begin:stop])))
				c.appeared[path] += stop
				return
			}
		}
		select {
		case <-late.C:
			c.fail("%s has no line that matches %q; what it has since the last one:\n%s", c.args[0], c.args[1], fresh)
		case <-tick.C:
		}
	}
}
