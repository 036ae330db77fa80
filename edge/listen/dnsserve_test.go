package listen

import (
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// echoName answers with the question, and one record that says by which network and from where it came.
var echoName = dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg).SetReply(q)
	host, _, _ := net.SplitHostPort(w.RemoteAddr().String())
	m.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: []string{w.RemoteAddr().Network(), host}}}
	w.WriteMsg(m)
})

func startEcho(t *testing.T, more func(*Config, *Handlers)) *Server {
	return start(t, func(c *Config, h *Handlers) {
		c.DNS, h.DNS = "127.0.0.1:0", echoName
		if more != nil {
			more(c, h)
		}
	})
}

func TestDNSPackets(t *testing.T) {
	s := startEcho(t, nil)
	conn, err := net.Dial("udp", s.Addrs().DNS)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	good, err := new(dns.Msg).SetQuestion("a.example.com.", dns.TypeTXT).Pack()
	if err != nil {
		t.Fatal(err)
	}
	with := func(edit func(b []byte) []byte) []byte { return edit(append([]byte(nil), good...)) }
	for _, tt := range []struct {
		name   string
		packet []byte
		rcode  int // -1: no answer
	}{
		{"a question", good, dns.RcodeSuccess},
		{"nothing", nil, -1},
		{"half a header", good[:11], -1},
		{"a response", with(func(b []byte) []byte { b[2] |= 0x80; return b }), -1},
		{"an opcode that the rule refuses", with(func(b []byte) []byte { b[2] = 5 << 3; return b }), dns.RcodeNotImplemented},
		{"a question that is cut", good[:20], dns.RcodeFormatError},
		{"more questions than there are", with(func(b []byte) []byte { b[5] = 9; return b }), dns.RcodeFormatError},
		{"a pointer to itself", with(func(b []byte) []byte { return append(b[:12], 0xc0, 12, 0, 1, 0, 1) }), dns.RcodeFormatError},
		{"a question after all that", good, dns.RcodeSuccess},
	} {
		t.Run(tt.name, func(t *testing.T) {
			packet := append([]byte(nil), tt.packet...)
			if len(packet) >= 2 {
				packet[0], packet[1] = 7, byte(len(tt.name))
			}
			if _, err := conn.Write(packet); err != nil {
				t.Fatal(err)
			}
			if tt.rcode < 0 {
				return // the next answer is another's: its id says so
			}
			raw := make([]byte, 4096)
			n, err := conn.Read(raw)
			if err != nil {
				t.Fatal(err)
			}
			m := new(dns.Msg)
			if err := m.Unpack(raw[:n]); err != nil {
				t.Fatal(err)
			}
			if m.Id != 7<<8|uint16(len(tt.name)) || !m.Response || m.Rcode != tt.rcode {
				t.Errorf("%v", m)
			}
			if tt.rcode == dns.RcodeSuccess {
				if d := cmp.Diff([]string{"udp", "127.0.0.1"}, m.Answer[0].(*dns.TXT).Txt); d != "" {
					t.Error(d)
				}
			} else if n != headerSize {
				t.Errorf("%d bytes for what could not be read", n)
			}
		})
	}
}

// Many clients at once each get their own answer, and one that never reads holds nobody up.
func TestDNSPacketsOfMany(t *testing.T) {
	s := startEcho(t, nil)
	done := make(chan error)
	for i := range 8 {
		go func() {
			c := &dns.Client{Timeout: 10 * time.Second}
			conn, err := c.Dial(s.Addrs().DNS)
			if err != nil {
				done <- err
				return
			}
			defer conn.Close()
			for range 200 {
				name := dns.Fqdn(string(rune('a'+i)) + ".example.com")
				m, _, err := c.ExchangeWithConn(new(dns.Msg).SetQuestion(name, dns.TypeTXT), conn)
				if err == nil && m.Answer[0].Header().Name != name {
					err = errors.New("the answer is another's: " + m.String())
				}
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// Idle TCP connections take their share of places and no more; UDP and those who hold a place go on.
func TestDNSConnectionsAreBounded(t *testing.T) {
	log := new(lockedBuffer)
	const places = 20
	s := startEcho(t, func(c *Config, h *Handlers) {
		c.MaxConns = places
		h.Log = slog.New(slog.NewTextHandler(log, nil))
	})
	ask := func(conn *dns.Conn) error {
		if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			return err
		}
		if err := conn.WriteMsg(new(dns.Msg).SetQuestion("a.example.com.", dns.TypeTXT)); err != nil {
			return err
		}
		_, err := conn.ReadMsg()
		return err
	}
	held, err := dns.DialTimeout("tcp", s.Addrs().DNS, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if err := ask(held); err != nil {
		t.Fatal(err)
	}
	turned := 0
	for range 5 * places {
		c, err := net.Dial("tcp", s.Addrs().DNS)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	for range places { // none of the late ones has a place
		c, err := net.Dial("tcp", s.Addrs().DNS)
		if err != nil {
			t.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(time.Second))
		if _, err := c.Read(make([]byte, 1)); err != nil && !isTimeout(err) {
			turned++
		}
		c.Close()
	}
	if turned == 0 {
		t.Error("nobody was turned away")
	}
	if err := ask(held); err != nil {
		t.Errorf("who holds a place: %v", err)
	}
	if _, _, err := new(dns.Client).Exchange(new(dns.Msg).SetQuestion("a.example.com.", dns.TypeTXT), s.Addrs().DNS); err != nil {
		t.Errorf("by UDP: %v", err)
	}
	if !strings.Contains(log.String(), "the dns listener holds as many connections as it may") {
		t.Errorf("the log says %s", log)
	}
}

// RFC 7766 section 6.2.1.1: any number of questions on one connection, before the first answer is read.
func TestDNSPipelined(t *testing.T) {
	s := startEcho(t, nil)
	conn, err := net.Dial("tcp", s.Addrs().DNS)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	const many = 500
	var all []byte
	for i := range many {
		m := new(dns.Msg).SetQuestion("a.example.com.", dns.TypeTXT)
		m.Id = uint16(i)
		raw, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		all = append(binary.BigEndian.AppendUint16(all, uint16(len(raw))), raw...)
	}
	if _, err := conn.Write(all); err != nil {
		t.Fatal(err)
	}
	for i := range many {
		var n uint16
		if err := binary.Read(conn, binary.BigEndian, &n); err != nil {
			t.Fatalf("answer %d: %v", i, err)
		}
		raw := make([]byte, n)
		if _, err := io.ReadFull(conn, raw); err != nil {
			t.Fatal(err)
		}
		if got := binary.BigEndian.Uint16(raw); int(got) != i {
			t.Fatalf("answer %d has the id %d", i, got)
		}
	}
}

// deadlined notes the deadline for writing.
type deadlined struct {
	net.Conn
	until time.Time
}

func (d *deadlined) SetWriteDeadline(t time.Time) error { d.until = t; return nil }
func (d *deadlined) Write(b []byte) (int, error)        { return len(b), nil }

// A client that does not read its answers is waited for no longer than that.
func TestDNSAnswersHaveADeadline(t *testing.T) {
	d := new(deadlined)
	if _, err := (promptConn{d}).Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if left := time.Until(d.until); left <= 0 || left > dnsWrite {
		t.Errorf("%v are left", left)
	}
}
