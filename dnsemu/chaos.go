package dnsemu

import (
	"net"
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

// chaos answers in class CH, where a server tells about itself.
func (s *Server) chaos(m *dns.Msg, q dns.Question, client net.Addr) {
	var text string
	switch strings.ToLower(q.Name) {
	case "id.server.":
		text = s.dataCentre
	case "version.bind.":
		text = "sundog"
	case "myip.cloudflare.":
		text = clientIP(client)
	default:
		m.Rcode = dns.RcodeRefused
		return
	}
	m.Authoritative = true
	if text != "" && (q.Qtype == dns.TypeTXT || q.Qtype == dns.TypeANY) {
		m.Answer = []dns.RR{&dns.TXT{
			Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeTXT, Class: dns.ClassCHAOS},
			Txt: []string{escapeText([]byte(text))},
		}}
	}
}

// whoami tells a name server's client in class IN who it is.
func (s *Server) whoami(m *dns.Msg, q dns.Question, client net.Addr) bool {
	const name = "whoami.cloudflare.net."
	if len(q.Name) != len(name) || q.Qtype != dns.TypeTXT || !strings.EqualFold(q.Name, name) {
		return false
	}
	m.Authoritative = true
	if ip := clientIP(client); ip != "" {
		m.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: []string{ip}}}
	}
	return true
}

// clientIP is the asker's address without port; "" when it has none.
func clientIP(client net.Addr) string {
	if client == nil {
		return ""
	}
	a, err := netip.ParseAddrPort(client.String())
	if err != nil {
		return ""
	}
	return a.Addr().Unmap().String()
}
