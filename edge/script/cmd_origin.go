package script

import (
	"flag"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/sundog-edge/sundog/edge/script/origins"
)

const originUsage = `origin [-status N] [-body TEXT] [-header 'NAME: VALUE']... [-line TEXT]... [-down] [-real] NAME ADDRESS
origin [-status N] [-body TEXT] [-header 'NAME: VALUE']... [-line TEXT]... [-down|-up] NAME
origin -log NAME
[!] origin NAME saw [HEADER [PATTERN]]`

// namedOrigin is an origin of the script.
type namedOrigin struct {
	origin *origins.Origin
	echo   *origins.Echo
}

// cmdOrigin makes an origin, changes it, or asks it what it saw.
func cmdOrigin(c *call) {
	if len(c.args) >= 2 && c.args[1] == "saw" {
		c.originSaw(c.args[0], c.args[2:])
		return
	}
	c.noNegation()
	var a origins.Answer
	var body string
	var down, up, real, log bool
	c.flags(1, 2, func(fs *flag.FlagSet) {
		fs.IntVar(&a.Status, "status", 0, "")
		fs.Func("body", "", func(v string) error {
			body = v
			a.Body = &body
			return nil
		})
		fs.Func("header", "", func(v string) error {
			name, value, ok := strings.Cut(v, ":")
			if !ok {
				return fmt.Errorf("a header is written 'NAME: VALUE'")
			}
			if a.Header == nil {
				a.Header = http.Header{}
			}
			a.Header.Add(name, strings.TrimSpace(value))
			return nil
		})
		fs.Func("line", "", func(v string) error {
			body += v + "\n"
			a.Body, a.Hold = &body, true
			return nil
		})
		fs.BoolVar(&down, "down", false, "")
		fs.BoolVar(&up, "up", false, "")
		fs.BoolVar(&real, "real", false, "")
		fs.BoolVar(&log, "log", false, "")
	})
	name := c.args[0]
	switch {
	case strings.Contains(name, ":"):
		c.misused("%q is an address; an origin has a name, which comes before it", name)
	case a.Status != 0 && (a.Status < 200 || a.Status > 999):
		c.misused("-status %d is no status of a final answer", a.Status)
	case down && (up || real):
		c.misused("-down goes with neither -up nor -real")
	case log:
		c.originLog(name)
		return
	}
	o, known := c.named[name]
	switch {
	case len(c.args) == 2 && known:
		c.misused("there is an origin %s already, at %s; leave out the address to change it", name, o.origin.Addr)
	case len(c.args) == 1 && !known:
		c.misused("there is no origin %s yet; name its address as the world does, http://HOST:PORT", name)
	case !known:
		echo := new(origins.Echo)
		put := func() (*origins.Origin, error) { return c.origins.Put(c.args[1], echo) }
		if scheme, _, ok := strings.Cut(c.args[1], "://"); ok && scheme != "http" && scheme != "https" {
			put = func() (*origins.Origin, error) { return c.origins.PutRaw(c.args[1], echo.Speak) }
		}
		origin, err := put()
		if err != nil {
			c.misused("%v", err)
		}
		o = &namedOrigin{origin, echo}
		c.named[name] = o
	}
	o.echo.Answer(a)
	if up {
		o.origin.Up()
	}
	if down {
		o.origin.Down()
	}
	if real {
		at, err := o.origin.Listen()
		if err != nil {
			c.fail("%v", err)
		}
		c.ts.Setenv(variableName(name), at)
	}
}

// variableName is a name as environment variables are written: my-api is MY_API.
func variableName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(name))
}

func (c *call) knownOrigin(name string) *namedOrigin {
	o, ok := c.named[name]
	if !ok {
		c.fail("there is no origin %s; make it first: origin %s http://HOST:PORT", name, name)
	}
	return o
}

func (c *call) originLog(name string) {
	out := c.ts.Stdout()
	for i, seen := range c.knownOrigin(name).echo.Seen() {
		if i > 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprint(out, c.normal().body(seen.String(), seen.Header))
	}
}

// originSaw asserts about the newest request. That it lacks a header can only be said
// when there was a request.
func (c *call) originSaw(name string, args []string) {
	if len(args) > 2 {
		c.misused("%q is one too many; quote a pattern that has spaces: 'a b'", args[2])
	}
	seen := c.knownOrigin(name).echo.Seen()
	switch {
	case len(args) == 0 && c.neg && len(seen) > 0:
		c.fail("origin %s saw %d requests, and none was expected; the newest:\n%s", name, len(seen), seen[len(seen)-1])
	case len(args) == 0 && c.neg:
		return
	case len(seen) == 0:
		c.fail("origin %s saw no request", name)
	case len(args) == 0:
		return
	}
	last := seen[len(seen)-1]
	pattern := regexp.MustCompile("")
	if len(args) == 2 {
		var err error
		if pattern, err = regexp.Compile(args[1]); err != nil {
			c.misused("%v", err)
		}
	}
	found := false
	for _, v := range last.Values(args[0]) {
		found = found || pattern.MatchString(v)
	}
	switch {
	case found && c.neg:
		c.fail("the newest request that origin %s saw has %s, and was expected not to:\n%s", name, strings.Join(args, " "), last)
	case !found && !c.neg:
		c.fail("the newest request that origin %s saw has no %s:\n%s", name, strings.Join(args, " "), last)
	}
}
