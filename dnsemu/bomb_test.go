package dnsemu

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/miekg/dns"
)

// nameBomb is a message of so many bytes whose questions all point at one long name, which unpacks to a
// hundred times its size and more.
func nameBomb(size int) []byte {
	const header, question = 12, 6
	m := make([]byte, header)
	for _, n := range []int{63, 63, 63, 61} {
		m = append(append(m, byte(n)), bytes.Repeat([]byte{1}, n)...)
	}
	m = append(m, 0, 0, 1, 0, 1)
	count := 1
	for ; len(m)+question <= size; count++ {
		m = append(m, 0xc0, header, 0, 1, 0, 1)
	}
	binary.BigEndian.PutUint16(m[4:], uint16(count))
	return m
}

func TestNameBombIsNotUnpacked(t *testing.T) {
	m := nameBomb(4096)
	if err := new(dns.Msg).Unpack(m); err != nil {
		t.Fatalf("it is no message at all: %v", err)
	}
	for _, tt := range []struct {
		name   string
		header dns.Header
		want   dns.MsgAcceptAction
	}{
		{"a query", dns.Header{Qdcount: 1, Arcount: 1}, dns.MsgAccept},
		{"none and two questions are the handler's", dns.Header{Qdcount: 2}, dns.MsgAccept},
		{"a response", dns.Header{Bits: 1 << 15, Qdcount: 1}, dns.MsgIgnore},
		{"a bomb", dns.Header{Qdcount: binary.BigEndian.Uint16(m[4:])}, dns.MsgReject},
		{"a bomb of records", dns.Header{Qdcount: 1, Ancount: 20, Nscount: 20}, dns.MsgReject},
	} {
		if got := Accept(tt.header); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
