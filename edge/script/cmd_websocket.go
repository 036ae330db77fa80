package script

import (
	"crypto/tls"
	"flag"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/coder/websocket"
)

const websocketUsage = `[!] websocket [-binary] [-H 'NAME: VALUE']... [-jar NAME] [-client NAME] URL MESSAGE...`

// maxMessages is more than a story has.
const maxMessages = 1000

// conversation defines the flags of what sends several messages.
func (r *request) conversation(fs *flag.FlagSet) {
	fs.Func("H", "", r.addHeader)
	fs.StringVar(&r.jar, "jar", "", "")
	fs.StringVar(&r.client, "client", "", "")
}

// cmdWebSocket opens one, and waits for an answer to each message before it sends the
// next.
func cmdWebSocket(c *call) {
	r := &request{}
	binary := false
	c.flags(2, maxMessages, func(fs *flag.FlagSet) {
		r.conversation(fs)
		fs.BoolVar(&binary, "binary", false, "")
	})
	address, ok := strings.CutPrefix(c.args[0], "ws")
	if !ok {
		c.misused("%q is no URL of a WebSocket: write it whole, wss://HOST/PATH", c.args[0])
	}
	messages := c.args[1:]
	c.args[0] = "http" + address
	req := r.build(c)
	ctx, cancel := c.context()
	defer cancel()

	client := c.client(r.client, r.jar)
	if c.server != nil { // the handshake is one of HTTP/1.1
		way := c.throughProxy(r.client).(*http.Transport)
		way.ForceAttemptHTTP2 = false
		way.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
		defer way.CloseIdleConnections()
		client.Transport = way
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	conn, resp, err := websocket.Dial(ctx, req.URL.String(), &websocket.DialOptions{HTTPClient: client, HTTPHeader: req.Header, Host: req.Host})
	if err != nil {
		c.noWebSocket(resp, err)
		return
	}
	defer conn.CloseNow()
	if c.neg {
		c.fail("there is a WebSocket, and none was expected")
	}
	kind := websocket.MessageText
	if binary {
		kind = websocket.MessageBinary
	}
	for _, m := range messages {
		if m != "" {
			if err := conn.Write(ctx, kind, []byte(m)); err != nil {
				c.fail("sending %q: %v", m, err)
			}
		}
		_, answer, err := conn.Read(ctx)
		if err != nil {
			c.fail("waiting for an answer to %q: %v", m, err)
		}
		if !utf8.Valid(answer) {
			answer = fmt.Appendf(nil, "(%d bytes that are no text)", len(answer))
		}
		fmt.Fprintf(c.ts.Stdout(), "%s\n", answer)
	}
	conn.Close(websocket.StatusNormalClosure, "")
}

// noWebSocket tells what came instead.
func (c *call) noWebSocket(resp *http.Response, err error) {
	text := err.Error()
	if resp != nil {
		text = statusLine(resp)
		if why := resp.Header.Get("Sundog-Why"); why != "" {
			text += "\n" + c.normal().text(why)
		}
	}
	if !c.neg {
		c.fail("no WebSocket: %s", text)
	}
	fmt.Fprintln(c.ts.Stderr(), text)
}
