package main

import (
	"fmt"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/run"
)

// madePairs are the service tokens whose secrets were made for this run. They are
// told once, when it starts.
func madePairs(s *run.Session) (list []edge.ServiceTokenPair) {
	for _, p := range s.Edge.ServiceTokenPairs() {
		if p.Made {
			list = append(list, p)
		}
	}
	return list
}

// printServiceTokens shows the machines of a world that has any.
func (p program) printServiceTokens(k ink, s *run.Session, sum edge.Summary) {
	if len(sum.ServiceTokens) == 0 {
		return
	}
	p.heading(k, "Service tokens")
	secrets := map[string]string{}
	for _, pair := range madePairs(s) {
		secrets[pair.ClientID] = pair.ClientSecret
	}
	var rows [][]cell
	for _, t := range sum.ServiceTokens {
		secret := cell{"secret: as in the file", k.faint}
		if made := secrets[t.ClientID]; made != "" {
			secret = cell{made + "  (of this run, not shown again)", nil}
		}
		rows = append(rows, []cell{{t.Name, nil}, {t.ClientID, nil}, secret})
	}
	p.table(rows)
	strict := "off: one that does not count is answered 302 or 403, as the policies say"
	if sum.StrictServiceTokenAuth {
		strict = "on: one that does not count is answered 401 or 403, never 302"
	}
	fmt.Fprintf(p.out, "  strict_service_token_auth is %s\n", strict)
}
