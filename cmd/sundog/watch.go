package main

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/run"
)

// watched is the edge that CMD runs inside.
type watched struct {
	*run.Client
	shared bool // others may use it at the same time
}

// maxAnswers is how many answers of the edge are listed, each a line.
const maxAnswers = 10

// watch returns what tells, once CMD has ended, which answers the edge gave itself meanwhile; or, when it saw
// nothing of CMD, the likely causes. An edge that cannot be asked, or is of another version, is no reason to say
// anything: CMD's exit code says enough.
func (p program) watch(ctx context.Context, edge watched) (tell func(causes []string)) {
	before, err := edge.Activity(ctx, math.MaxUint64)
	if err != nil {
		return func([]string) {}
	}
	return func(causes []string) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refusalsWithin)
		defer cancel()
		now, err := edge.Activity(ctx, before.Requests)
		if err != nil {
			return
		}
		now.Requests -= before.Requests
		now.Opened -= before.Opened
		now.Others -= before.Others
		switch {
		case len(now.Answers) > 0:
			p.tellAnswers(now, edge.shared)
		case now.Requests > 0:
		case now.Opened > 0:
			fmt.Fprintf(p.err, "sundog: the edge saw 0 requests, on %s to it: CMD does not trust the run's certificate authority; "+
				"it is in $SSL_CERT_FILE, for programs with a trust store of their own\n", plural(int(now.Opened), "connection"))
		case now.Others == 0 && len(causes) > 0: // none: it did not run
			fmt.Fprintf(p.err, "sundog: the edge saw 0 requests: %s\n", printable(strings.Join(causes, "; or ")))
		}
	}
}

func (p program) tellAnswers(now admin.Activity, shared bool) {
	own := 0
	for _, a := range now.Answers {
		own += a.Count
	}
	whose := ""
	if shared {
		whose = ", of all who use it,"
	}
	fmt.Fprintf(p.err, "sundog: of %s that the edge saw%s it answered %d itself:\n", plural(int(now.Requests), "request"), whose, own)
	for i, a := range now.Answers {
		if i == maxAnswers {
			fmt.Fprintf(p.err, "sundog:   and %s more\n", plural(len(now.Answers)-i, "answer"))
			return
		}
		times := ""
		if a.Count > 1 {
			times = fmt.Sprintf(", %d times", a.Count)
		}
		fmt.Fprintf(p.err, "sundog:   %d %s %s%s: %s (ray %s)\n", a.Status, a.Method, printable(a.URL), times, printable(a.Why), a.Ray)
	}
}
