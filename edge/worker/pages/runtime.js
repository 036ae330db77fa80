// What a compiled Pages project brings along. serve answers by functions, guard by a _worker.js.

const bodiless = new Set([101, 204, 205, 304]);

// The headers of a response from fetch cannot be written to; those of its copy can.
const copy = (response) => new Response(bodiless.has(response.status) ? null : response.body, response);

const squeeze = (path) => path.replace(/\/+/g, "/");

// matcher is of a regular expression and the names of its groups; [name] is a list of segments.
const matcher = ([source, names]) => {
  const expression = new RegExp(source, "i");
  return (path) => {
    const found = expression.exec(path);
    if (!found) return null;
    const params = Object.create(null);
    names.forEach((name, i) => {
      const value = found[i + 1];
      if (value === undefined) return;
      if (Array.isArray(name)) params[name[0]] = value.split("/");
      else params[name] = value;
    });
    return { path: found[0], params };
  };
};

// How much of path, with its repeated slashes, is the prefix that was matched without them.
const unsqueezed = (path, prefix) => {
  let end = 0;
  for (const letter of prefix) {
    end++;
    if (letter === "/") while (path[end] === "/") end++;
  }
  return path.slice(0, end);
};

// runs is whether the rules want code for a path; no rules: they do.
const runs = (rules) => {
  if (!rules) return () => true;
  const include = rules.include.map((source) => new RegExp(source));
  const exclude = rules.exclude.map((source) => new RegExp(source));
  return (path) => !exclude.some((e) => e.test(path)) && include.some((e) => e.test(path));
};

const pathOf = (request) => new URL(request.url).pathname;

export const serve = (table, rules) => {
  const wanted = runs(rules);
  const routes = table.map((r) => ({
    ...r, within: matcher(r.within), mount: matcher(r.mount), exact: matcher(r.exact),
  }));

  // chain is what runs for a request: middleware from the outside in, then one route's functions.
  const chain = (method, path) => {
    const steps = [];
    const flat = squeeze(path);
    for (const r of routes.toReversed()) {
      if (r.middlewares.length === 0 || (r.method && r.method !== method)) continue;
      const found = r.within(path) ?? r.within(flat);
      if (!found) continue;
      const straight = r.mount(path);
      const mounted = straight ?? r.mount(flat);
      if (!mounted) continue;
      const functionPath = straight ? straight.path : unsqueezed(path, mounted.path);
      for (const handler of r.middlewares.flat()) steps.push({ handler, params: found.params, functionPath });
    }
    for (const r of routes) {
      if (r.modules.length === 0 || (r.method && r.method !== method)) continue;
      const found = r.exact(path);
      if (!found || !r.mount(path)) continue;
      for (const handler of r.modules.flat()) steps.push({ handler, params: found.params, functionPath: found.path });
      break;
    }
    return steps;
  };

  return {
    async fetch(original, env, ctx) {
      const path = pathOf(original);
      if (!wanted(path)) return env.ASSETS.fetch(original);
      const steps = chain(original.method, path);
      let request = original;
      let data = {};
      let failOpen = false;
      let step = 0;

      const next = async (input, init) => {
        if (input !== undefined) {
          request = new Request(typeof input === "string" ? new URL(input, request.url).toString() : input, init);
        }
        if (step >= steps.length) return copy(await env.ASSETS.fetch(request));
        const { handler, params, functionPath } = steps[step++];
        const response = await handler({
          request: new Request(request.clone()),
          functionPath,
          next,
          params,
          env,
          get data() {
            return data;
          },
          set data(value) {
            if (typeof value !== "object" || value === null) throw new Error("context.data must be an object");
            data = value;
          },
          waitUntil: ctx.waitUntil.bind(ctx),
          passThroughOnException: () => {
            failOpen = true;
          },
        });
        if (!(response instanceof Response)) throw new Error("Your Pages function should return a Response");
        return copy(response);
      };

      try {
        return await next();
      } catch (error) {
        if (!failOpen) throw error;
        return copy(await env.ASSETS.fetch(request));
      }
    },
  };
};

export const guard = (worker, rules) => {
  const wanted = runs(rules);
  return {
    ...(typeof worker === "object" ? worker : {}),
    fetch(request, env, ctx) {
      if (!wanted(pathOf(request))) return env.ASSETS.fetch(request);
      if (typeof worker === "function") return new worker(ctx, env).fetch(request);
      if (typeof worker?.fetch !== "function") throw new TypeError("_worker.js has no fetch() in its default export");
      return worker.fetch(request, env, ctx);
    },
  };
};
