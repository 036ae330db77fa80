// Calls a Worker for the engine: a method with arguments, or its scheduled handler. It also hears whether the tail
// is to tell everything.
import { asked } from "tail.js";
import { encode, decode } from "codec.js";

export const Call = {
  async fetch(request, env) {
    const { to, method, args, cron, all } = await request.json();
    if (all !== undefined) {
      asked.all = all;
      return Response.json({});
    }
    try {
      if (cron !== undefined) {
        const { outcome } = await env[to].scheduled({ scheduledTime: new Date(), cron });
        if (outcome !== "ok") throw new Error("the scheduled handler ended with the outcome " + outcome);
        return Response.json({});
      }
      return Response.json({ value: encode(await env[to][method](...args.map(decode)), "the result of " + method) });
    } catch (e) {
      return Response.json({ error: { name: String(e?.name ?? "Error"), message: String(e?.message ?? e) } });
    }
  },
};
