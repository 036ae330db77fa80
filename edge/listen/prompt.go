package listen

import (
	"io"
	"net/http"
	"time"
)

// promptBodies bounds how long a client may take to send a body to handlers that read
// small ones whole. http.Server.ReadTimeout would also end handlers that wait for
// something else.
func promptBodies(next http.Handler, limit time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			c := http.NewResponseController(w)
			if c.SetReadDeadline(deadline(limit)) == nil {
				r.Body = &promptBody{r.Body, c}
			}
		}
		next.ServeHTTP(w, r)
	})
}

// promptBody takes the deadline away when the body is whole: it was for the body alone.
type promptBody struct {
	io.ReadCloser
	c *http.ResponseController
}

func (b *promptBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		b.c.SetReadDeadline(time.Time{})
	}
	return n, err
}
