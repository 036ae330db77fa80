package attack

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// maxBody is how much of an answer is looked at.
const maxBody = 256 << 10

// answer is what came back: how it looks from afar, and its words.
type answer struct {
	status   int
	location string // where a redirect leads, without its query
	text     string
	words    map[string]bool
	failed   error // no answer came
}

// read takes what is looked at out of a response, and closes it. sent are the headers of the
// request, whose words do not count.
func read(resp *http.Response, err error, sent http.Header) answer {
	if err != nil {
		return answer{failed: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil && len(body) == 0 {
		return answer{failed: err}
	}
	a := answer{status: resp.StatusCode, text: string(body), words: words(string(body))}
	if u, err := url.Parse(resp.Header.Get("Location")); err == nil && resp.StatusCode/100 == 3 {
		a.location = u.Scheme + "://" + u.Host + u.Path
	}
	for name, values := range sent {
		for _, text := range append([]string{name}, values...) {
			for w := range words(text) {
				delete(a.words, w)
			}
		}
	}
	return a
}

// words are the words of a text, in lower case. What counts or tells the time is none.
func words(text string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if strings.IndexFunc(w, unicode.IsLetter) >= 0 && len(w) > 1 {
			set[w] = true
		}
	}
	return set
}

// like tells whether two answers look alike from afar.
func (a answer) like(b answer) bool { return a.status == b.status && a.location == b.location }

// share is how many of the marks an answer has, from 0 to 1.
func (a answer) share(marks map[string]bool) float64 {
	if len(marks) == 0 {
		return 0
	}
	n := 0
	for w := range marks {
		if a.words[w] {
			n++
		}
	}
	return float64(n) / float64(len(marks))
}

// marks are the words that both of one pair have, and neither of the other.
func marks(have, lack [2]answer) map[string]bool {
	set := maps.Clone(have[0].words)
	maps.DeleteFunc(set, func(w string, _ bool) bool {
		return !have[1].words[w] || lack[0].words[w] || lack[1].words[w]
	})
	return set
}
