package worker

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestWebSocket(t *testing.T) {
	e := testEngine(t, nil)
	apply(t, e, set(Worker{Name: "a", Version: code(`export default { fetch(request) {
		const [client, server] = Object.values(new WebSocketPair());
		server.accept();
		server.addEventListener("message", (m) => server.send("echo " + m.data));
		return new Response(null, { status: 101, webSocket: client });
	} }`)}))
	s := server(t, e, Call{Worker: "a"})
	conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http"), &websocket.DialOptions{HTTPClient: s.Client()})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	for _, word := range []string{"one", "two"} {
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(word)); err != nil {
			t.Fatal(err)
		}
		if _, got, err := conn.Read(t.Context()); err != nil || string(got) != "echo "+word {
			t.Fatal(string(got), err)
		}
	}
	if err := conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
}

func TestServerSentEventsComeOneByOne(t *testing.T) {
	e := testEngine(t, nil)
	apply(t, e, set(Worker{Name: "a", Version: code(`
	export default { fetch(request) {
		const { readable, writable } = new TransformStream();
		const w = writable.getWriter();
		(async () => { for (let i = 0; i < 3; i++) { await w.write(new TextEncoder().encode("data: " + i + "\n\n")); await scheduler.wait(5); } await w.close() })();
		return new Response(readable, { headers: { "content-type": "text/event-stream" } });
	} }`)}))
	s := server(t, e, Call{Worker: "a"})
	res, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	var got []string
	for lines.Scan() {
		if lines.Text() != "" {
			got = append(got, lines.Text())
		}
	}
	if fmt.Sprint(got) != "[data: 0 data: 1 data: 2]" {
		t.Error(got)
	}
}

func TestALargeBodyPasses(t *testing.T) {
	e := testEngine(t, nil)
	apply(t, e, set(Worker{Name: "a", Version: code(`export default { async fetch(request) {
		if (request.url.endsWith("/early")) return new Response("enough", { status: 413 });
		return new Response(request.body);
	} }`)}))
	s := server(t, e, Call{Worker: "a"})
	block := bytes.Repeat([]byte("0123456789abcdef"), 64<<10)
	const blocks = 100
	body := func() (io.Reader, *[32]byte) {
		h, sum := sha256.New(), new([32]byte)
		pr, pw := io.Pipe()
		go func() {
			for range blocks {
				h.Write(block)
				if _, err := pw.Write(block); err != nil {
					return
				}
			}
			copy(sum[:], h.Sum(nil))
			pw.Close()
		}()
		return pr, sum
	}
	in, sum := body()
	res, err := s.Client().Post(s.URL, "application/octet-stream", in)
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	n, err := io.Copy(h, res.Body)
	res.Body.Close()
	if err != nil || n != blocks*int64(len(block)) || !bytes.Equal(h.Sum(nil), sum[:]) {
		t.Error(n, err)
	}
	early, _ := body()
	res, err = s.Client().Post(s.URL+"/early", "application/octet-stream", early)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Error(res.Status)
	}
	if got := get(t, e, "a", "http://x/early"); got != "enough" {
		t.Error("after a body that was not read: ", got)
	}
}

func TestAClientThatLeavesEndsTheRequest(t *testing.T) {
	e := testEngine(t, nil)
	apply(t, e, set(Worker{Name: "a", Version: code(`export default { async fetch() {
		const { readable, writable } = new TransformStream();
		const w = writable.getWriter();
		(async () => { try { for (;;) { await w.write(new Uint8Array(1024)); await scheduler.wait(1) } } catch {} })();
		return new Response(readable);
	} }`)}))
	s := server(t, e, Call{Worker: "a"})
	res, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.ReadFull(res.Body, make([]byte, 10))
	res.Body.Close()
	g := e.state.Load().gen
	eventually(t, "the request is over", func() bool { return g.open.Load() == 0 })
}

func TestABodyThatBreaksOffIsNoWholeBody(t *testing.T) {
	e := testEngine(t, nil)
	apply(t, e, set(Worker{Name: "a", Version: code(`export default { fetch() {
		let n = 0;
		return new Response(new ReadableStream({ async pull(c) { if (n++ > 3) throw new Error("broken off"); c.enqueue(new Uint8Array(1000)); await scheduler.wait(2) } }));
	} }`)}))
	s := server(t, e, Call{Worker: "a"})
	res, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if n, err := io.Copy(io.Discard, res.Body); err == nil {
		t.Errorf("%d bytes and a clean end", n)
	}
}

func TestUpgradesEndWithTheirProcess(t *testing.T) {
	e := testEngine(t, func(o *Options) { o.Drain = 50 * time.Millisecond })
	v := code(`export default { fetch(request) {
		const [client, server] = Object.values(new WebSocketPair());
		server.accept();
		return new Response(null, { status: 101, webSocket: client });
	} }`)
	apply(t, e, set(Worker{Name: "a", Version: v}))
	s := server(t, e, Call{Worker: "a"})
	conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	apply(t, e, set(Worker{Name: "a", Version: answers("new")}))
	if _, _, err := conn.Read(t.Context()); err == nil {
		t.Error("a WebSocket outlives its Worker")
	}
	if got := get(t, e, "a", "http://x/"); got != "new" {
		t.Error(got)
	}
}
