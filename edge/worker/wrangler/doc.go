// Package wrangler reads what a Worker's project says about itself: wrangler.json, wrangler.jsonc or
// wrangler.toml, with its environments, and the local secrets beside it.
//
//	file, looked, err := wrangler.Find("my-api")
//	cfg, findings, err := wrangler.Load(file, wrangler.Options{Env: "staging"})
//	stub := wrangler.Module("worker-b", "testdata/worker-b.js")
//
// A [Config] is one environment with everything resolved: what it inherits and what it does not, the
// defaults that depend on routes, vars overridden by .dev.vars or .env. Its Version has what an upload
// would say beside the code.
//
// # Errors and findings
//
// All that is wrong is reported at once, as [Errors]. What wrangler warns of, or passes over, is a
// finding: a key that nobody knows, vars that an environment does not inherit, a line of .dev.vars that
// is none. Both have the place, what is there, what may be there, and a hint. Values of local secrets
// are in neither.
//
// # Local secrets
//
// .dev.vars.<env>, else .dev.vars; with neither, .env, .env.local, .env.<env> and .env.<env>.local, of
// which later ones win, with $NAME and ${NAME} replaced. secrets.required keeps out what it does not
// name. CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV=false switches the .env files off;
// CLOUDFLARE_INCLUDE_PROCESS_ENV=true puts the environment's values in place of those that the files
// or vars give. The rest of the environment never becomes a secret here, which is where this differs
// from wrangler.
//
// # Not modelled
//
// build.command is not run, Workers Sites and cloudflare.config.ts are not read, Python modules are
// refused by name: each is said.
package wrangler
