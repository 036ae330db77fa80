// Takes what Workers logged and threw, and hands it to the engine. An event with neither is of no interest
// unless somebody asked for all of them.
export const asked = { all: false };

// Headers of requests are told without the engine's own.
function outward(key, value) {
  if (key !== "headers" || value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith("sundog-")));
}

export const Tail = {
  async tail(events, env, ctx) {
    const told = asked.all ? events : events.filter((e) => e.logs.length || e.exceptions.length || (e.outcome !== "ok" && e.outcome !== "canceled"));
    if (told.length) await env.engine.fetch("http://engine/", { method: "POST", body: JSON.stringify({ from: ctx.props, events: told }, outward) });
  },
};
