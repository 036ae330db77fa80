// The desk asks the Worker "sessions" in both ways that a service binding has.
import type Sessions from "../../auth/src/index";
import type { Keeper } from "../../auth/src/index";

interface Env {
	SESSIONS: Service<typeof Sessions>;
	KEEPER: Service<typeof Keeper>;
	VISITOR: Service<typeof Keeper>;
}

const said = (err: unknown) => {
	const e = err as Error & { code?: string };
	return { name: e.name, message: e.message, code: e.code };
};

export default {
	async fetch(request, env): Promise<Response> {
		const url = new URL(request.url);
		const id = url.searchParams.get("session") ?? "";
		switch (url.pathname) {
			case "/fetch": {
				// The host is for the target to read; it is not looked up.
				const answer = await env.SESSIONS.fetch(`https://sessions.internal/check?session=${encodeURIComponent(id)}`);
				return new Response(await answer.text(), { status: answer.status });
			}
			case "/rpc":
				return Response.json({ session: await env.SESSIONS.checkSession(id) });
			case "/rpc-error":
				return Response.json(await env.SESSIONS.requireSession(id).catch(said));
			case "/callback": {
				const ids: string[] = [];
				const count = await env.SESSIONS.eachSession(async (s) => void ids.push(s.id));
				return Response.json({ count, ids });
			}
			case "/stream":
				return new Response(await env.SESSIONS.logbook());
			case "/revoke":
				return Response.json(await env.KEEPER.revoke(id));
			case "/revoke-as-visitor":
				return Response.json(await env.VISITOR.revoke(id).catch(said));
			case "/count": {
				using counting = await env.KEEPER.counting();
				return Response.json([await counting.next(), await counting.next(), await counting.next()]);
			}
			default:
				return Response.json({ error: "ask for /fetch, /rpc, /rpc-error, /callback, /stream, /revoke or /count" }, { status: 404 });
		}
	},
} satisfies ExportedHandler<Env>;
