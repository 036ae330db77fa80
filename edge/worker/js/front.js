// The default entrypoint stands between a socket and a Worker: what the Worker throws becomes an answer that only the engine can read.
export default {
  async fetch(request, env, ctx) {
    try {
      return await env[ctx.props.to].fetch(request);
    } catch (e) {
      const told = { name: String(e?.name ?? "Error"), message: String(e?.message ?? e) };
      return new Response(null, { status: 500, headers: { "sundog-threw": env.mark + encodeURIComponent(JSON.stringify(told)) } });
    }
  },
};
