package dnsemu

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// listen serves the handler on one port, UDP and TCP, until the test ends.
func listen(t *testing.T, h dns.Handler) string {
	t.Helper()
	udp, tcp := bind(t)
	for _, srv := range []*dns.Server{
		{PacketConn: udp, Handler: h, MsgAcceptFunc: Accept, UDPSize: 4096},
		{Listener: tcp, Handler: h, MsgAcceptFunc: Accept},
	} {
		started, ended := make(chan struct{}), make(chan error, 1)
		srv.NotifyStartedFunc = func() { close(started) }
		go func() { ended <- srv.ActivateAndServe() }()
		<-started
		t.Cleanup(func() {
			if err := srv.ShutdownContext(context.Background()); err != nil {
				t.Error(err)
			}
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
	return udp.LocalAddr().String()
}

// bind takes one number for both; a number free for UDP may be taken for TCP, by a client of another test.
func bind(t *testing.T) (net.PacketConn, net.Listener) {
	t.Helper()
	for range 50 {
		udp, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if tcp, err := net.Listen("tcp", udp.LocalAddr().String()); err == nil {
			return udp, tcp
		}
		udp.Close()
	}
	t.Fatal("no port is free for both UDP and TCP")
	return nil, nil
}

func TestRealSockets(t *testing.T) {
	z := world(t, rfcWorld)
	tx := z.Txn()
	for i := range 20 {
		if err := tx.PutRecord("example.com", Record{Type: "TXT", Name: "big", Content: fmt.Sprintf("%d %s", i, strings.Repeat("x", 300))}); err != nil {
			t.Fatal(err)
		}
	}
	var current atomic.Pointer[Zones]
	current.Store(tx.Commit())
	addr := listen(t, New(current.Load, Options{EdgeIPv6: []netip.Addr{netip.MustParseAddr("::1")}}))

	for _, network := range []string{"udp", "tcp"} {
		c := &dns.Client{Net: network, Timeout: 10 * time.Second}
		m, _, err := c.Exchange(question("app.example.com.", dns.TypeA), addr)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, []string{"NOERROR aa", "app.example.com. 300 IN A 127.0.0.1"}, shown(m))
		m, _, err = c.Exchange(question("app.example.com.", dns.TypeAAAA), addr)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, []string{"NOERROR aa", "app.example.com. 300 IN AAAA ::1"}, shown(m))
		q := question("big.example.com.", dns.TypeTXT)
		q.SetEdns0(1232, false)
		if m, _, err = c.Exchange(q, addr); err != nil {
			t.Fatal(err)
		}
		if m.Truncated != (network == "udp") || (len(m.Answer) == 20) == m.Truncated {
			t.Errorf("%s: %d records, TC %v", network, len(m.Answer), m.Truncated)
		}
		q = question("app.example.com.", dns.TypeA)
		q.Opcode = 15
		q.SetEdns0(1232, false)
		if m, _, err = c.Exchange(q, addr); err != nil || m.Rcode != dns.RcodeNotImplemented || m.IsEdns0() == nil {
			t.Errorf("%s: opcode 15: %v, %v", network, m, err)
		}
		q = question("app.example.com.", dns.TypeA)
		q.Question = nil
		if m, _, err = c.Exchange(q, addr); err != nil || m.Rcode != dns.RcodeFormatError {
			t.Errorf("%s: no question: %v, %v", network, m, err)
		}
	}

	// A change is live for the next question, and gone with the next.
	c := &dns.Client{Timeout: 10 * time.Second}
	rcodes := func() string {
		m, _, err := c.Exchange(question("soon.example.com.", dns.TypeA), addr)
		if err != nil {
			t.Fatal(err)
		}
		return dns.RcodeToString[m.Rcode]
	}
	diff(t, "NXDOMAIN", rcodes())
	tx = current.Load().Txn()
	if err := tx.PutRecord("example.com", Record{ID: "soon", Type: "A", Name: "soon", Content: "203.0.113.1"}); err != nil {
		t.Fatal(err)
	}
	current.Store(tx.Commit())
	diff(t, "NOERROR", rcodes())
	tx.DeleteRecord("example.com", "soon")
	current.Store(tx.Commit())
	diff(t, "NXDOMAIN", rcodes())
}

// RFC 7766 sections 6.2.1.1 and 8: several queries on one connection, their bytes
// cut anywhere.
func TestTCPPipelinedAndSplit(t *testing.T) {
	z := world(t, rfcWorld)
	addr := listen(t, New(func() *Zones { return z }, Options{}))
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var stream bytes.Buffer
	for i := range 3 {
		q := question("plain.example.com.", dns.TypeA)
		q.Id = uint16(i + 1)
		raw, err := q.Pack()
		if err != nil {
			t.Fatal(err)
		}
		binary.Write(&stream, binary.BigEndian, uint16(len(raw)))
		stream.Write(raw)
	}
	for _, b := range stream.Bytes() {
		if _, err := conn.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[uint16]bool{}
	for range 3 {
		var n uint16
		if err := binary.Read(conn, binary.BigEndian, &n); err != nil {
			t.Fatal(err)
		}
		raw := make([]byte, n)
		if _, err := io.ReadFull(conn, raw); err != nil {
			t.Fatal(err)
		}
		var m dns.Msg
		if err := m.Unpack(raw); err != nil {
			t.Fatal(err)
		}
		diff(t, []string{"NOERROR aa", "plain.example.com. 60 IN A 203.0.113.4"}, shown(&m))
		seen[m.Id] = true
	}
	if len(seen) != 3 {
		t.Errorf("answers to %v", seen)
	}
}

// Readers never meet a half-made set while it changes.
func TestConcurrentChange(t *testing.T) {
	var current atomic.Pointer[Zones]
	current.Store(world(t, rfcWorld))
	s := New(current.Load, Options{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 300 {
				if m := ask(t, s, overUDP, question("app.example.com.", dns.TypeA)); len(m.Answer) != 1 {
					t.Errorf("answer %v", shown(m))
				}
			}
		})
	}
	for i := range 200 {
		tx := current.Load().Txn()
		if err := tx.PutRecord("example.com", Record{ID: "r", Type: "A", Name: fmt.Sprintf("n%d.app", i%7), Content: "203.0.113.1"}); err != nil {
			t.Fatal(err)
		}
		current.Store(tx.Commit())
	}
	wg.Wait()
}

func TestLog(t *testing.T) {
	var out bytes.Buffer
	z := world(t, rfcWorld)
	s := New(func() *Zones { return z }, Options{Log: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	ask(t, s, overUDP, question("app.example.com.", dns.TypeA))
	ask(t, s, overUDP, question("flat.test.", dns.TypeA))
	for _, want := range []string{
		`msg="dns query" name=app.example.com. type=A class=IN rcode=NOERROR answers=1 client=192.0.2.53:1053`,
		`level=WARN msg="dns answer failed" name=flat.test.`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, &out)
		}
	}
}
