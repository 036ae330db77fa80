// Command origin is a small web service: the backend that stands behind both
// hostnames of the dual-endpoint pattern. It knows nothing of the edge, and shows what
// the edge tells it.
//
//	GET /          who the edge says you are: a page for browsers, text for the rest
//	GET /health    {"status":"ok"}
//	GET /api/data  the same facts as JSON
//	GET /stream    one JSON object a line, as they are made; ?n=5&every=200ms
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// grace is how long requests under way may take to end.
const grace = 3 * time.Second

func main() {
	log.SetFlags(0)
	log.SetPrefix("origin: ")
	listen := flag.String("listen", "127.0.0.1:8080", "host:port to listen on; port 0 takes a free one")
	quiet := flag.Bool("quiet", false, "do not log requests")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "origin: there are no arguments, but %q was given\n", flag.Args())
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	l, err := open(*listen)
	if err != nil {
		log.Fatal(err)
	}
	h := handler(time.Now)
	if !*quiet {
		h = logged(h)
	}
	log.Printf("listening on http://%s", l.Addr())
	if err := run(ctx, l, h); err != nil {
		log.Fatal(err)
	}
}

func open(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		err = fmt.Errorf("%s is taken by another program; end that one, or give another address with -listen and name it in config.yml", addr)
	}
	return l, err
}

// run serves until ctx ends, and then lets requests under way end.
func run(ctx context.Context, l net.Listener, h http.Handler) error {
	// Streams end with the server, not with their own last line.
	requests, endRequests := context.WithCancel(context.WithoutCancel(ctx))
	defer endRequests()
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return requests },
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	endRequests()
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	return srv.Shutdown(bounded)
}

func logged(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		log.Printf("%s %s for %s", r.Method, r.URL.RequestURI(), r.Host)
		h.ServeHTTP(w, r)
	})
}
