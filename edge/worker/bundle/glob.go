package bundle

import (
	"regexp"
	"strings"
)

// glob compiles a glob of a rule. Of its characters only the star has a meaning.
//
// Loose, as for the names in import statements, any number of stars is anything, slashes too.
// Strict, as for files that are looked for, "**" between slashes is any number of folders and
// another star stays within one.
func glob(pattern string, strict bool) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`(?s)^`)
	for i := 0; i < len(pattern); {
		if pattern[i] != '*' {
			end := i + 1
			for end < len(pattern) && pattern[end] != '*' {
				end++
			}
			b.WriteString(regexp.QuoteMeta(strings.ToValidUTF8(pattern[i:end], "\uFFFD")))
			i = end
			continue
		}
		end := i
		for end < len(pattern) && pattern[end] == '*' {
			end++
		}
		startsPart := i == 0 || pattern[i-1] == '/'
		endsPart := end == len(pattern) || pattern[end] == '/'
		switch {
		case !strict:
			b.WriteString(`.*`)
		case end-i > 1 && startsPart && endsPart:
			b.WriteString(`(?:[^/]*(?:/|$))*`)
			end = min(end+1, len(pattern)) // the slash is in the group
		default:
			b.WriteString(`[^/]*`)
		}
		i = end
	}
	b.WriteString(`$`)
	return regexp.MustCompile(b.String())
}
