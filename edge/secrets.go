package edge

import (
	"encoding/base64"
	"io"
)

// secrets are the tokens of one run.
type secrets struct {
	admin, api string
}

func newSecrets(random io.Reader) (secrets, error) {
	var b [48]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return secrets{}, err
	}
	return secrets{
		admin: base64.RawURLEncoding.EncodeToString(b[:24]),
		api:   base64.RawURLEncoding.EncodeToString(b[24:]),
	}, nil
}
