// A Worker written in Go: fetch() goes to its handler, any other method to the Go method of that name.
import { WorkerEntrypoint } from "cloudflare:workers";
import { events } from "events.js";
import { encode, decode, thrown } from "codec.js";

export default class extends WorkerEntrypoint {
  constructor(ctx, env) {
    super(ctx, env);
    return new Proxy(this, {
      get(target, key) {
        if (key === "fetch") return (request) => target.fetch(request); // on the target: what the Proxy has is RPC
        if (typeof key === "symbol" || events.has(key)) return target[key];
        return async (...args) => {
          const sent = args.map((a, i) => encode(a, "argument " + (i + 1) + " of " + key));
          const response = await env.call.fetch("http://engine/", { method: "POST", body: JSON.stringify({ method: key, args: sent }) });
          const { value, error } = await response.json();
          if (error) throw thrown(error);
          return decode(value);
        };
      },
    });
  }

  fetch(request) {
    if (!this.env.handles) throw new TypeError("The Go Worker " + this.env.name + " is no http.Handler: it does not take fetch()");
    return this.env.fetch.fetch(request);
  }
}
