package worker

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

func TestStorage(t *testing.T) {
	dir := t.TempDir()
	v := code(`import { DurableObject } from "cloudflare:workers";
	export class Room extends DurableObject {
		async add(n) { const was = (await this.ctx.storage.get("n")) ?? 0; await this.ctx.storage.put("n", was + n); return was + n }
		sql() { return this.ctx.storage.sql.exec("select 7 as n").one().n }
	}
	export default { async fetch(request, env) {
		const room = env.ROOM.get(env.ROOM.idFromName("lobby"));
		const was = await env.KV.get("k");
		await env.KV.put("k", "stored", { metadata: { a: 1 } });
		await env.DB.exec("create table if not exists t (n integer)");
		await env.DB.prepare("insert into t values (?)").bind(1).run();
		return Response.json([was, (await env.KV.list()).keys.map((k) => [k.name, k.metadata]), await env.DB.prepare("select count(*) as n from t").first("n"), await room.add(1), await room.sql(), await env.UNNAMED.get("k")]);
	} }`,
		version.Binding{Type: "kv_namespace", Name: "KV", NamespaceID: "k1"},
		version.Binding{Type: "kv_namespace", Name: "UNNAMED"},
		version.Binding{Type: "d1", Name: "DB", ID: "d1"},
		version.Binding{Type: "durable_object_namespace", Name: "ROOM", ClassName: "Room"},
	)
	v.Classes = []version.Class{{Name: "Room", SQLite: true}}
	other := code(`export default { fetch: async (r, env) => Response.json(await env.ROOM.get(env.ROOM.idFromName("lobby")).add(10)) }`,
		version.Binding{Type: "durable_object_namespace", Name: "ROOM", ClassName: "Room", ScriptName: "a"})
	old := *v
	old.ID = "bbbbbbbb-0000-4000-8000-000000000000"
	world := set(Worker{Name: "a", Version: v, Others: []*version.Version{&old}}, Worker{Name: "b", Version: other})
	e := testEngine(t, func(o *Options) { o.Dir = dir })
	apply(t, e, world)
	if got := get(t, e, "a", "http://x/"); got != `[null,[["k",{"a":1}]],1,1,7,null]` {
		t.Error(got)
	}
	if got := get(t, e, "b", "http://x/"); got != "11" {
		t.Error("the object of another Worker: ", got)
	}
	if _, got, err := ask(t, e, Call{Worker: "a", Version: "bbbbbbbb"}, "http://x/"); err != nil || got != `["stored",[["k",{"a":1}]],2,12,7,null]` {
		t.Error("a preview has production's objects: ", got, err)
	}
	// All of it outlives the swap, and the engine.
	v2 := *v
	v2.ID = "cccccccc-0000-4000-8000-000000000000"
	apply(t, e, set(Worker{Name: "a", Version: &v2}, Worker{Name: "b", Version: other}))
	if got := get(t, e, "a", "http://x/"); !strings.HasPrefix(got, `["stored",`) || !strings.Contains(got, ",3,13,7,") {
		t.Error(got)
	}
	e.Close()
	e = testEngine(t, func(o *Options) { o.Dir = dir })
	apply(t, e, world)
	if got := get(t, e, "a", "http://x/"); !strings.Contains(got, ",4,14,7,") {
		t.Error(got)
	}
}

func TestQueuesDeliverInBatches(t *testing.T) {
	e := testEngine(t, nil)
	producer := code(`export default { async fetch(request, env) { await env.Q.sendBatch([{ body: 1 }, { body: { a: 2 } }]); await env.UNHEARD.send("x"); return new Response("sent") } }`,
		version.Binding{Type: "queue", Name: "Q", QueueName: "q1"}, version.Binding{Type: "queue", Name: "UNHEARD", QueueName: "q2"})
	consumer := code(`export default { async queue(batch) { console.log(batch.queue, batch.messages.map((m) => m.body)) } }`)
	consumer.Consumers = []version.Consumer{{Queue: "q1", MaxBatchSize: 2, MaxBatchTimeout: 1, MaxRetries: -1}}
	second := answers("second")
	second.Consumers = consumer.Consumers
	r := apply(t, e, set(Worker{Name: "p", Version: producer}, Worker{Name: "c", Version: consumer}, Worker{Name: "c2", Version: second}))
	if w := r.Workers[2].Warnings; len(w) == 0 || !strings.Contains(w[0], "q1 has a consumer already") {
		t.Error(w)
	}
	if got := get(t, e, "p", "http://x/"); got != "sent" {
		t.Fatal(got)
	}
	eventually(t, "the batch is delivered", func() bool { return len(e.Logs("c")) == 1 })
	if got := e.Logs("c")[0].Message; got != `q1 [1,{"a":2}]` {
		t.Error(got)
	}
}

func TestCronsAreTriggered(t *testing.T) {
	e := testEngine(t, nil)
	v := code(`export default { async scheduled(event, env, ctx) { console.log(event.cron); if (event.cron === "bad") throw new Error("no such job") } }`)
	v.Crons = []string{"*/5 * * * *"}
	apply(t, e, set(Worker{Name: "a", Version: v}, Worker{Name: "b", Version: answers("b")}))
	if err := e.Trigger(t.Context(), "a", "*/5 * * * *"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it ran", func() bool { return len(e.Logs("a")) == 1 })
	if got := e.Logs("a")[0].Message; got != "*/5 * * * *" {
		t.Error(got)
	}
	if err := e.Trigger(t.Context(), "a", "bad"); err == nil {
		t.Error("a job that throws is no error")
	}
	if err := e.Trigger(t.Context(), "b", "x"); err == nil || !strings.Contains(err.Error(), "scheduled") {
		t.Error(err)
	}
	if err := e.Trigger(t.Context(), "nobody", "x"); err == nil {
		t.Error("nobody is triggered")
	}
}

func TestAssets(t *testing.T) {
	e := testEngine(t, nil)
	files := []version.File{
		{Path: "/index.html", Content: []byte("<h1>home</h1>")}, {Path: "/app/s.css", Content: []byte("a{}")},
		{Path: "/404.html", Content: []byte("lost")}, {Path: "/_headers", Content: []byte("/app/*\n  X-Made: here\n")},
	}
	config := json.RawMessage(`{"not_found_handling":"404-page","run_worker_first":["/api/*"]}`)
	v := code(`import { WorkerEntrypoint } from "cloudflare:workers";
	export default class extends WorkerEntrypoint {
		async fetch(r) { return new Response("worker " + new URL(r.url).pathname + " " + (await (await this.env.ASSETS.fetch("http://x/app/s.css")).text())) }
		add(a, b) { return a + b }
	}`, version.Binding{Type: "assets", Name: "ASSETS"})
	v.Assets = &version.Assets{Files: files, Config: config}
	alone := &version.Version{ID: "dddddddd-0000-4000-8000-000000000000", CompatibilityDate: "2026-11-01", Assets: &version.Assets{Files: files}}
	caller := code(`export default { async fetch(r, env) { return new Response((await (await env.SITE.fetch("http://x/app/s.css")).text()) + (await env.SITE.add(1, 2))) } }`,
		version.Binding{Type: "service", Name: "SITE", Service: "site"})
	apply(t, e, set(Worker{Name: "site", Version: v}, Worker{Name: "alone", Version: alone}, Worker{Name: "caller", Version: caller}))
	for _, c := range []struct {
		worker, path string
		status       int
		body, kind   string
	}{
		{"site", "/", 200, "<h1>home</h1>", "text/html; charset=utf-8"},
		{"site", "/app/s.css", 200, "a{}", "text/css; charset=utf-8"},
		{"site", "/api/x", 200, "worker /api/x a{}", "text/plain;charset=UTF-8"},
		{"site", "/nosuch", 404, "lost", "text/html; charset=utf-8"},
		{"alone", "/", 200, "<h1>home</h1>", "text/html; charset=utf-8"},
		{"alone", "/nosuch", 404, "", ""},
		{"caller", "/", 200, "a{}3", "text/plain;charset=UTF-8"},
	} {
		res, body, err := ask(t, e, Call{Worker: c.worker}, "http://x"+c.path)
		if err != nil || res.StatusCode != c.status || body != c.body || res.Header.Get("Content-Type") != c.kind {
			t.Error(c, res.StatusCode, body, res.Header, err)
		}
		if c.path == "/app/s.css" && res.Header.Get("X-Made") != "here" {
			t.Error(res.Header)
		}
	}
	v.Assets.Files = append(v.Assets.Files, version.File{Path: "/../../out", Content: []byte("x")})
	if r := e.Apply(t.Context(), set(Worker{Name: "site", Version: v})); r.Err == nil && r.Workers[0].Err == nil {
		t.Error("an asset is written outside of its folder")
	}
}
