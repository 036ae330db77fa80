// Package nearest finds the word that was probably meant.
package nearest

import "strings"

// longest word that is compared letter by letter.
const longest = 64

// Word is the candidate that name was probably meant to be; "" when none is near enough to be a slip
// of the pen. Case does not matter, nor how the words of a name are joined: configFile, config-file
// and config_file are one. Of several that are as near the first counts.
func Word(name string, candidates []string) string {
	slip := squeeze(name)
	if len(slip) > longest {
		return ""
	}
	best, limit := "", 1+max(1, min(3, len(slip)/3))
	for _, c := range candidates {
		if d := distance(slip, squeeze(c), limit); d < limit {
			best, limit = c, d
		}
	}
	return best
}

// squeeze forgets case, and how the words of a name are joined.
func squeeze(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '_', r == '-', r == ' ':
			return -1
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		}
		return r
	}, name)
}

// distance is how many letters must be added, removed, replaced or swapped with their neighbour to
// make b of a; limit when there are that many or more.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j+1]+1, next[j]+1, row[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row, next = row, next, before
	}
	return min(row[len(b)], limit)
}
