package edge

import (
	"encoding/base64"
	"fmt"
	"io"

	"github.com/sundog-edge/sundog/edge/world"
)

// secretBytes is how long the secret of a tunnel is when no file gives one.
const secretBytes = 32

// tunnelSecret is what connectors of a tunnel show: what its document says, else one made for this run, which
// outlives reloads.
func (e *Edge) tunnelSecret(def *world.Tunnel) ([]byte, error) {
	if def.Secret != "" {
		return base64.StdEncoding.DecodeString(def.Secret)
	}
	e.made.mu.Lock()
	defer e.made.mu.Unlock()
	if made := e.made.tunnels[def.UUID]; made != nil {
		return made, nil
	}
	made := make([]byte, secretBytes)
	if _, err := io.ReadFull(e.random, made); err != nil {
		return nil, fmt.Errorf("no randomness for the secret of a tunnel: %w", err)
	}
	if e.made.tunnels == nil {
		e.made.tunnels = map[string][]byte{}
	}
	e.made.tunnels[def.UUID] = made
	return made, nil
}
