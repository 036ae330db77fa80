package edge_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge/fault"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/tunnelemu/connector"
	"github.com/sundog-edge/sundog/tunnelemu/connector/connectortest"
)

func TestFaults(t *testing.T) {
	e, addr := withListener(t, dialledWorld)
	inject := func(f fault.Fault) {
		t.Helper()
		if _, err := e.InjectFault("lab", f); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := e.InjectFault("nosuch", fault.Fault{Toxic: fault.Slow}); err == nil || !strings.Contains(err.Error(), "it has web, lab") {
		t.Errorf("a tunnel that is none: %v", err)
	}
	for _, protocol := range []connector.Protocol{connector.HTTP2, connector.QUIC} {
		inject(fault.Fault{Toxic: fault.Refuse, Count: 1})
		var refused *connector.Refusal
		if _, err := tryDialIn(t, e, addr, "lab", connectortest.Options{Protocol: protocol}); !errors.As(err, &refused) || refused.Retry {
			t.Errorf("refuse: %v", err)
		}
		inject(fault.Fault{Toxic: fault.Retry, Count: 1})
		if _, err := tryDialIn(t, e, addr, "lab", connectortest.Options{Protocol: protocol}); !errors.As(err, &refused) || !refused.Retry {
			t.Errorf("retry: %v", err)
		}
		c := dialIn(t, e, addr, "lab", connectortest.Options{Protocol: protocol, Origin: answerWith("here")})
		inject(fault.Fault{Toxic: fault.DropOne})
		for i, want := range []int{502, 200} {
			if resp, _ := askEdge(t, e, "https://b.example.com/"); resp.StatusCode != want {
				t.Errorf("drop-one, request %d: %d, want %d: %s", i, resp.StatusCode, want, resp.Header.Get("Sundog-Why"))
			}
		}
		inject(fault.Fault{Toxic: fault.DropAll})
		for i := range 4 {
			<-c.Done(i)
		}
		if resp, _ := askEdge(t, e, "https://b.example.com/"); resp.StatusCode != 530 {
			t.Errorf("drop-all: %d", resp.StatusCode)
		}
		c.Close()
	}
}

// A wrong secret, and an edit of a configuration: what connectors meet.
func TestConnectorsFollowTheWorld(t *testing.T) {
	e, addr := withListener(t, dialledWorld)
	wrong, err := e.ConnectorTunnel("lab")
	if err != nil {
		t.Fatal(err)
	}
	wrong.Secret = make([]byte, 32)
	var refused *connector.Refusal
	if _, err := tryDialIn(t, e, addr, "lab", connectortest.Options{Tunnel: wrong}); !errors.As(err, &refused) || !strings.Contains(refused.Cause, "Unauthorized") {
		t.Errorf("a wrong secret: %v", err)
	}
	applied := make(chan int, 4)
	c := dialIn(t, e, addr, "web", connectortest.Options{Apply: func(version int, _ []byte) error { applied <- version; return nil }})
	first := <-applied
	if err := e.Apply(parse(t, strings.Replace(dialledWorld, "http_status:204", "http_status:418", 1))); err != nil {
		t.Fatal(err)
	}
	if second := <-applied; second <= first {
		t.Errorf("version %d after %d", second, first)
	}
	if list := e.Tunnels(); list[0].Status != "connectors" || list[0].Connectors[0].ID != c.ID() || list[1].Status != "down" {
		t.Errorf("%+v", list)
	}
	if err := e.Edit(world.Edit{Delete: world.Key{Kind: world.KindTunnel, ID: e.Tunnels()[0].ID}}); err != nil {
		t.Fatal(err)
	}
	<-c.Done(0)
}

// A quick tunnel is of the world until it ends.
func TestQuick(t *testing.T) {
	e, addr := withListener(t, dialledWorld)
	q, err := e.Quick()
	if err != nil {
		t.Fatal(err)
	}
	dialIn(t, e, addr, q.ID, connectortest.Options{Origin: answerWith("quick")})
	if resp, body := askEdge(t, e, q.URL+"/"); resp.StatusCode != 200 || body != "quick" {
		t.Errorf("%d %q", resp.StatusCode, body)
	}
	if ok, err := e.EndQuick(q.ID); !ok || err != nil {
		t.Errorf("the end: %v, %v", ok, err)
	}
	if resp, _ := askEdge(t, e, q.URL+"/"); resp.Header.Get("Cf-Error-Type") == "" && resp.StatusCode != 530 {
		t.Errorf("after its end: %d", resp.StatusCode)
	}
	if ok, _ := e.EndQuick(q.ID); ok {
		t.Error("it ended twice")
	}
	if err := e.Connectors().Await(context.Background(), q.ID, 0); err != nil {
		t.Error(err)
	}
}
