package wire

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	capnp "zombiezen.com/go/capnproto2"
	"zombiezen.com/go/capnproto2/rpc"
	rpccapnp "zombiezen.com/go/capnproto2/std/capnp/rpc"

	"github.com/sundog-edge/sundog/tunnelemu/connector/internal/schema"
)

// message encodes one RPC message.
func message(t *testing.T, fill func(rpccapnp.Message) error) []byte {
	t.Helper()
	msg, s, err := capnp.NewMessage(capnp.SingleSegment(nil))
	if err != nil {
		t.Fatal(err)
	}
	root, err := rpccapnp.NewRootMessage(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := fill(root); err != nil {
		t.Fatal(err)
	}
	b, err := msg.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func bootstrap(t *testing.T, id uint32) []byte {
	return message(t, func(m rpccapnp.Message) error {
		b, err := m.NewBootstrap()
		b.SetQuestionId(id)
		return err
	})
}

// What no connector says ends the stream, with the reason.
func TestHostileControl(t *testing.T) {
	huge := make([]byte, 8)
	binary.LittleEndian.PutUint32(huge[4:], 1<<27) // 1 GiB is announced
	segments := make([]byte, 8)
	binary.LittleEndian.PutUint32(segments, 1<<20)
	var many []byte
	for i := range uint32(maxOpen + 1) {
		many = append(many, bootstrap(t, i)...)
	}
	for _, tt := range []struct {
		name  string
		bytes []byte
		want  string
	}{
		{"noise", bytes.Repeat([]byte("noise..."), 10), "malformed"},
		{"a message of 1 GiB", huge, "malformed"},
		{"a million segments", segments, "malformed"},
		{"a message that ends in the middle", bootstrap(t, 1)[:12], "unexpected EOF"},
		{"too many bootstraps", many, "bootstrap after a release, or more than"},
		{"a question asked twice", append(bootstrap(t, 1), bootstrap(t, 1)...), "asked twice"},
		{"a disembargo", message(t, func(m rpccapnp.Message) error { _, err := m.NewDisembargo(); return err }), "no capability"},
		{"a capability in a call", message(t, func(m rpccapnp.Message) error {
			call, _ := m.NewCall()
			target, _ := call.NewTarget()
			target.SetImportedCap(0)
			params, _ := call.NewParams()
			_, err := params.NewCapTable(1)
			return err
		}), "passes 1 capabilities"},
		{"a bootstrap after a release", append(message(t, func(m rpccapnp.Message) error { _, err := m.NewRelease(); return err }), bootstrap(t, 1)...), "after a release"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := ServeControl(&tape{Reader: bytes.NewReader(tt.bytes)}, newRegistrar(), silent)
			<-c.Done()
			defer c.Close()
			if err := c.Err(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v; %q is wanted", err, tt.want)
			}
		})
	}
}

// The same bytes pointed at many times are weighed as often, before the library copies them.
func TestAmplification(t *testing.T) {
	b := message(t, func(m rpccapnp.Message) error {
		call, _ := m.NewCall()
		target, _ := call.NewTarget()
		target.SetImportedCap(0)
		params, _ := call.NewParams()
		s := params.Segment()
		list, err := capnp.NewPointerList(s, 1000)
		if err != nil {
			return err
		}
		text, err := capnp.NewText(s, strings.Repeat("x", 40<<10))
		if err != nil {
			return err
		}
		for i := range 1000 {
			if err := list.SetPtr(i, text.ToPtr()); err != nil {
				return err
			}
		}
		return params.SetContentPtr(list.ToPtr())
	})
	if len(b) > maxStranger {
		t.Fatal(len(b))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c := ServeControl(&tape{Reader: bytes.NewReader(b)}, newRegistrar(), silent)
	<-c.Done()
	defer c.Close()
	runtime.ReadMemStats(&after)
	if err := c.Err(); !errors.Is(err, ErrMalformed) {
		t.Error(err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 4<<20 {
		t.Errorf("%d bytes for a message of %d", n, len(b))
	}
}

// A method that does not exist is answered, and the stream goes on.
func TestUnknownMethod(t *testing.T) {
	near, far := net.Pipe()
	c := ServeControl(near, newRegistrar(), silent)
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	client := DialControl(ctx, far, silent)
	defer client.Close()
	for _, m := range []capnp.Method{{InterfaceID: schema.RegistrationServer_TypeID, MethodID: 99}, {InterfaceID: 0xea58385c65416035, MethodID: 0}} {
		answer := client.server.Client.Call(&capnp.Call{Ctx: ctx, Method: m, ParamsFunc: func(capnp.Struct) error { return nil }})
		var method *capnp.MethodError
		if _, err := answer.Struct(); !errors.As(err, &method) {
			t.Errorf("%v: %v", m, err)
		}
	}
	if _, err := client.Register(ctx, Registration{}); err != nil {
		t.Error(err)
	}
	c.Settled(ctx)
	if ctx.Err() != nil {
		t.Error("the answers are not taken for read")
	}
}

// Only who has registered may send long messages.
func TestLongMessages(t *testing.T) {
	for _, trusted := range []bool{false, true} {
		near, far := net.Pipe()
		r := newRegistrar()
		c := ServeControl(near, r, silent)
		if trusted {
			c.Trust()
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		client := DialControl(ctx, far, silent)
		// The first message after a bootstrap is still read with the old limit.
		_ = client.Unregister(ctx)
		err := client.Report(ctx, make([]byte, 1<<20))
		if trusted != (err == nil) {
			t.Errorf("trusted %v: %v", trusted, err)
		}
		c.Close()
		client.Close()
		cancel()
	}
}

// Goodbye is no error; another abort is.
func TestAborts(t *testing.T) {
	for reason, clean := range map[string]bool{"rpc: shutdown": true, "something else": false} {
		b := message(t, func(m rpccapnp.Message) error {
			a, err := m.NewAbort()
			if err != nil {
				return err
			}
			return a.SetReason(reason)
		})
		c := ServeControl(&tape{Reader: bytes.NewReader(b)}, newRegistrar(), silent)
		<-c.Done()
		var abort rpc.Abort
		if err := c.Err(); clean != (err == nil) || !clean && !errors.As(err, &abort) {
			t.Errorf("%q: %v", reason, err)
		}
		c.Close()
	}
}

// Bounds of the head of a request stream.
func TestHostileHead(t *testing.T) {
	tooMany := &ConnectResponse{Metadata: make([]Metadata, maxMetadata+1)}
	tooLong := &ConnectResponse{Metadata: []Metadata{{"k", strings.Repeat("x", maxHead)}}}
	for _, c := range []*ConnectResponse{tooMany, tooLong} {
		var b bytes.Buffer
		if err := WriteConnectResponse(&b, c); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadKind(&b); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadConnectResponse(&b); !errors.Is(err, ErrMalformed) {
			t.Error(err)
		}
	}
	h := http.Header{}
	for _, s := range []string{"QQ", "!:QQ", "QQ:!", "QTo:QQ", "QQ:Cg", strings.Repeat("QQ:;", maxHeaders+1) + "QQ:"} {
		if err := ParseHeaders(h, s); !errors.Is(err, ErrMalformed) {
			t.Errorf("%.20q: %v", s, err)
		}
	}
}
