// A Worker whose exceptions are to be found in this file, not in what is made of it.
interface Env {
	WORD: string;
}

function fails(word: string): never {
	throw new TypeError("kaboom " + word);
}

export default {
	async fetch(request: Request, env: Env, ctx: ExecutionContext) {
		console.log("hello", { a: [1] }, 2);
		console.error("careful:", new Error("logged"));
		if (request.url.endsWith("/later")) {
			ctx.waitUntil(Promise.reject(new Error("too late")));
			return new Response("ok");
		}
		return fails(env.WORD);
	},
};
