// index.ts
function fails(word) {
  throw new TypeError("kaboom " + word);
}
var index_default = {
  async fetch(request, env, ctx) {
    return console.log("hello", { a: [1] }, 2), console.error("careful:", new Error("logged")), request.url.endsWith("/later") ? (ctx.waitUntil(Promise.reject(new Error("too late"))), new Response("ok")) : fails(env.WORD);
  }
};
export {
  index_default as default
};
