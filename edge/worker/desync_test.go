package worker

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// desync answers in ways that a careless transport takes for more than one answer, or for less.
const desync = `const smuggled = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled";
export default { async fetch(request) {
	const url = new URL(request.url);
	const stream = () => new Response(smuggled).body;
	switch (url.pathname) {
	case "/short": return new Response(smuggled, { headers: { "Content-Length": "2" } });
	case "/shortstream": return new Response(stream().pipeThrough(new TransformStream()), { headers: { "Content-Length": "2" } });
	case "/long": return new Response("ab", { headers: { "Content-Length": "200" } });
	case "/chunked": return new Response(smuggled, { headers: { "Transfer-Encoding": "chunked" } });
	case "/identity": return new Response(stream().pipeThrough(new TransformStream()), { headers: { "Transfer-Encoding": "identity", "Content-Length": "2" } });
	case "/304": return new Response(null, { status: 304, headers: { "Content-Length": "60" } });
	case "/204": return new Response(null, { status: 204, headers: { "Content-Length": "60" } });
	case "/205": return new Response(null, { status: 205, headers: { "Content-Length": "60" } });
	case "/throwsunder": { const { readable, writable } = new TransformStream(); const w = writable.getWriter(); w.write(new TextEncoder().encode(smuggled)).then(() => w.abort(new Error("x"))).catch(() => {}); return new Response(readable); }
	case "/threw": throw new Error(smuggled);
	case "/name": try { return new Response("", { headers: { "X-A": "b\r\nContent-Length: 0" } }) } catch { return new Response("refused") }
	case "/unread": return new Response("early");
	case "/mark": return new Response("mine", { status: 500, headers: { "Sundog-Answered": "", "Sundog-Threw": "x" } });
	}
	return new Response(request.method + " " + url.pathname + " " + (await request.text()).length);
} }`

// Whatever a Worker answers, the next request gets its own answer.
func TestAnswersStayApart(t *testing.T) {
	e := testEngine(t, nil)
	apply(t, e, set(Worker{Name: "a", Version: code(desync)}))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := e.Serve(w, r, Call{Worker: "a"}); err != nil {
			http.Error(w, "problem", 599)
		}
	}))
	defer s.Close()
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"} {
		for _, path := range strings.Fields("short shortstream long chunked identity 304 204 205 throwsunder threw name unread mark") {
			for _, size := range []int{0, 10, 300 << 10} {
				if size > 0 && (method == "GET" || method == "HEAD") {
					continue
				}
				r, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/"+path, strings.NewReader(strings.Repeat("GET /x HTTP/1.1\r\n\r\n", size/19)))
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Expect", "100-continue")
				if res, err := s.Client().Do(r); err == nil { // what is not read to its end may break off
					io.Copy(io.Discard, res.Body)
					res.Body.Close()
					if _, told := res.Header[answeredHeader]; told || path == "threw" && res.StatusCode != 599 || path == "mark" && res.StatusCode != 500 {
						t.Error(method, path, res.Status, res.Header)
					}
				}
				for i := range 3 {
					want := fmt.Sprintf("GET /ok%d 0", i)
					if _, body, err := ask(t, e, Call{Worker: "a"}, fmt.Sprintf("http://x/ok%d", i)); err != nil || body != want {
						t.Fatalf("after %s /%s with %d bytes: %q, %v; want %q", method, path, size, body, err, want)
					}
				}
			}
		}
	}
}
