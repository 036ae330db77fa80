// Package worker runs Workers on workerd, all of a world in one process, and swaps that process for the next one
// without losing a request.
//
// An [Engine] takes a [Set] of Workers and makes it what runs ([Engine.Apply]); it sends requests into them
// ([Engine.Serve]), and hands everything that they fetch and connect to to Options.Outbound, which learns from
// [CallerOf] whose request it is. It knows no hosts, no Access and no world: those are the edge's.
//
//	e := worker.New(worker.Options{Outbound: handler})
//	report := e.Apply(ctx, worker.Set{Workers: []worker.Worker{{Name: "api", Version: v}}})
//	err := e.Serve(w, r, worker.Call{Worker: "api"})
//
// # What runs
//
// A Worker's code is a version.Version, made elsewhere. Bindings that have something behind them here work: text,
// JSON, secrets, other Workers (fetch and RPC, entrypoints, props), KV, D1, Durable Objects, queues, assets, VPC
// services and networks, version metadata. Any other binding, and one whose target is missing, lets the Worker
// start and throws once it is used; [Outcome].Throwers lists them.
//
// # When something is wrong
//
// The runtime refuses to start when one Worker is broken. The engine reads whom it blames, serves the last version
// of that Worker that ran, or none, and starts the others. A process that ends by itself is started again, and one
// whose thread is held by a Worker is killed and started again; requests that come meanwhile wait.
//
// # Sockets
//
// Requests go in by one unix socket for each way into a Worker, and come out by one for each Worker, all in a
// private folder; which socket a request came out of says whose it is, so nothing can be forged by a header. What a
// Worker answers is marked on its socket, which tells it from what the runtime answers in the place of one that threw. Every
// process has sockets of its own: a connection never ends up at another process than the one that it was made for.
// On Windows the sockets are ports of the loopback interface.
//
// # Go
//
// A Worker may be Go code (Worker.Go): an http.Handler takes its fetch(), exported methods are RPC methods, called by
// their name but for the case of its letters. Their first argument may be a context.Context, their last result an
// error. [Engine.Worker] is the other direction. Across the line fetch() is whole; RPC carries JSON, bytes ([]byte) and
// dates (time.Time), and refuses functions, streams and classes by name.
//
// # Not modelled
//
// The runtime enforces no limits of CPU time and memory. One request may go 32 times through service bindings that
// lead in a circle (512 calls may be open at once there, if a Worker does not pass the header on that counts); other
// bindings are not counted. The runtime shows a Worker the header that ctx.access is made of; it has another name in
// every Worker, so that no other can set it.
// A Worker whose code a dev server runs has no RPC, and Workers written in Go have the default entrypoint alone.
package worker
