package wire

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Names that mean something between edge and connector over HTTP/2.
const (
	HeaderUpgrade  = "Cf-Cloudflared-Proxy-Connection-Upgrade"
	HeaderTCPSrc   = "Cf-Cloudflared-Proxy-Src"
	HeaderResponse = "Cf-Cloudflared-Response-Headers"
	HeaderMeta     = "Cf-Cloudflared-Response-Meta"

	UpgradeControl   = "control-stream"
	UpgradeConfig    = "update-configuration"
	UpgradeWebSocket = "websocket"
)

// ReservedPrefix is what names of headers begin with that only edge and connector may say, in canonical form.
const ReservedPrefix = "Cf-Cloudflared-"

// maxHeaders is how many values a response may have.
const maxHeaders = 4096

var base64Raw = base64.RawStdEncoding

// ParseHeaders adds to h the headers of an origin's response as the connector serialises them: pairs of base64 without
// padding. Names and values that HTTP does not allow are an error, which leaves h half filled.
func ParseHeaders(h http.Header, s string) error {
	if s == "" {
		return nil
	}
	n := 0
	for pair := range strings.SplitSeq(s, ";") {
		if n++; n > maxHeaders {
			return fmt.Errorf("%w: more than %d response headers", ErrMalformed, maxHeaders)
		}
		name64, value64, ok := strings.Cut(pair, ":")
		if !ok {
			return fmt.Errorf("%w: a response header without a colon: %.40q", ErrMalformed, pair)
		}
		name, err := base64Raw.DecodeString(name64)
		if err != nil {
			return fmt.Errorf("%w: the name of a response header: %v", ErrMalformed, err)
		}
		value, err := base64Raw.DecodeString(value64)
		if err != nil {
			return fmt.Errorf("%w: the value of the response header %.40q: %v", ErrMalformed, name, err)
		}
		if err := AddHeader(h, string(name), string(value)); err != nil {
			return err
		}
	}
	return nil
}

// AddHeader adds one header of a response, if HTTP allows it.
func AddHeader(h http.Header, name, value string) error {
	if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
		return fmt.Errorf("%w: not a response header: %.40q: %.40q", ErrMalformed, name, value)
	}
	name = http.CanonicalHeaderKey(name)
	h[name] = append(h[name], value)
	return nil
}

// FormatHeaders is what ParseHeaders reads.
func FormatHeaders(h http.Header) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			if b.Len() > 0 {
				b.WriteByte(';')
			}
			b.WriteString(base64Raw.EncodeToString([]byte(name)))
			b.WriteByte(':')
			b.WriteString(base64Raw.EncodeToString([]byte(value)))
		}
	}
	return b.String()
}

// Meta says who made a response.
type Meta struct {
	Source      string `json:"src"` // "origin" or "cloudflared"
	RateLimited bool   `json:"flow_rate_limited,omitempty"`
}

// Sources of responses.
const (
	FromOrigin    = "origin"
	FromConnector = "cloudflared"
)

// ParseMeta reads the meta header. What cannot be read, and nothing, is a response of the origin.
func ParseMeta(s string) Meta {
	switch s {
	case "", `{"src":"origin"}`:
		return Meta{Source: FromOrigin}
	}
	var m Meta
	if json.Unmarshal([]byte(s), &m) != nil || m.Source == "" {
		m.Source = FromOrigin
	}
	return m
}
