// Between Workers whose bindings lead in a circle: counts how often one request went round, by a header that a
// Worker passes on, and how many calls are open at once, for those that do not. The runtime itself would go round
// until the memory is full.
import { WorkerEntrypoint } from "cloudflare:workers";
import { events } from "events.js";

const rounds = 32;
const crowd = 512;
const open = new Map();

function tooDeep(name, why) {
  return new Error("The binding to " + name + " was refused: " + why + ". Bindings that lead in a circle call themselves here");
}

async function counted({ to, name }, call) {
  const n = open.get(to) ?? 0;
  if (n >= crowd) throw tooDeep(name, crowd + " calls are open at once");
  open.set(to, n + 1);
  try {
    return await call();
  } finally {
    open.set(to, open.get(to) - 1);
  }
}

export class Hop extends WorkerEntrypoint {
  constructor(ctx, env) {
    super(ctx, env);
    return new Proxy(this, {
      get(target, key) {
        if (key === "fetch") return (request) => target.fetch(request); // on the target: what the Proxy has is RPC
        if (typeof key === "symbol" || events.has(key)) return target[key];
        return (...args) => counted(ctx.props, () => env[ctx.props.to][key](...args));
      },
    });
  }

  fetch(request) {
    const hops = Math.max(Number(request.headers.get("sundog-hops")) || 0, 0) + 1;
    if (hops > rounds) throw tooDeep(this.ctx.props.name, "one request went through Workers more than " + rounds + " times");
    const next = new Request(request);
    // Whoever is in the circle may have been shown the name of the header that makes ctx.access where this leads.
    for (const name of [...next.headers.keys()]) if (name.startsWith("sundog-")) next.headers.delete(name);
    next.headers.set("sundog-hops", String(hops));
    return counted(this.ctx.props, () => this.env[this.ctx.props.to].fetch(next));
  }
}
