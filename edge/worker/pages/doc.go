// Package pages makes a version of a Worker out of a Pages project: a folder of static files, with
// functions beside them or a _worker.js among them.
//
//	project, err := pages.Load(config)       // a wrangler file with pages_build_output_dir
//	project, err := pages.Open(dir, "dist")  // without one
//	result, err := project.Build(ctx)        // result.Version runs on the engine like any other
//
// # What the version is
//
// Without code it has static files alone. With code, its one entrypoint runs for every request,
// asks the rules of _routes.json, and hands what they leave out to the static files, as the binding
// ASSETS of the project's own code does. So whoever runs the version needs to know nothing of Pages.
//
// functions/ is compiled as wrangler does it: functions/api/[id].ts answers /api/:id,
// [[path]].ts what is left below a folder, index.ts the folder, _middleware.ts runs before all in its
// subtree; onRequest, onRequestGet and so on are for every method or one. A _worker.js (a file, or a
// folder with an index.js) in the folder of static files takes the place of functions/.
//
// _headers, _redirects, 404.html, extensionless names and ETags are the runtime's own asset
// service's. Here the two files are read for what the platform would skip, which comes back as
// warnings with their lines.
//
// # What differs from the platform
//
//   - A name with .html is redirected by 307, where Pages says 308.
//   - The headers that Pages puts on every static file (Access-Control-Allow-Origin: *,
//     Referrer-Policy, X-Content-Type-Options) are there; one that several rules of _headers set is not.
//   - A 404.html in a folder counts only where there is one at the top, too.
//   - Early hints, and the days that old files stay reachable, are not modelled.
//   - import of "assets:…" (plugins) is refused by name.
package pages
