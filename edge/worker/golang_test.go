package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// session is a Go Worker of both kinds.
type session struct{ http.Handler }

type user struct {
	Name  string    `json:"name"`
	Since time.Time `json:"since"`
	Key   []byte    `json:"key"`
	Note  string    `json:"note,omitempty"`
	Dolla int       `json:"$cost"`
	inner int
}

func (session) Login(ctx context.Context, name string, at time.Time, key []byte) (*user, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if name == "" {
		return nil, errors.New("nobody logs in without a name")
	}
	return &user{Name: name, Since: at.Add(time.Hour), Key: append(key, 7), Dolla: 3, inner: 1}, nil
}
func (session) Sum(first int, more ...int) int {
	for _, n := range more {
		first += n
	}
	return first
}
func (session) Describe(v any) string           { return fmt.Sprintf("%T %v", v, v) }
func (session) Nothing()                        {}
func (session) Boom()                           { panic("at the disco") }
func (session) Callback() func()                { return func() {} }
func (session) Structured(u user) (user, error) { return u, nil }

func TestAGoWorkerIsABindingLikeAnyOther(t *testing.T) {
	e := testEngine(t, nil)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Add("Set-Cookie", "a=1")
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintf(w, "%s %s %s", r.Method, r.URL, body)
	})
	v := code(`export default { async fetch(request, env) {
		const said = async (f) => { try { return await f() } catch (e) { return e.name + ": " + e.message } };
		const r = await env.GO.fetch("https://any.example/p?q", { method: "POST", body: "b" });
		const login = await env.GO.login("alice", new Date("2026-01-01T00:00:00.500Z"), new Uint8Array([1, 2]));
		return Response.json([
			r.status + " " + await r.text(),
			[login.name, login.since instanceof Date, login.since.toISOString(), login.key instanceof Uint8Array, [...login.key], login.$cost, Object.keys(login).length],
			await env.GO.sum(1, 2, 3), await env.GO.Describe({ n: [1.5, null, true], $d: "x" }), await env.GO.describe(new Date(0)), await env.GO.describe(new Uint8Array([9]).buffer),
			await env.GO.nothing(),
			(await env.GO.structured({ name: "bob", since: new Date(5), key: new Uint8Array([1]), $cost: 4 })).$cost,
			await said(() => env.GO.login("")), await said(() => env.GO.login(1)), await said(() => env.GO.nosuch()), await said(() => env.GO.nothing(1)),
			await said(() => env.GO.boom()), await said(() => env.GO.callback()),
			await said(() => env.GO.describe({ f: [() => 1] })), await said(() => env.GO.describe(new Response("x").body)), await said(() => env.GO.describe(10n)),
			await said(() => env.GO.serveHTTP()), await said(() => env.RPC.fetch("http://x/")), await env.RPC.only(),
		]);
	} }`, version.Binding{Type: "service", Name: "GO", Service: "go"}, version.Binding{Type: "service", Name: "RPC", Service: "rpc"})
	apply(t, e, set(Worker{Name: "a", Version: v}, Worker{Name: "go", Go: session{handler}}, Worker{Name: "rpc", Go: rpcOnly{}}))
	var got []any
	if err := json.Unmarshal([]byte(get(t, e, "a", "http://x/")), &got); err != nil {
		t.Fatal(err)
	}
	const carries = "TypeError: RPC between Go and JavaScript carries JSON, bytes and dates, but "
	want := []any{
		"202 POST https://any.example/p?q b",
		[]any{"alice", true, "2026-01-01T01:00:00.500Z", true, []any{1., 2., 7.}, 3., 4.},
		6., "map[string]interface {} map[$d:x n:[1.5 <nil> true]]", "time.Time 1970-01-01 00:00:00 +0000 UTC", "[]uint8 [9]",
		nil, 4.,
		"Error: nobody logs in without a name", "TypeError: argument 1 of login: json: cannot unmarshal number into Go value of type string",
		`TypeError: the Go Worker go has no method "nosuch"`, "TypeError: nothing takes 0 arguments, not 1",
		"Error: panic: at the disco", carries + "the result is a func()",
		carries + "argument 1 of describe.f[0] is a function", carries + "argument 1 of describe is a ReadableStream", carries + "argument 1 of describe is a BigInt",
		`TypeError: the Go Worker go has no method "serveHTTP"`, "TypeError: The Go Worker rpc is no http.Handler: it does not take fetch()", "rpc",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got := get(t, e, "go", "http://go.example/direct"); got != "GET http://go.example/direct " {
		t.Error(got)
	}
}

type rpcOnly struct{}

func (rpcOnly) Only() string { return "rpc" }

func TestGoAsksAWorker(t *testing.T) {
	e := testEngine(t, nil)
	v := code(`import { WorkerEntrypoint } from "cloudflare:workers";
	export default class extends WorkerEntrypoint {
		async fetch(request) { if (request.url.endsWith("/throw")) throw new Error("no"); return new Response(request.method + " " + request.url + " " + await request.text(), { status: 201 }) }
		profile(u, at, key) { return { name: u.name + "!", since: new Date(+at + 1), key: new Uint8Array([...key, 7]), $cost: 2 } }
		fail() { throw new RangeError("out of it") }
		fn() { return () => 1 }
	}`)
	apply(t, e, set(Worker{Name: "a", Version: v}, Worker{Name: "server", URL: "http://localhost:8787"}))
	c := e.Worker("a")
	res, err := c.HTTP().Post("https://any.example/p", "text/plain", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if res.StatusCode != 201 || string(body) != "POST https://any.example/p body" {
		t.Error(res.Status, string(body))
	}
	var threw *ThrewError
	if _, err := c.HTTP().Get("https://any.example/throw"); !errors.As(err, &threw) || threw.Message != "no" {
		t.Error(err)
	}
	var out user
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if err := c.Call(t.Context(), "profile", &out, map[string]any{"name": "alice"}, at, []byte{1}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(user{Name: "alice!", Since: at.Add(time.Millisecond), Key: []byte{1, 7}, Dolla: 2}, out, cmp.AllowUnexported(user{})); d != "" {
		t.Error(d)
	}
	var failed *CallError
	if err := c.Call(t.Context(), "fail", nil); !errors.As(err, &failed) || failed.Name != "RangeError" || failed.Message != "out of it" {
		t.Error(err)
	}
	if err := c.Call(t.Context(), "fn", nil); !errors.As(err, &failed) || !strings.Contains(failed.Message, "the result of fn is a function") {
		t.Error(err)
	}
	if err := c.Call(t.Context(), "profile", nil, func() {}); err == nil || !strings.Contains(err.Error(), "func()") {
		t.Error(err)
	}
	var missing *NotFoundError
	if err := e.Worker("nobody").Call(t.Context(), "x", nil); !errors.As(err, &missing) {
		t.Error(err)
	}
	var gone *UnavailableError
	if _, err := e.Worker("server").HTTP().Get("http://x/"); !errors.As(err, &gone) || !strings.Contains(err.Error(), "8787") {
		t.Error(err)
	}
}

func FuzzFromJS(f *testing.F) {
	for _, s := range []string{`{"$date":"2026-01-01T00:00:00Z"}`, `{"$bytes":"AQI="}`, `[1,{"$$a":null}]`, `{"$bytes":"!"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var v any
		if fromJS([]byte(s), &v) != nil {
			return
		}
		again, err := toJS(v)
		if err != nil {
			t.Skip(err)
		}
		var w any
		if err := fromJS(again, &w); err != nil {
			t.Fatal(s, string(again), err)
		}
		if d := cmp.Diff(v, w); d != "" {
			t.Error(s, d)
		}
	})
}

func TestAGoWorkerStreamsAndUpgrades(t *testing.T) {
	e := testEngine(t, nil)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.CloseNow()
		for {
			kind, word, err := conn.Read(r.Context())
			if err != nil {
				return
			}
			_ = conn.Write(r.Context(), kind, append([]byte("go "), word...))
		}
	})
	apply(t, e, set(
		Worker{Name: "a", Version: code(`export default { fetch: (r, env) => env.GO.fetch(r) }`, version.Binding{Type: "service", Name: "GO", Service: "go"})},
		Worker{Name: "go", Go: handler},
	))
	s := server(t, e, Call{Worker: "a"})
	conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	for _, word := range []string{"one", "two"} {
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(word)); err != nil {
			t.Fatal(err)
		}
		if _, got, err := conn.Read(t.Context()); err != nil || string(got) != "go "+word {
			t.Fatal(string(got), err)
		}
	}
	_ = conn.Close(websocket.StatusNormalClosure, "")
}
