package worker

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// victim says who Access let in, wherever it is asked.
const victim = `import { WorkerEntrypoint, DurableObject } from "cloudflare:workers";
const said = (ctx, request) => Response.json({ aud: ctx.access?.aud ?? "", cf: request.cf ?? null, props: ctx.props });
export default class extends WorkerEntrypoint {
	async fetch(request) {
		if (request.headers.get("upgrade") === "websocket") {
			const [client, server] = Object.values(new WebSocketPair());
			server.accept();
			server.send(this.ctx.access?.aud ?? "");
			return new Response(null, { status: 101, webSocket: client });
		}
		if (new URL(request.url).pathname === "/by") return this.env.MALLORY.fetch(request);
		if (new URL(request.url).pathname === "/object") return this.env.TRAP.get(this.env.TRAP.idFromName("x")).fetch(request);
		return said(this.ctx, request);
	}
	who() { return this.ctx.access?.aud ?? "" }
}
export class Admin extends WorkerEntrypoint { fetch(request) { return said(this.ctx, request) } }
export class Room extends DurableObject { fetch() { return Response.json({ aud: this.ctx.access?.aud ?? "" }) } }`

// mallory tries to be somebody whom Access let in, with every header that she can think of or was shown.
const mallory = `import { DurableObject } from "cloudflare:workers";
const blob = JSON.stringify({ app_aud: "forged", jwt_claims: { email: "admin@example.com" } });
function forged(request, more) {
	const headers = new Headers(more);
	for (const name of ["sundog-access", "Sundog-Access-", "mf-access-blob", ...(request ? request.headers.keys() : [])]) {
		if (name !== "upgrade" && name !== "connection") headers.set(name, name.includes("access") ? blob : request.headers.get(name));
	}
	return headers;
}
async function attempts(request, env) {
	const aud = async (r) => (await (await r).json()).aud;
	const out = {};
	out.fetch = await aud(env.B.fetch("http://b/", { headers: forged(request) }));
	out.request = await aud(env.B.fetch(new Request("http://b/", { headers: forged(request) })));
	out.forwarded = await aud(env.B.fetch(new Request("http://b/", request)));
	out.twice = await aud(env.B.fetch("http://b/", { headers: [...forged(request), ...forged(request)] }));
	out.cf = await aud(env.B.fetch("http://b/", { headers: forged(request), cf: { access: { aud: "forged" }, app_aud: "forged", "sundog-access": blob } }));
	const socket = await env.B.fetch("http://b/", { headers: forged(request, { upgrade: "websocket" }) });
	out.websocket = await new Promise((done) => { socket.webSocket.addEventListener("message", (m) => done(m.data)); socket.webSocket.accept(); });
	out.rpc = await env.B.who();
	out.admin = await aud(env.ADMIN.fetch("http://b/", { headers: forged(request) }));
	out.room = await aud(env.ROOM.get(env.ROOM.idFromName("x")).fetch("http://b/", { headers: forged(request) }));
	return Response.json(out);
}
export class Trap extends DurableObject { fetch(request) { return attempts(request, this.env) } }
export default { fetch: attempts };`

func aud(aud string) *Access {
	return &Access{AUD: aud, Claims: json.RawMessage(`{"email":"alice@example.com"}`)}
}

// hostile is an engine with a victim and with mallory; the victim has bindings that lead to her, or not.
func hostile(t *testing.T, back ...version.Binding) *Engine {
	e := testEngine(t, nil)
	v := code(victim, back...)
	v.Classes = []version.Class{{Name: "Room", SQLite: true}}
	v.Exports = []string{"default", "Admin", "Room"}
	m := code(mallory,
		version.Binding{Type: "service", Name: "B", Service: "victim"},
		version.Binding{Type: "service", Name: "ADMIN", Service: "victim", Entrypoint: "Admin", Props: json.RawMessage(`{"tenant":"t1"}`)},
		version.Binding{Type: "durable_object_namespace", Name: "ROOM", ClassName: "Room", ScriptName: "victim"},
	)
	m.Classes = []version.Class{{Name: "Trap", SQLite: true}}
	m.Exports = []string{"default", "Trap"}
	r := apply(t, e, set(Worker{Name: "victim", Version: v}, Worker{Name: "mallory", Version: m}))
	for _, o := range r.Workers {
		if len(o.Throwers) > 0 {
			t.Fatal(o.Throwers)
		}
	}
	return e
}

func nothingForged(t *testing.T, body string) {
	t.Helper()
	var got map[string]string
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err, body)
	}
	want := map[string]string{"fetch": "", "request": "", "forwarded": "", "twice": "", "cf": "", "websocket": "", "rpc": "", "admin": "", "room": ""}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("who Access let in, as mallory has it:\n%s", d)
	}
}

func TestAWorkerCannotForgeAccessForAnother(t *testing.T) {
	e := hostile(t)
	for name, call := range map[string]Call{"without Access": {Worker: "mallory"}, "behind Access herself": {Worker: "mallory", Access: aud("hers")}} {
		t.Run(name, func(t *testing.T) {
			_, body, err := ask(t, e, call, "http://x/")
			if err != nil {
				t.Fatal(err)
			}
			nothingForged(t, body)
		})
	}
	if _, body, err := ask(t, e, Call{Worker: "victim", Access: aud("true")}, "http://x/"); err != nil || !strings.Contains(body, `"aud":"true"`) {
		t.Error("by the front door: ", body, err)
	}
}

// A Worker that forwards its own request shows the name of its header to whom it forwards to.
func TestAWorkerThatWasShownTheHeaderCannotForge(t *testing.T) {
	e := hostile(t, version.Binding{Type: "service", Name: "MALLORY", Service: "mallory"}, version.Binding{Type: "durable_object_namespace", Name: "TRAP", ClassName: "Trap", ScriptName: "mallory"})
	for _, path := range []string{"/by", "/object"} {
		_, body, err := ask(t, e, Call{Worker: "victim", Access: aud("true")}, "http://x"+path)
		if err != nil {
			t.Fatal(path, err)
		}
		nothingForged(t, body)
	}
	e = hostile(t, version.Binding{Type: "durable_object_namespace", Name: "TRAP", ClassName: "Trap", ScriptName: "mallory"})
	_, body, err := ask(t, e, Call{Worker: "victim", Access: aud("true")}, "http://x/object")
	if err != nil {
		t.Fatal(err)
	}
	nothingForged(t, body)
}

// What a client of the engine sends is no word of the engine's, and no answer tells a client of its headers.
func TestInternalHeadersStayInside(t *testing.T) {
	e := hostile(t)
	n := e.state.Load().entries["victim"].main
	_, body, err := ask(t, e, Call{Worker: "victim"}, "http://x/", func(r *http.Request) {
		for _, name := range []string{"Sundog-Access", n.access, strings.ToLower(n.access), schemeHeader, cfHeader, answeredHeader} {
			r.Header.Set(name, `{"app_aud":"forged"}`)
		}
	})
	if err != nil || !strings.Contains(body, `"aud":""`) || !strings.Contains(body, `"cf":null`) {
		t.Error(body, err)
	}
	apply(t, e, set(Worker{Name: "echo", Version: code(`export default { fetch(request) {
		const headers = new Headers(request.headers);
		headers.set("sundog-answered", "no");
		return new Response(new Blob(["Internal Server Error"]).stream(), { status: 500, headers });
	} }`)}))
	res, body, err := ask(t, e, Call{Worker: "echo", Access: aud("true")}, "http://x/", func(r *http.Request) { r.Header.Set("X-Mine", "1") })
	if err != nil || res.StatusCode != 500 || body != "Internal Server Error" || res.Header.Get("X-Mine") != "1" {
		t.Error("an answer is taken for an exception: ", res, body, err)
	}
	for name := range res.Header {
		if strings.HasPrefix(name, "Sundog-") {
			t.Errorf("the client sees %s: %s", name, res.Header.Get(name))
		}
	}
}

// Who watches a Worker sees the headers of its requests, without the engine's.
func TestTheTailTellsNoInternalHeader(t *testing.T) {
	tail := make(chan string, 1)
	e := testEngine(t, func(o *Options) {
		o.OnTail = func(_, _ string, trace json.RawMessage) { tail <- string(trace) }
	})
	apply(t, e, set(Worker{Name: "a", Version: code(`export default { fetch: (request) => new Response([...request.headers.keys()].join()) }`)}))
	_, body, err := ask(t, e, Call{Worker: "a", Access: aud("true")}, "http://x/", func(r *http.Request) { r.Header.Set("X-Mine", "1") })
	if err != nil || !strings.Contains(body, "sundog-access-") {
		t.Fatal("the header that makes ctx.access is not where this test looks for it: ", body, err)
	}
	if trace := <-tail; !strings.Contains(trace, `"x-mine":"1"`) || strings.Contains(strings.ToLower(trace), "sundog-") || strings.Contains(trace, "alice") {
		t.Error(trace)
	}
}

// A count that a Worker makes up neither frees a circle nor ends a straight way.
func TestMadeUpHops(t *testing.T) {
	e := testEngine(t, nil)
	apply(t, e, set(
		Worker{Name: "a", Version: code(`export default { fetch(request, env) {
			return env.B.fetch("http://x/", { headers: { "sundog-hops": new URL(request.url).searchParams.get("n") } });
		} }`, version.Binding{Type: "service", Name: "B", Service: "b"})},
		Worker{Name: "b", Version: code(`export default { fetch: (request, env) => new URL(request.url).pathname === "/on" ? env.A.fetch(request) : new Response("there") }`, version.Binding{Type: "service", Name: "A", Service: "a"})},
		Worker{Name: "loop", Version: code(`export default { fetch(request, env) {
			return env.SELF.fetch("http://x/", { headers: { "sundog-hops": new URL(request.url).searchParams.get("n") ?? request.headers.get("x-n"), "x-n": "-5" } });
		} }`, version.Binding{Type: "service", Name: "SELF", Service: "loop"})},
	))
	for _, n := range []string{"-1000", "NaN", "x", "1e-9"} {
		if got := get(t, e, "a", "http://x/?n="+n); got != "there" {
			t.Error(n, got)
		}
		var threw *ThrewError
		if _, _, err := ask(t, e, Call{Worker: "loop"}, "http://x/?n="+n); !errors.As(err, &threw) || !strings.Contains(threw.Message, "in a circle") {
			t.Error(n, err)
		}
	}
}

// The engine's own Workers stand behind some bindings; what they know is not to be had through them.
func TestTheEnginesWorkersTellNothing(t *testing.T) {
	e := testEngine(t, nil)
	apply(t, e, set(
		Worker{Name: "a", Version: code(`export default { async fetch(request, env) {
			const out = {};
			for (const name of ["HOP", "VPC", "SERVER"]) {
				for (const key of ["env", "ctx", "mark", "props", "constructor", "prototype"]) {
					try { out[name + "." + key] = String(await env[name][key]) } catch (e) { out[name + "." + key] = "threw" }
					try { out[name + "." + key + "()"] = String(await env[name][key]()) } catch (e) { out[name + "." + key + "()"] = "threw" }
					try { out[name + "." + key + ".mark"] = String(await env[name][key].mark) } catch (e) { out[name + "." + key + ".mark"] = "threw" }
				}
			}
			return Response.json(out);
		} }`,
			version.Binding{Type: "service", Name: "HOP", Service: "a"},
			version.Binding{Type: "vpc_service", Name: "VPC", ServiceID: "s"},
			version.Binding{Type: "service", Name: "SERVER", Service: "dev"})},
		Worker{Name: "dev", URL: "http://localhost:1"},
	))
	var got map[string]string
	if err := json.Unmarshal([]byte(get(t, e, "a", "http://x/")), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 54 {
		t.Error(len(got), "attempts")
	}
	for key, said := range got {
		if own := strings.Contains(key, ".env") || strings.Contains(key, ".ctx"); own && said != "threw" {
			t.Errorf("%s is %q", key, said)
		}
		if strings.Contains(said, strings.TrimSpace(e.mark)) {
			t.Error(key, "tells the mark")
		}
	}
}

// What a Worker logs under the name headers is its own.
func TestTheTailTellsListsNamedHeaders(t *testing.T) {
	tail := make(chan string, 1)
	e := testEngine(t, func(o *Options) {
		o.OnTail = func(_, _ string, trace json.RawMessage) { tail <- string(trace) }
	})
	apply(t, e, set(Worker{Name: "a", Version: code(`export default { fetch() { console.log({ headers: ["a", "b"] }); return new Response() } }`)}))
	if _, _, err := ask(t, e, Call{Worker: "a"}, "http://x/"); err != nil {
		t.Fatal(err)
	}
	if trace := <-tail; !strings.Contains(trace, `{"headers":["a","b"]}`) {
		t.Error(trace)
	}
}
