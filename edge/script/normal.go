package script

import (
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
)

// normal replaces what differs from run to run by names in angle brackets, so that
// texts can be compared: <ray>, <date>, <jwt>, <nonce>, <state>, <pin>, <cookie>.
// Derived things (ids, audience tags) are the same on every run and stay. A nil normal
// leaves all as it is.
type normal struct {
	folders []string // "dir/" prefixes of file names that are left out
}

func (s *state) normal() *normal {
	n := &normal{}
	for _, dir := range []string{s.worldDir, s.workDir} {
		if dir != "" {
			n.folders = append(n.folders, dir+string(filepath.Separator))
		}
	}
	return n
}

var volatile = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+`), "<jwt>"},
	{regexp.MustCompile(`\b[0-9a-f]{16}-[A-Z]{3}\b`), "<ray>"},
	{regexp.MustCompile(`(?i)\b(ray(?:[ _-]?id)?[":= ]+)[0-9a-f]{16}\b`), "$1<ray>"},
	{regexp.MustCompile(`\b([?&]?nonce=)[^&\s"'<;]+`), "$1<nonce>"},
	{regexp.MustCompile(`(\bnonce-)[A-Za-z0-9+/_=-]+'`), "$1<nonce>'"},
	{regexp.MustCompile(`(\bnonce=")[^"]+"`), `$1<nonce>"`},
	{regexp.MustCompile(`([?&]state=)[^&\s"'<;]+`), "$1<state>"},
	{regexp.MustCompile(`\b(CF_(?:AppSession|Session|Device)=)[^;\s]+`), "$1<cookie>"},
	{regexp.MustCompile(`\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d[ -][A-Z][a-z]{2}[ -]\d{4} \d\d:\d\d:\d\d GMT`), "<date>"},
}

// text replaces in any text.
func (n *normal) text(s string) string {
	if n == nil {
		return s
	}
	for _, dir := range n.folders {
		s = strings.ReplaceAll(s, dir, "")
	}
	for _, v := range volatile {
		s = v.pattern.ReplaceAllStringFunc(s, func(found string) string {
			if found == longAgo {
				return found
			}
			return v.pattern.ReplaceAllString(found, v.with)
		})
	}
	return s
}

// longAgo is the date that says "expired"; it is the same in every run.
const longAgo = "Thu, 01 Jan 1970 00:00:01 GMT"

// body is text, and the answer's own ray however it is written.
func (n *normal) body(s string, h http.Header) string {
	s = n.text(s)
	if ray, _, _ := strings.Cut(h.Get("Cf-Ray"), "-"); ray != "" && n != nil {
		s = strings.ReplaceAll(s, ray, "<ray>")
	}
	return s
}
