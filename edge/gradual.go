package edge

import (
	"cmp"
	"hash/fnv"
	"net/http"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
)

// Headers that choose among the versions of a gradual deployment.
const (
	versionOverrides = "Cloudflare-Workers-Version-Overrides" // of several Workers: my-api="VERSION", other="VERSION"
	versionKey       = "Cloudflare-Workers-Version-Key"       // the same key gets the same version
)

// sharedBy is the version that a request gets of a Worker whose deployment has several; empty: the one that has most
// of the requests. draw decides where nothing in the request does.
func (s *snapshot) sharedBy(w *world.Worker, h http.Header, draw string) string {
	if len(w.Deployments) == 0 || len(w.Deployments[0].Versions) < 2 {
		return ""
	}
	shares := slices.Clone(w.Deployments[0].Versions)
	if id := overridden(h.Values(versionOverrides), w.Name); slices.ContainsFunc(shares, func(one world.Share) bool { return one.VersionID == id }) {
		return id
	}
	// The newest comes first, so that a key which has it keeps it as its share grows.
	number := func(one world.Share) int {
		if doc, ok := s.layers.Get(world.Key{Kind: world.KindWorkerVersion, ID: one.VersionID}); ok {
			return doc.Value.(*version.Version).Number
		}
		return 0
	}
	slices.SortStableFunc(shares, func(a, b world.Share) int { return cmp.Compare(number(b), number(a)) })
	point, sum := percentOf(cmp.Or(h.Get(versionKey), draw)), 0.0
	for _, one := range shares {
		if sum += one.Percentage; point < sum {
			return one.VersionID
		}
	}
	return ""
}

// percentOf is a number from 0 up to 100 that a text always has.
func percentOf(text string) float64 {
	hash := fnv.New64a()
	hash.Write([]byte(text))
	x := hash.Sum64() // of similar texts, similar: the bits are stirred once more
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return float64(x%10000) / 100
}

// overridden is the version that a dictionary has for a Worker; empty: none.
func overridden(lines []string, name string) (id string) {
	for _, line := range lines {
		for item := range strings.SplitSeq(line, ",") {
			key, value, _ := strings.Cut(strings.TrimSpace(item), "=")
			value, _, _ = strings.Cut(value, ";")
			if value = strings.TrimSpace(value); key == name && len(value) > 2 && value[0] == '"' && value[len(value)-1] == '"' {
				id = value[1 : len(value)-1]
			}
		}
	}
	return id
}
