package world

import "strings"

// nearest is the candidate that name was probably meant to be, or "".
func nearest(name string, candidates []string) string {
	best, bestAt := "", 1+max(1, len(name)/3)
	for _, c := range candidates {
		if squeeze(c) == squeeze(name) {
			return c
		}
		if d := distance(strings.ToLower(name), strings.ToLower(c), bestAt); d < bestAt {
			best, bestAt = c, d
		}
	}
	return best
}

// squeeze forgets how the words of a name are joined: configFile, config-file
// and config_file are one.
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

// distance is how many letters must be added, removed, replaced or swapped
// with their neighbour to make b of a; limit when there are that many or more.
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

func didYouMean(name string, candidates []string) string {
	if c := nearest(name, candidates); c != "" {
		return `did you mean "` + c + `"?`
	}
	return ""
}
