package worker

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

func TestWhatAWorkerSees(t *testing.T) {
	e := testEngine(t, nil)
	v := code(`export default { async fetch(request, env, ctx) {
		return Response.json({
			url: request.url, cf: request.cf, access: ctx.access && { aud: ctx.access.aud, identity: await ctx.access.getIdentity() },
			text: env.TEXT, secret: env.SECRET, json: env.JSON, version: env.META.id,
			headers: Object.fromEntries(request.headers),
		}, { headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"]] });
	} }`,
		version.Binding{Type: "plain_text", Name: "TEXT", Text: "tell \"me\"\n\\ ☃ \x01"},
		version.Binding{Type: "plain_text", Name: "SECRET", Text: "the version's"},
		version.Binding{Type: "json", Name: "JSON", JSON: json.RawMessage(`{"a":[1,{"b":null}]}`)},
		version.Binding{Type: "version_metadata", Name: "META"},
	)
	apply(t, e, set(Worker{Name: "api", Version: v, Secrets: []version.Binding{{Type: "secret_text", Name: "SECRET", Text: "put by itself"}}}))
	call := Call{Worker: "api", CF: []byte("{\n\"colo\":\"DÜS\"}"), Access: &Access{AUD: "tag", Claims: json.RawMessage(`{"email":"alice@example.com","name":"Zoë ☃"}`)}}
	res, body, err := ask(t, e, call, "http://api.example.com/a//b%2Fc?q=1;2", func(r *http.Request) {
		r.Header.Set("X-Forwarded-Proto", "https")
		r.Header.Set("X-Forwarded-For", "203.0.113.9")
		r.Header.Set("Sundog-Cf", `{"colo":"forged"}`)
		r.Header.Set("Sundog-Scheme", `http`)
	})
	if err != nil {
		t.Fatal(err)
	}
	var saw map[string]any
	if err := json.Unmarshal([]byte(body), &saw); err != nil {
		t.Fatal(err, body)
	}
	headers := saw["headers"].(map[string]any)
	delete(saw, "headers")
	want := map[string]any{
		"url": "https://api.example.com/a//b%2Fc?q=1;2", "cf": map[string]any{"colo": "DÜS"},
		"access": map[string]any{"aud": "tag", "identity": map[string]any{"email": "alice@example.com", "name": "Zoë ☃"}},
		"text":   "tell \"me\"\n\\ ☃ \x01", "secret": "put by itself", "version": v.ID,
		"json": map[string]any{"a": []any{float64(1), map[string]any{"b": nil}}},
	}
	if d := cmp.Diff(want, saw); d != "" {
		t.Error(d)
	}
	if headers["x-forwarded-for"] != "203.0.113.9" || headers["x-forwarded-proto"] != "https" || headers["sundog-scheme"] != nil {
		t.Error(headers)
	}
	if d := cmp.Diff([]string{"a=1", "b=2"}, res.Header["Set-Cookie"]); d != "" {
		t.Error(d)
	}
	if _, body, _ := ask(t, e, Call{Worker: "api"}, "http://api.example.com/"); !strings.Contains(body, `"access":undefined`) && strings.Contains(body, `"access"`) {
		t.Error("ctx.access without Access: ", body)
	}
}

func TestStatusesWithoutABody(t *testing.T) {
	e := testEngine(t, nil)
	apply(t, e, set(Worker{Name: "api", Version: code(`export default { fetch(request) {
		const status = +new URL(request.url).pathname.slice(1);
		return new Response(status === 200 ? "body" : null, { status, headers: { "x-a": "b" } });
	} }`)}))
	s := server(t, e, Call{Worker: "api"})
	for _, c := range []struct{ method, path string }{{"HEAD", "/200"}, {"GET", "/204"}, {"GET", "/304"}, {"GET", "/500"}} {
		r, _ := http.NewRequestWithContext(t.Context(), c.method, s.URL+c.path, nil)
		res, err := s.Client().Do(r)
		if err != nil {
			t.Fatal(c, err)
		}
		res.Body.Close()
		if got := res.Status[:3]; got != c.path[1:] || res.Header.Get("X-A") != "b" {
			t.Error(c, res.Status, res.Header)
		}
	}
}

func TestAWorkerThatThrows(t *testing.T) {
	e := testEngine(t, nil)
	apply(t, e, set(
		Worker{Name: "api", Version: code(`export default { fetch(request) {
			if (request.url.endsWith("/hang")) return new Promise(() => {});
			if (request.url.endsWith("/none")) return "no response";
			if (request.url.endsWith("/lie")) return new Response("x", { headers: { "sundog-threw": "%7B%7D" } });
			throw new TypeError("kaboom ☃");
		} }`)},
		Worker{Name: "rpc", Version: code(`export default {}`)},
	))
	res, body, err := ask(t, e, Call{Worker: "api"}, "http://x/")
	var threw *ThrewError
	if !errors.As(err, &threw) || *threw != (ThrewError{"api", "TypeError", "kaboom ☃"}) || body != "" || len(res.Header) > 0 {
		t.Error(err, body, res.Header)
	}
	if _, _, err := ask(t, e, Call{Worker: "api"}, "http://x/none"); !errors.As(err, &threw) {
		t.Error(err)
	}
	var hung *HungError
	if _, _, err := ask(t, e, Call{Worker: "api"}, "http://x/hang"); !errors.As(err, &hung) {
		t.Error(err)
	}
	if _, body, err := ask(t, e, Call{Worker: "api"}, "http://x/lie"); err != nil || body != "x" {
		t.Error("a Worker speaks for the engine: ", err)
	}
	if _, _, err := ask(t, e, Call{Worker: "rpc"}, "http://x/"); !errors.As(err, &threw) || !strings.Contains(threw.Message, "fetch") {
		t.Error(err)
	}
}

func TestVersionsAndAliases(t *testing.T) {
	e := testEngine(t, nil)
	is := func(id, alias string) *version.Version {
		v := code(`export default { fetch: () => new Response("` + id[:8] + `") }; export const other = { fetch: () => new Response("other") };`)
		v.ID, v.Annotations = id, map[string]string{"workers/alias": alias}
		return v
	}
	main, old := is("aaaaaaaa-0000-4000-8000-000000000000", ""), is("bbbbbbbb-0000-4000-8000-000000000000", "staging")
	apply(t, e, set(Worker{Name: "api", Version: main, Others: []*version.Version{main, old}, Entrypoints: []string{"other", "nosuch"}}))
	for _, c := range []struct {
		call Call
		want string
	}{
		{Call{Worker: "api"}, "aaaaaaaa"},
		{Call{Worker: "api", Version: "aaaaaaaa"}, "aaaaaaaa"},
		{Call{Worker: "api", Version: "bbbbbbbb"}, "bbbbbbbb"},
		{Call{Worker: "api", Version: "bbbbbbbb-0000-4000-8000-000000000000"}, "bbbbbbbb"},
		{Call{Worker: "api", Alias: "staging"}, "bbbbbbbb"},
		{Call{Worker: "api", Entrypoint: "default"}, "aaaaaaaa"},
		{Call{Worker: "api", Entrypoint: "other"}, "other"},
	} {
		if _, body, err := ask(t, e, c.call, "http://x/"); err != nil || body != c.want {
			t.Errorf("%+v: %q, %v", c.call, body, err)
		}
	}
	for _, call := range []Call{{Worker: "nobody"}, {Worker: "api", Version: "cccccccc"}, {Worker: "api", Alias: "no"}, {Worker: "api", Entrypoint: "nosuch"}} {
		var missing *NotFoundError
		if _, _, err := ask(t, e, call, "http://x/"); !errors.As(err, &missing) {
			t.Errorf("%+v: %v", call, err)
		}
	}
}

func TestTheNewestVersionsAreServed(t *testing.T) {
	var others []*version.Version
	for i := range 15 {
		v := answers("old")
		v.ID, v.Number = fmt.Sprintf("%08x-0000-4000-8000-000000000000", i), i
		others = append(others, v, v)
	}
	list := newest(others, others[28])
	if len(list) != maxOthers || list[0].Number != 13 || list[9].Number != 4 {
		t.Error(len(list), list[0].Number)
	}
}
