// Package bundle makes the modules of a Worker out of a project folder, as wrangler does when it
// deploys: with esbuild, in this process.
//
//	result, err := bundle.Build(ctx, config)
//	var problems bundle.Errors
//	if errors.As(err, &problems) {
//		for _, p := range problems {
//			fmt.Println(p.Detail()) // src/index.ts:3:15: Could not resolve "jose" …
//		}
//	}
//
// What comes out is a [version.Version]: the config's own, with the modules, the source map of the
// main module and the names that it exports. The same files give the same bytes.
//
// # What is as in wrangler
//
//   - TypeScript, JSX (in .js, .mjs and .cjs, too), tsconfig.json, package exports under the
//     conditions workerd, worker and browser; one ES module comes out, with its names kept.
//   - process.env.NODE_ENV is "production", navigator.userAgent is "Cloudflare-Workers", and what
//     the config defines.
//   - Rules: .txt, .html and .sql are strings, .bin is an ArrayBuffer, .wasm a WebAssembly.Module,
//     the user's rules come first. The file becomes a module of its own, named by its SHA-1.
//   - alias, minify, keep_names, no_bundle, find_additional_modules, base_dir.
//   - Built-in modules of Node.js stay imports of the runtime, bare names become node: ones.
//
// # What is not
//
//   - A built-in module of Node.js that the compatibility date does not have is taken from the
//     project's unenv (wrangler brings it). Without one, it is a module that throws when it is used,
//     saying which date has it. Either is a warning. The replacements that unenv has for packages of
//     npm and for globals of old dates (process, console) are not used: the packages themselves and
//     the runtime's globals are.
//   - A static import of node: without nodejs_compat is an error here, with its place; the platform
//     refuses the upload.
//   - Service-worker syntax and Python are refused by name.
//
// # From one process to the next
//
// A [Builder] with a Cache keeps each build in a file: modules, source map, exports, warnings, and the inputs with
// their size, time and hash. A build is taken from there while every input is as it was and no name came into or left the
// folders of the user's own, and says so (Result.Cached). What is not seen is a file elsewhere that comes before an
// input, or a package that a link leads to now: call Afresh and build once more when there is time.
package bundle
