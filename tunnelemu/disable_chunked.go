package tunnelemu

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// collectLimit bounds the body that disableChunkedEncoding keeps in memory to learn its length.
const collectLimit = 64 << 20

var errTooLong = errors.New("with disableChunkedEncoding a body of unknown length is kept in memory, and this one is longer than may be")

// collect reads a body of unknown length whole, so that it can be sent with Content-Length: what disableChunkedEncoding
// promises, and the connector does not do.
func collect(out *http.Request, limit int64) error {
	var all bytes.Buffer
	n, err := io.Copy(&all, io.LimitReader(out.Body, limit+1))
	switch {
	case err != nil:
		return err
	case n > limit:
		return fmt.Errorf("%w: %d bytes", errTooLong, limit)
	}
	out.Body, out.ContentLength, out.TransferEncoding = io.NopCloser(&all), n, nil
	if n == 0 {
		out.Body = nil
	}
	return nil
}

// cameChunked says whether the edge's request was chunked, in the form that a server or a client gives it.
func cameChunked(r *http.Request) bool {
	return slices.Contains(r.TransferEncoding, "chunked") || strings.Contains(strings.ToLower(r.Header.Get("Transfer-Encoding")), "chunked")
}
