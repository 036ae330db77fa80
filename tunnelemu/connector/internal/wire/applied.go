package wire

import (
	"encoding/json"
	"fmt"
)

// ParseApplied reads the answer to a configuration over HTTP/2. Connectors lose the text of an error there; then Err says
// so.
func ParseApplied(answer []byte) (a Applied, err error) {
	var body struct {
		Version *int32          `json:"lastAppliedVersion"`
		Err     json.RawMessage `json:"err"`
	}
	if err := json.Unmarshal(answer, &body); err != nil {
		return a, fmt.Errorf("%w: the answer to a configuration: %v", ErrMalformed, err)
	}
	if body.Version == nil {
		return a, fmt.Errorf("%w: the answer to a configuration names no version", ErrMalformed)
	}
	a.Version = *body.Version
	if len(body.Err) == 0 || string(body.Err) == "null" {
		return a, nil
	}
	if json.Unmarshal(body.Err, &a.Err) != nil || a.Err == "" {
		a.Err = "the connector does not say why; its own log does"
	}
	return a, nil
}
