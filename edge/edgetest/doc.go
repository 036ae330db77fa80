// Package edgetest gives a Go test an edge of its own, as net/http/httptest gives it a
// server: in process, on no socket, and gone when the test ends.
//
//	func TestPublicNeedsLogin(t *testing.T) {
//		e := edgetest.New(t, "testdata/dual-endpoint")
//		e.Origin("http://localhost:8080", myHandler)
//		alice := e.Login(t, "alice@example.com")
//		resp, err := alice.Get("https://myservice.example.com/")
//		...
//	}
//
// The world is a folder or file as "sundog up" takes it, or a *world.World made in Go.
// Requests to its hosts go by the clients that an Edge hands out: Client knows nobody,
// and the clients of Login have gone through the login pages like a person, PIN
// included. What the world calls http://localhost:8080 is whatever Origin puts there,
// or, failing that, what really listens on this machine.
//
// A test that fails prints what its edge decided about every request. Time stands still
// until Clock.Advance moves it. All edges of a process share their signing keys, which
// are slow to make; edges share nothing else, and tests may run in parallel.
//
// Run runs scenario files (see package edge/script) as subtests.
package edgetest
