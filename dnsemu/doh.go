package dnsemu

import (
	"encoding/base64"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// DoHPath is where DNS over HTTPS is served.
const DoHPath = "/dns-query"

const (
	typeMessage = "application/dns-message"
	typeJSON    = "application/dns-json"
)

// Answerer answers questions: a [Server] or a [Resolver].
type Answerer interface {
	// Answer is the reply to r; nil when r is no query. Client is the asker's address.
	Answer(r *dns.Msg, client net.Addr) *dns.Msg
}

// DoH serves DNS over HTTPS at [DoHPath]: messages of RFC 8484 by GET and POST, and the
// JSON form by GET. Any other path is 404. The client's address is the request's
// RemoteAddr. It wants no TLS itself.
func DoH(a Answerer) http.Handler {
	mux := http.NewServeMux()
	d := doh{a}
	mux.HandleFunc(DoHPath, d.serve)
	return mux
}

type doh struct{ answerer Answerer }

// overHTTPS is an asker's address; its network says that no packet limits the answer.
type overHTTPS netip.AddrPort

func (overHTTPS) Network() string  { return "https" }
func (a overHTTPS) String() string { return netip.AddrPort(a).String() }

func (d doh) serve(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		query := r.URL.Query()
		if query.Has("dns") && !wantsJSON(r) {
			raw, err := base64.RawURLEncoding.DecodeString(query.Get("dns"))
			if err != nil {
				refuseDoH(w, http.StatusBadRequest, "dns: found a value that is no base64url without padding")
				return
			}
			d.wire(w, r, raw)
			return
		}
		if wantsJSON(r) {
			d.json(w, r, query)
			return
		}
		if query.Has("name") {
			refuseDoH(w, http.StatusBadRequest, "the parameter name is for JSON: send accept: "+typeJSON)
			return
		}
		refuseDoH(w, http.StatusBadRequest, "the parameter dns is missing: a message in base64url without padding")
	case http.MethodPost:
		if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); !strings.EqualFold(strings.TrimSpace(kind), typeMessage) {
			refuseDoH(w, http.StatusUnsupportedMediaType, "content-type: found "+quote(kind)+", allowed: "+typeMessage)
			return
		}
		raw, err := io.ReadAll(io.LimitReader(r.Body, dns.MaxMsgSize+1))
		if err != nil {
			refuseDoH(w, http.StatusBadRequest, "the body ended before its end")
			return
		}
		d.wire(w, r, raw)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		refuseDoH(w, http.StatusMethodNotAllowed, "the methods are GET and POST")
	}
}

// wantsJSON: by the Accept header, or by ct= for those who cannot set one.
func wantsJSON(r *http.Request) bool {
	if ct := r.URL.Query().Get("ct"); ct != "" {
		return ct == typeJSON || ct == "application/json"
	}
	for _, accept := range r.Header.Values("Accept") {
		for part := range strings.SplitSeq(accept, ",") {
			kind, _, _ := strings.Cut(part, ";")
			if strings.EqualFold(strings.TrimSpace(kind), typeJSON) {
				return true
			}
		}
	}
	return false
}

func (d doh) wire(w http.ResponseWriter, r *http.Request, raw []byte) {
	if len(raw) > dns.MaxMsgSize {
		refuseDoH(w, http.StatusRequestEntityTooLarge, "a message has at most "+strconv.Itoa(dns.MaxMsgSize)+" bytes")
		return
	}
	q := new(dns.Msg)
	if crowded(raw) || q.Unpack(raw) != nil {
		refuseDoH(w, http.StatusBadRequest, "the message cannot be read")
		return
	}
	m := d.answerer.Answer(q, askerOf(r))
	if m == nil {
		refuseDoH(w, http.StatusBadRequest, "the message is a response, not a query")
		return
	}
	packed, err := m.Pack()
	if err != nil {
		refuseDoH(w, http.StatusInternalServerError, "the answer cannot be packed")
		return
	}
	ttlHeader(w, m)
	w.Header().Set("Content-Type", typeMessage)
	w.Header().Set("Content-Length", strconv.Itoa(len(packed)))
	if r.Method != http.MethodHead {
		w.Write(packed) // a client that left needs no error
	}
}

// crowded tells whether a message announces more questions and records than [Accept] takes.
func crowded(raw []byte) bool {
	const counts, header = 4, 12
	entries := 0
	for i := counts; i < header && header <= len(raw); i += 2 {
		entries += int(binary.BigEndian.Uint16(raw[i:]))
	}
	return entries > maxEntries
}

// ttlHeader says for how long an answer may be kept (RFC 8484 section 5.1).
func ttlHeader(w http.ResponseWriter, m *dns.Msg) {
	if m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError {
		w.Header().Set("Cache-Control", "no-store")
		return
	}
	ttl, _ := LeastTTL(m)
	w.Header().Set("Cache-Control", "max-age="+strconv.FormatUint(uint64(ttl), 10))
}

func askerOf(r *http.Request) net.Addr {
	a, _ := netip.ParseAddrPort(r.RemoteAddr)
	return overHTTPS(a)
}

func refuseDoH(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	io.WriteString(w, text+"\n")
}
