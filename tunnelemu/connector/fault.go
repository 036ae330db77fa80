package connector

import (
	"errors"

	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/wire"
)

// Stage is where something can go wrong.
type Stage string

// The stages of a connection's life.
const (
	StageAccept   Stage = "accept"   // a connection has arrived; nothing is known of it yet
	StageRegister Stage = "register" // its connector wants to register
	StageRequest  Stage = "request"  // a request or TCP stream is about to be sent
	StagePush     Stage = "push"     // a configuration is about to be sent
)

// Point is one moment in which Options.Fault is asked.
type Point struct {
	Stage     Stage
	Protocol  Protocol
	Tunnel    string // UUID; "" at StageAccept
	Connector string // UUID; "" at StageAccept
	Index     int    // of the connection, 0 to 3; -1 at StageAccept
}

// ErrDrop, from Options.Fault, ends the connection without a word.
var ErrDrop = errors.New("the connection is dropped")

// Refusal, from Options.Fault, is the error that a connector gets in place of a registration. What connectors make of it
// depends on the transport: over HTTP/2 a first connection's process exits unless Cause contains "Unauthorized", over QUIC
// everything is tried again for ever.
type Refusal = wire.Refusal
