// Package workerd runs the Workers runtime: it writes what the process is to
// be as a [Config], starts it, waits until it listens, and says which service
// is to blame when it does not start.
//
//	path, err := workerd.Find(dirs...)
//	p, err := workerd.Start(ctx, workerd.Command{Path: path, Dir: private, Config: config, Sockets: addresses})
//	var failed *workerd.StartError      // .Faults: one for every service that is at fault
//	defer p.Stop(5 * time.Second)
//
// The config goes to the process's stdin as a Cap'n Proto message, and is left beside it as text for whoever wants to
// read it. [Launch] starts a process before there is one, as loading the program takes a third of a start. A binary
// that may be older than the message's schema gets the text.
//
// It knows the runtime's own words only (services, sockets, bindings), and nothing
// of versions, worlds or edges. One process holds any number of Workers; a fault in
// one keeps the whole process from starting, so callers start a candidate beside what
// runs and swap when it is ready.
package workerd
