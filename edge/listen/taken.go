package listen

import (
	"errors"
	"fmt"
	"net"
)

// TakenError is a port that something else listens on.
type TakenError struct {
	Flag  string // "--https"
	Addr  string // "127.0.0.1:4443"
	Owner string // what Handlers.Probe said: "a sundog of /path"; empty: unknown
	Err   error  // the system's error
}

func (e *TakenError) Error() string {
	owner := e.Owner
	if owner == "" {
		owner = "another program"
	}
	return fmt.Sprintf("%s %s: the port is taken by %s; give another one, or --ports 0 for free ones",
		e.Flag, e.Addr, owner)
}

func (e *TakenError) Unwrap() error { return e.Err }

// bindError makes the system's error one that names flag and mend.
func bindError(p place, err error, probe func(string) string) error {
	addr := p.addr.String()
	if isTaken(err) {
		e := &TakenError{Flag: p.flag, Addr: addr, Err: err}
		if probe != nil {
			e.Owner = probe(addr)
		}
		return e
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return fmt.Errorf("%s %s: %w", p.flag, addr, err)
}
