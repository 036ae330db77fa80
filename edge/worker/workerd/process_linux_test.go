package workerd

import (
	"testing"

	"golang.org/x/sys/unix"
)

// A thousand connections, which is what a process may have by itself on most machines, are few for all Workers.
func TestProcessOpensAsManyFilesAsItMay(t *testing.T) {
	var own unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &own); err != nil {
		t.Fatal(err)
	}
	few := own
	few.Cur = min(few.Cur, 256)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	defer unix.Setrlimit(unix.RLIMIT_NOFILE, &own)
	p, _, err := start(t, one(`export default { fetch() { return new Response("hi") } }`))
	if err != nil {
		t.Fatal(err)
	}
	var limit unix.Rlimit
	if err := unix.Prlimit(p.PID(), unix.RLIMIT_NOFILE, nil, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Cur != own.Max {
		t.Errorf("it may open %d files, and is allowed %d", limit.Cur, own.Max)
	}
}
