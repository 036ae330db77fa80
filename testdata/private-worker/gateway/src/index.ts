interface Env {
	GAUGE: Fetcher;
}

// The gateway is as public as Access makes it; the gauge behind it is in nobody's DNS.
export default {
	async fetch(request, env): Promise<Response> {
		const { pathname, search } = new URL(request.url);
		try {
			// Scheme, path and query count. Where the service is, the binding says; the host is what it gets to see.
			const answer = await env.GAUGE.fetch(`http://gauge.pier.internal${pathname}${search}`);
			return new Response(answer.body, { status: answer.status, headers: { "Content-Type": answer.headers.get("Content-Type") ?? "text/plain" } });
		} catch (err) {
			return Response.json({ gauge: String(err) }, { status: 502 });
		}
	},
} satisfies ExportedHandler<Env>;
