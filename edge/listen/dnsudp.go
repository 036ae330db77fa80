package listen

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"runtime"

	"github.com/miekg/dns"
)

// packets answers questions on one UDP socket. Each reader works a question off before it
// takes the next, with buffers of its own: the handler answers from memory, so a goroutine
// for each question costs more than the answer.
type packets struct {
	conn    *net.UDPConn
	handler dns.Handler
	accept  dns.MsgAcceptFunc
}

// readers is how many questions are answered at a time.
func readers() int { return max(2, runtime.GOMAXPROCS(0)) }

// serve returns when the socket is closed.
func (p *packets) serve() {
	w := &packetWriter{conn: p.conn, out: make([]byte, dnsUDPSize)}
	w.remote.IP = w.ip[:0]
	in := make([]byte, dnsUDPSize)
	for {
		n, from, err := p.conn.ReadFromUDPAddrPort(in)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // of an earlier answer that its client did not take
			continue
		}
		w.to(from)
		p.answer(w, in[:n])
	}
}

// headerSize is that of a DNS message; shorter packets are nobody's question.
const headerSize = 12

func (p *packets) answer(w *packetWriter, packet []byte) {
	if len(packet) < headerSize {
		return
	}
	word := func(i int) uint16 { return binary.BigEndian.Uint16(packet[i:]) }
	header := dns.Header{Id: word(0), Bits: word(2), Qdcount: word(4), Ancount: word(6), Nscount: word(8), Arcount: word(10)}
	rcode := dns.RcodeFormatError
	switch p.accept(header) {
	case dns.MsgIgnore:
		return
	case dns.MsgRejectNotImplemented:
		rcode = dns.RcodeNotImplemented
	case dns.MsgAccept:
		q := new(dns.Msg)
		if q.Unpack(packet) == nil {
			p.handler.ServeDNS(w, q)
			return
		}
	}
	// What cannot be read gets a header and nothing more.
	const opcodeAndRD = 0x7900
	binary.BigEndian.PutUint16(w.out[0:], header.Id)
	binary.BigEndian.PutUint16(w.out[2:], 0x8000|header.Bits&opcodeAndRD|uint16(rcode))
	clear(w.out[4:headerSize])
	w.Write(w.out[:headerSize]) // a client that left needs no error
}

// packetWriter is a dns.ResponseWriter for one question after another. What it hands out is
// good until the handler returns.
type packetWriter struct {
	conn   *net.UDPConn
	addr   netip.AddrPort
	remote net.UDPAddr // addr, in the form that handlers get
	ip     [16]byte    // what remote holds
	out    []byte
}

func (w *packetWriter) to(addr netip.AddrPort) {
	w.addr = addr
	ip := addr.Addr().Unmap()
	if ip.Is4() {
		four := ip.As4()
		w.remote.IP = w.ip[:copy(w.ip[:], four[:])]
	} else {
		w.ip = ip.As16()
		w.remote.IP = w.ip[:]
	}
	w.remote.Port, w.remote.Zone = int(addr.Port()), ip.Zone()
}

func (w *packetWriter) WriteMsg(m *dns.Msg) error {
	packed, err := m.PackBuffer(w.out)
	if err != nil {
		return err
	}
	_, err = w.Write(packed)
	return err
}

func (w *packetWriter) Write(b []byte) (int, error) { return w.conn.WriteToUDPAddrPort(b, w.addr) }
func (w *packetWriter) LocalAddr() net.Addr         { return w.conn.LocalAddr() }
func (w *packetWriter) RemoteAddr() net.Addr        { return &w.remote }
func (w *packetWriter) Close() error                { return nil }
func (w *packetWriter) TsigStatus() error           { return nil }
func (w *packetWriter) TsigTimersOnly(bool)         {}
func (w *packetWriter) Hijack()                     {}
