package worker

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

func TestServiceBindings(t *testing.T) {
	t.Run("one way", func(t *testing.T) { serviceBindings(t) })
	t.Run("in a circle", func(t *testing.T) { serviceBindings(t, version.Binding{Type: "service", Name: "BACK", Service: "a"}) })
}

// serviceBindings goes through what a binding can do; back are bindings of the Worker that is called.
func serviceBindings(t *testing.T, back ...version.Binding) {
	e := testEngine(t, nil)
	target := code(`import { WorkerEntrypoint, RpcTarget } from "cloudflare:workers";
	class Counter extends RpcTarget { #n = 0; add(n) { return this.#n += n } }
	export default class extends WorkerEntrypoint {
		fetch(request) { return new Response("fetched " + request.url) }
		add(a, b) { return a + b }
		counter() { return new Counter() }
		async twice(f) { return await f(await f(1)) }
		bytes(u) { return u.length }
		stream() { return new Response("streamed").body }
		fail() { const e = new RangeError("no"); e.code = 7; throw e }
	}
	export class Admin extends WorkerEntrypoint { who() { return this.ctx.props.tenant } }`, back...)
	target.Exports = []string{"default", "Admin"}
	caller := code(`export default { async fetch(request, env) {
		const out = [];
		out.push(await (await env.DEF.fetch("https://any/")).text());
		out.push(await env.DEF.add(1, 2), await env.NAMED.add(3, 4));
		out.push(await env.DEF.counter().add(5));
		const counter = await env.DEF.counter();
		await counter.add(1);
		await scheduler.wait(20);
		out.push(await counter.add(1));
		out.push(await env.DEF.twice((n) => n * 10));
		out.push(await env.DEF.bytes(new Uint8Array(9)));
		out.push(await new Response(await env.DEF.stream()).text());
		try { await env.DEF.fail() } catch (e) { out.push(e.name + e.message + e.code) }
		out.push(await env.ADMIN.who());
		out.push(await env.SELF.fetch("http://x/self").then((r) => r.text()).catch(String));
		return Response.json(out);
	}, }
	import { WorkerEntrypoint } from "cloudflare:workers";
	export class Me extends WorkerEntrypoint { fetch() { return new Response("me") } }`,
		version.Binding{Type: "service", Name: "DEF", Service: "b"},
		version.Binding{Type: "service", Name: "NAMED", Service: "b", Entrypoint: "default"},
		version.Binding{Type: "service", Name: "ADMIN", Service: "b", Entrypoint: "Admin", Props: json.RawMessage(`{"tenant":"t1"}`)},
		version.Binding{Type: "service", Name: "SELF", Service: "a", Entrypoint: "Me"},
	)
	r := apply(t, e, set(Worker{Name: "a", Version: caller}, Worker{Name: "b", Version: target}))
	if n := len(r.Workers[0].Throwers); n != 0 {
		t.Error(r.Workers[0].Throwers)
	}
	const want = `["fetched https://any/",3,7,5,2,100,9,"streamed","RangeErrorno7","t1","me"]`
	if got := get(t, e, "a", "http://x/"); got != want {
		t.Error(got)
	}
}

func TestBindingsInACircleEnd(t *testing.T) {
	e := testEngine(t, nil)
	apply(t, e, set(
		Worker{Name: "a", Version: code(`export default { async fetch(request, env) {
			const n = +(new URL(request.url).searchParams.get("n") ?? 0);
			if (n === 0) return env.B.fetch(request);
			return n === 1 ? new Response("round") : env.B.fetch("http://x/?n=" + (n - 1));
		} }`, version.Binding{Type: "service", Name: "B", Service: "b"})},
		Worker{Name: "b", Version: code(`export default { fetch: (request, env) => env.A.fetch(request) }`, version.Binding{Type: "service", Name: "A", Service: "a"})},
		Worker{Name: "self", Version: code(`import { WorkerEntrypoint } from "cloudflare:workers";
		export default class extends WorkerEntrypoint {
			async fetch() { return new Response(await this.env.SELF.deep(1)) }
			deep(n) { return this.env.SELF.deep(n + 1) }
		}`, version.Binding{Type: "service", Name: "SELF", Service: "self"})},
	))
	if got := get(t, e, "a", "http://x/?n=10"); got != "round" {
		t.Error(got)
	}
	for _, worker := range []string{"a", "self"} {
		var threw *ThrewError
		if _, _, err := ask(t, e, Call{Worker: worker}, "http://x/"); !errors.As(err, &threw) || !strings.Contains(threw.Message, "in a circle") {
			t.Error(worker, err)
		}
	}
	if got := get(t, e, "a", "http://x/?n=5"); got != "round" {
		t.Error(got)
	}
}

func TestABindingThatLeadsNowhereThrows(t *testing.T) {
	e := testEngine(t, nil)
	b := code(`export default {}`)
	b.Exports = []string{"default"}
	unknown := code(`export default {}`) // what it exports is not known: only the runtime can say
	v := code(`export default { async fetch(request, env) {
		const said = async (f) => { try { return await f() } catch (e) { return e.message } };
		return Response.json([
			await said(() => env.AUTH.fetch("http://x/")),
			await said(() => env.AUTH.verify("token").then((x) => x)),
			await said(() => env.AUTH.session().user.name()),
			await said(() => env.AI.run("model")),
			await said(() => env.BUCKET.get("key")),
			await said(() => new String(env.DB.connectionString) + ""),
			await said(() => env.ADMIN.who()),
			await said(() => env.UNKNOWN.who()),
			await said(() => env.GONE.fetch("http://x/")),
			await said(() => env.ROOM.idFromName("x")),
			await said(() => env.FILES.fetch("http://x/")),
			JSON.stringify(env.AUTH),
		]);
	} }`,
		version.Binding{Type: "service", Name: "AUTH", Service: "worker-b", At: "wrangler.jsonc:9"},
		version.Binding{Type: "ai", Name: "AI", At: "wrangler.jsonc:12"},
		version.Binding{Type: "r2_bucket", Name: "BUCKET"},
		version.Binding{Type: "hyperdrive", Name: "DB"},
		version.Binding{Type: "service", Name: "ADMIN", Service: "b", Entrypoint: "Admin", At: "wrangler.jsonc:10"},
		version.Binding{Type: "service", Name: "UNKNOWN", Service: "unknown", Entrypoint: "Admin"},
		version.Binding{Type: "service", Name: "GONE", Service: "broken"},
		version.Binding{Type: "durable_object_namespace", Name: "ROOM", ClassName: "Room", ScriptName: "b"},
		version.Binding{Type: "assets", Name: "FILES"},
	)
	r := e.Apply(t.Context(), set(
		Worker{Name: "a", Version: v}, Worker{Name: "b", Version: b}, Worker{Name: "unknown", Version: unknown},
		Worker{Name: "broken", Version: code(`syntax error`)},
	))
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	var got []string
	if err := json.Unmarshal([]byte(get(t, e, "a", "http://x/")), &got); err != nil {
		t.Fatal(err)
	}
	const auth = "AUTH -> worker-b is not in this world (wrangler.jsonc:9)"
	want := []string{
		auth, auth, auth,
		"AI -> nothing stands for a binding of type ai here (wrangler.jsonc:12)",
		"BUCKET -> nothing stands for a binding of type r2_bucket here",
		"DB -> nothing stands for a binding of type hyperdrive here",
		"ADMIN -> b has no entrypoint Admin, only default (wrangler.jsonc:10)",
		"UNKNOWN -> unknown has no entrypoint Admin",
		"GONE -> broken did not start: Uncaught SyntaxError: Unexpected identifier 'error'",
		"ROOM -> b has no Durable Object class Room in its migrations",
		"FILES -> the Worker has no assets",
		"{}",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	throwers := r.Workers[0].Throwers
	if len(throwers) != 9 || throwers[0] != (Thrower{Binding: "AUTH", Type: "service", Text: auth, At: "wrangler.jsonc:9"}) {
		t.Errorf("%d: %+v", len(throwers), throwers)
	}
	if err := r.Workers[3].Err; err == nil || !strings.Contains(err.Error(), "index.js:1:") {
		t.Error(err)
	}
}
