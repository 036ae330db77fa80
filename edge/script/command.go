package script

import (
	"flag"
	"io"

	"github.com/rogpeppe/go-internal/testscript"
)

// command is one word of the language beside testscript's own.
type command struct {
	name  string
	usage string // one way to write it a line, each as doc.go has it
	run   func(c *call)
}

// commands are sorted by name. The manual of each stands in doc.go, and a test holds
// that.
func commands() []command {
	return []command{
		{"appears", appearsUsage, cmdAppears},
		{"clock", clockUsage, cmdClock},
		{"dns", dnsUsage, cmdDNS},
		{"edge", edgeUsage, cmdEdge},
		{"explain", explainUsage, cmdExplain},
		{"fetch", fetchUsage, cmdFetch},
		{"grpc", grpcUsage, cmdGRPC},
		{"idp", idpUsage, cmdIDP},
		{"login", loginUsage, cmdLogin},
		{"origin", originUsage, cmdOrigin},
		{"otp", otpUsage, cmdOTP},
		{"websocket", websocketUsage, cmdWebSocket},
		{"why", whyUsage, cmdWhy},
	}
}

// call is one line of a script that is being run.
type call struct {
	*state
	command
	ts   *testscript.TestScript
	neg  bool
	args []string
}

func (cmd command) bind() func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		s, ok := ts.Value(stateKey{}).(*state)
		if !ok {
			ts.Fatalf("%s: the script runs without this package's Setup", cmd.name)
		}
		s.log = ts.Logf
		cmd.run(&call{state: s, command: cmd, ts: ts, neg: neg, args: args})
	}
}

// fail ends the script.
func (c *call) fail(format string, args ...any) {
	c.ts.Fatalf(c.name+": "+format, args...)
}

// misused ends the script with the reason and the usage.
func (c *call) misused(format string, args ...any) {
	c.ts.Fatalf(c.name+": "+format+"\nusage: %s", append(args, c.usage)...)
}

// noNegation is for commands whose failing means nothing.
func (c *call) noNegation() {
	if c.neg {
		c.ts.Fatalf("unsupported: ! %s", c.name)
	}
}

// flags reads flags that stand anywhere among the arguments and leaves the others in
// c.args, of which there must be from least to most.
func (c *call) flags(least, most int, define func(fs *flag.FlagSet)) {
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	if define != nil {
		define(fs)
	}
	var rest []string
	for args := c.args; ; {
		if err := fs.Parse(args); err != nil {
			c.misused("%v", err)
		}
		if fs.NArg() == 0 {
			break
		}
		rest = append(rest, fs.Arg(0))
		args = fs.Args()[1:]
	}
	switch {
	case len(rest) < least:
		c.misused("something is missing")
	case len(rest) > most:
		c.misused("%q is one too many; quote an argument that has spaces: 'a b'", rest[most])
	}
	c.args = rest
}
