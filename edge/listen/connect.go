package listen

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"time"
)

// tlsRecord is the first byte of a TLS client's hello.
const tlsRecord = 0x16

// connect answers CONNECT.
func (p *proxy) connect(w http.ResponseWriter, r *http.Request) {
	client, ok := p.credentials.admit(r)
	if !ok {
		demandCredentials(w)
		return
	}
	if r.ContentLength != 0 {
		refuse(w, http.StatusBadRequest, "a CONNECT has no body")
		return
	}
	host, port, err := ParseTarget(r.RequestURI)
	if err != nil {
		refuse(w, http.StatusBadRequest, strconv.Quote(r.RequestURI)+": "+err.Error())
		return
	}
	switch a := p.admit(r.Context(), host, port, client); {
	case a.Terminate:
		info := *p.info
		info.ConnectHost, info.ConnectPort, info.Client, info.Proxied = host, port, client, true
		p.terminate(w, &info)
	case a.Dial:
		p.passThrough(w, r, net.JoinHostPort(host, strconv.Itoa(port)))
	default:
		refuse(w, a.Status, a.Text)
	}
}

// terminate hands the inside of a CONNECT to our own servers.
func (p *proxy) terminate(w http.ResponseWriter, info *Info) {
	c, ok := established(w, info)
	if !ok {
		return
	}
	// The connection no longer counts as used: until a request comes inside,
	// Close need not wait for it.
	if inner, ok := c.Conn.(*conn); ok {
		inner.used.Store(false)
	}
	slow := time.AfterFunc(p.firstByte, func() { c.Close() })
	first, err := c.buf.Peek(1)
	if !slow.Stop() || err != nil {
		c.Close()
		return
	}
	queue := p.plain
	if first[0] == tlsRecord {
		info.TLS = true
		queue = p.tls
	}
	if queue == nil || queue.Deliver(c) != nil {
		c.Close()
	}
}

// passThrough carries bytes between the client and a target.
func (p *proxy) passThrough(w http.ResponseWriter, r *http.Request, target string) {
	ctx, cancel := context.WithTimeout(fromAfar(r), dialTimeout)
	defer cancel()
	far, err := p.dial(ctx, "tcp", target)
	if err != nil {
		dialFailed(w, target, err)
		return
	}
	near, ok := established(w, p.info)
	if !ok {
		far.Close()
		return
	}
	carry(r.Context(), near, far, p.idle)
}

// established takes the connection over and answers that CONNECT succeeded.
func established(w http.ResponseWriter, info *Info) (*replayConn, bool) {
	nc, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		refuse(w, http.StatusInternalServerError, "the connection cannot be taken over: "+err.Error())
		return nil, false
	}
	c := &replayConn{Conn: nc, info: info, buf: rw.Reader}
	if _, err := nc.Write([]byte("HTTP/1.1 200 Connection Established\r\n\r\n")); err != nil {
		c.Close()
		return nil, false
	}
	return c, true
}
