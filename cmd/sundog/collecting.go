package main

import (
	"os"
	"runtime/debug"
	"time"
)

// starting is how long a program that starts an edge has more to do than to tidy up.
const starting = time.Second

// collectLater lets the heap grow to 32 MB before garbage is first collected, while the program starts: a collection
// waits for the thread that starts the Workers runtime, and others wait for the collection. What $GOGC says goes before.
func collectLater() {
	if os.Getenv("GOGC") != "" {
		return
	}
	usual := debug.SetGCPercent(800)
	time.AfterFunc(starting, func() { debug.SetGCPercent(usual) })
}
