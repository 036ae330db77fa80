// A Worker that a dev server runs: it takes fetch(), and says so to those who call a method.
import { WorkerEntrypoint } from "cloudflare:workers";
import { events } from "events.js";

export class Server extends WorkerEntrypoint {
  constructor(ctx, env) {
    super(ctx, env);
    return new Proxy(this, {
      get(target, key) {
        if (key === "fetch") return (request) => env[ctx.props.to].fetch(request);
        if (typeof key === "symbol" || events.has(key)) return target[key];
        return async () => { throw new TypeError(ctx.props.text); };
      },
    });
  }
}
