import { tide } from "./tide";
import { whoAsks, type AccessSettings } from "./access";

interface Env extends AccessSettings {}

// The API answers nobody whom Access has not let in, whichever hostname the request came by.
export default {
	async fetch(request, env): Promise<Response> {
		const asked = await whoAsks(request, env);
		if ("refused" in asked) {
			return Response.json({ error: asked.refused }, { status: asked.status });
		}
		const { pathname } = new URL(request.url);
		switch (pathname) {
			case "/":
				return Response.json({ tide: tide(new Date()), for: asked.name });
			case "/whoami":
				return Response.json({ name: asked.name, machine: asked.machine });
			default:
				return Response.json({ error: `nothing at ${pathname}` }, { status: 404 });
		}
	},
} satisfies ExportedHandler<Env>;
