// Package origin is the small web service behind Access that sound-origin and weak-origin
// share. They differ in how they find out who is asking.
package origin

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"
)

// Validator says whose token it is.
type Validator func(ctx context.Context, token string) (email string, err error)

// New makes a validator of what an origin is configured with.
type New func(teamDomain, aud string, client *http.Client) Validator

// Handler greets whom the validator accepts, and answers 403 to everybody else.
func Handler(validate Validator) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tokens := r.Header["Cf-Access-Jwt-Assertion"]
		err := errors.New("not exactly one token")
		email := ""
		if len(tokens) == 1 {
			email, err = validate(r.Context(), tokens[0])
		}
		w.Header().Set("Content-Type", "application/json")
		if err != nil {
			w.WriteHeader(http.StatusForbidden)
			_ = json.NewEncoder(w).Encode(map[string]string{"error": "forbidden"})
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"hello": email, "at": time.Now().Format(time.RFC3339Nano)})
	})
}

// Main is the command. With -await it waits until another one answers, and ends.
func Main(name string, validator New) {
	log.SetFlags(0)
	log.SetPrefix(name + ": ")
	listen := flag.String("listen", "unix:origin.sock", "host:port, or unix:PATH")
	team := flag.String("team-domain", os.Getenv("TEAM_DOMAIN"), "issuer of the tokens")
	aud := flag.String("aud", os.Getenv("POLICY_AUD"), "audience tag of the application")
	await := flag.Bool("await", false, "wait until an origin answers there, and end")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	network, address := "tcp", *listen
	if path, ok := strings.CutPrefix(*listen, "unix:"); ok {
		network, address = "unix", path
	}
	run := func() error { return serve(ctx, network, address, Handler(validator(*team, *aud, http.DefaultClient))) }
	if *await {
		run = func() error { return dial(ctx, network, address) }
	}
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func serve(ctx context.Context, network, address string, h http.Handler) error {
	l, err := net.Listen(network, address)
	if err != nil {
		return err
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// dial waits for a listener.
func dial(ctx context.Context, network, address string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		var d net.Dialer
		conn, err := d.DialContext(ctx, network, address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("nobody listens at %s: %w", address, err)
		case <-again.C:
		}
	}
}
