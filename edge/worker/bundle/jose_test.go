package bundle_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
)

// joseWorker verifies Access tokens, as the guides of the platform have it.
const joseWorker = `
-- src/index.ts --
import { createRemoteJWKSet, jwtVerify } from "jose";

export interface Env { POLICY_AUD: string; TEAM_DOMAIN: string }

export default {
	async fetch(request: Request, env: Env): Promise<Response> {
		const token = request.headers.get("cf-access-jwt-assertion");
		if (!token) return new Response("Missing Access token", { status: 403 });
		const keys = createRemoteJWKSet(new URL(env.TEAM_DOMAIN + "/cdn-cgi/access/certs"));
		const { payload } = await jwtVerify(token, keys, { issuer: env.TEAM_DOMAIN, audience: env.POLICY_AUD });
		return Response.json({ ok: true, email: payload.email });
	},
};
`

func jose(t testing.TB) *wrangler.Config {
	dir := npm(t)
	c := project(t, joseWorker)
	if err := os.Symlink(dir, filepath.Join(c.Dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestJose(t *testing.T) {
	r := build(t, jose(t))
	code := mainModule(r)
	contains(t, code, "jose/dist/webapi/")
	if strings.Contains(code, "\nimport ") {
		t.Error("jose has no imports under these conditions")
	}
	if len(r.Warnings) != 0 || len(r.Version.Modules) != 1 {
		t.Errorf("warnings %v, %d modules", r.Warnings, len(r.Version.Modules))
	}
	contains(t, strings.Join(r.Inputs, "\n"), filepath.Join("jose", "package.json"))
}

func BenchmarkBuildJose(b *testing.B) {
	c := jose(b)
	b.Run("cold", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := bundle.Build(context.Background(), c); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("warm", func(b *testing.B) {
		var builder bundle.Builder
		defer builder.Close()
		b.ReportAllocs()
		for b.Loop() {
			if _, err := builder.Build(context.Background(), c); err != nil {
				b.Fatal(err)
			}
		}
	})
}
