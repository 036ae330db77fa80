package edge

import (
	"context"
	"errors"
	"strconv"

	"github.com/sundog-edge/sundog/edge/fault"
	"github.com/sundog-edge/sundog/tunnelemu/connector"
)

// Faults are what goes wrong on purpose. Targets are "tunnel:" and a UUID; InjectFault takes names.
func (e *Edge) Faults() *fault.Set { return e.faults }

// InjectFault makes something of a tunnel go wrong, by its name, id or UUID; f.Target is set. The error is a *fault.Error,
// or says which tunnels there are.
func (e *Edge) InjectFault(name string, f fault.Fault) (id int, err error) {
	t, err := e.snap.Load().tunnelNamed(name)
	if err != nil {
		return 0, err
	}
	f.Target = tunnelTargetOf(t.def.UUID)
	if id, err = e.faults.Add(f); err != nil {
		return 0, err
	}
	if f.Toxic == fault.DropAll {
		if f.For == 0 && f.Count == 0 {
			e.faults.Remove(id) // the drop itself is all
		}
		over, cancel := context.WithCancel(context.Background())
		cancel()
		e.connectors.Disconnect(over, t.def.UUID, "")
	}
	return id, nil
}

func tunnelTargetOf(uuid string) string { return "tunnel:" + uuid }

var errAsked = errors.New("as it was asked for")

// tunnelFault notes which connection a request takes, and lets things fail when that was asked for.
func (e *Edge) tunnelFault(ctx context.Context, at connector.Point) error {
	switch at.Stage {
	case connector.StageRequest:
		if q, ok := ctx.Value(viaKey{}).(*request); ok {
			q.via.Store(&via{at.Connector, at.Protocol, at.Index})
		}
		if !e.faults.Any() {
			return nil
		}
		return e.requestFault(ctx, at)
	case connector.StageRegister:
		if !e.faults.Any() {
			return nil
		}
		return e.registerFault(ctx, at)
	}
	return nil
}

// labelsOf are what a fault's Match can say of a connection: its protocol, its index, its connector.
func labelsOf(at connector.Point) []string {
	return []string{string(at.Protocol), strconv.Itoa(at.Index), at.Connector}
}

func (e *Edge) requestFault(ctx context.Context, at connector.Point) error {
	f := e.faults.DueAt(tunnelTargetOf(at.Tunnel), labelsOf(at), fault.DropOne, fault.Slow, fault.HalfOpen)
	switch {
	case f == nil:
		return nil
	case f.Toxic == fault.DropOne:
		return connector.ErrDrop
	}
	return f.Wait(ctx)
}

func (e *Edge) registerFault(ctx context.Context, at connector.Point) error {
	f := e.faults.DueAt(tunnelTargetOf(at.Tunnel), labelsOf(at), fault.Refuse, fault.Retry, fault.Silent, fault.DropAll)
	switch {
	case f == nil:
		return nil
	case f.Toxic == fault.Refuse:
		return &connector.Refusal{Cause: "Refused by a fault, " + errAsked.Error()}
	case f.Toxic == fault.Retry:
		return &connector.Refusal{Cause: "To be tried again by a fault, " + errAsked.Error(), Retry: true}
	case f.Toxic == fault.DropAll:
		return connector.ErrDrop
	}
	if err := f.Wait(ctx); err != nil {
		return connector.ErrDrop // nobody waits for an answer any more
	}
	return nil
}
