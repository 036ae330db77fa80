package accessemu

import "strings"

// suggest is the candidate nearest to got, quoted; empty when none is near.
func suggest(got string, candidates []string) string {
	got = strings.ToLower(got)
	best, at := "", 1+len(got)/3
	if at > 3 {
		at = 3
	}
	for _, c := range candidates {
		if d := distance(got, strings.ToLower(c)); d <= at && (best == "" || d < at) {
			best, at = c, d
		}
	}
	if best == "" {
		return ""
	}
	return quote(best)
}

// distance is the number of insertions, deletions, replacements and swaps of
// neighbours that turn a into b.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	before, last, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(next[j-1]+1, last[j]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, last, next = last, next, before
	}
	return last[len(b)]
}
