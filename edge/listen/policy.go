package listen

import (
	"context"
	"net"
)

// ProxyPolicy says what the proxy does with a target. Edge implements it.
type ProxyPolicy interface {
	// Admit is asked once per CONNECT and per absolute-form request. host is
	// canonical (see ParseTarget), port is 80 where an absolute-form target
	// has none, client is the user name the proxy was given, or empty.
	Admit(ctx context.Context, host string, port int, client string) Admission
}

// Admission is the answer of a ProxyPolicy. Terminate wins over Dial; neither
// refuses.
type Admission struct {
	Terminate bool   // a world host: Handlers.Edge answers
	Dial      bool   // pass through Handlers.Dial
	Status    int    // of a refusal; 0: 403
	Text      string // of a refusal, one line: what was refused and what would admit it
}

// DialFunc opens connections to what the policy passes through.
type DialFunc func(ctx context.Context, network, addr string) (net.Conn, error)
