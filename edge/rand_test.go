package edge_test

import (
	"math/rand/v2"
	"testing"

	"github.com/sundog-edge/sundog/edge"
)

// Two edges with the same chance have the same rays and tokens.
func TestChanceIsAnInput(t *testing.T) {
	var rays, tokens [2]string
	for i := range 2 {
		e := newEdge(t, openWorld, edge.WithRand(rand.NewChaCha8([32]byte{1})))
		status(t, e, "https://a.example.com/")
		rays[i], tokens[i] = e.Traces().Last(1)[0].Ray, e.Token()
	}
	if rays[0] != rays[1] || tokens[0] != tokens[1] {
		t.Errorf("rays %v, tokens %v", rays, tokens)
	}
}
