package edge

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"time"

	"golang.org/x/net/publicsuffix"
)

// NewJar is a cookie jar for clients of an edge whose clock is not the system's: what
// the edge calls the future is the future. A cookie that the clock's later moves bring
// past its date stays, as with a client whose own clock did not move; the edge refuses
// what has expired by itself.
func NewJar(now func() time.Time) http.CookieJar {
	jar, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	if err != nil {
		panic(err) // cookiejar.New has no way to fail
	}
	return &clockJar{jar, now}
}

type clockJar struct {
	*cookiejar.Jar
	now func() time.Time
}

// SetCookies moves dates by as much as the edge's clock is ahead of the system's.
func (j *clockJar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	ahead := j.now().Sub(systemClock{}.Now())
	moved := make([]*http.Cookie, len(cookies))
	for i, c := range cookies {
		copied := *c
		if c.Expires.Unix() > 0 { // dates near 1970 mean "delete"
			copied.Expires = c.Expires.Add(-ahead)
		}
		moved[i] = &copied
	}
	j.Jar.SetCookies(u, moved)
}
