// Calls a Worker for the engine: a method with arguments, or its scheduled handler.
import { encode, decode } from "codec.js";

export const Call = {
  async fetch(request, env) {
    const { to, method, args, cron } = await request.json();
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
