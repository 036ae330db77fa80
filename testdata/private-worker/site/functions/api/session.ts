interface Env {
	SESSIONS: { checkSession(id: string): Promise<unknown> };
}

// A service binding of a Pages project.
export const onRequestGet: PagesFunction<Env> = async ({ request, env }) =>
	Response.json({ session: await env.SESSIONS.checkSession(new URL(request.url).searchParams.get("id") ?? "") });
