package edge

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/world"
)

// endings are those that the world's file asks for.
func (e *Edge) endings() accessemu.Endings {
	s := e.snap.Load().settings
	return accessemu.Endings{Seats: s.Seats, LogoutLatency: s.LogoutLatency, KeyRotation: s.KeyRotation}
}

// What Expire can end.
var expirable = []string{"session", "token", "otp", "key", "seat"}

// Expire ends what Access granted before its time. The error is an *admin.Refused.
func (e *Edge) Expire(x admin.Expiry) (admin.Expired, error) {
	done := admin.Expired{Expiry: x}
	email, known := accessemu.CanonicalEmail(x.Email)
	wants := x.What == "session" || x.What == "otp" || x.What == "seat"
	switch {
	case wants && x.Email == "":
		return done, &admin.Refused{Cause: "the e-mail address is missing", Mend: "say whose " + x.What + " is over"}
	case x.Email != "" && !known:
		return done, &admin.Refused{Cause: fmt.Sprintf("%q is no e-mail address", x.Email), Mend: "name one, as alice@example.com"}
	case x.What == "key" && x.Email != "":
		return done, &admin.Refused{Cause: "the signing key is the account's and nobody's", Mend: "leave the address out"}
	case x.URL != "" && x.What != "token":
		return done, &admin.Refused{Cause: "a URL chooses an application, and only tokens are of one", Mend: "leave it out, or expire the token"}
	case x.Nonce != "" && x.What != "otp":
		return done, &admin.Refused{Cause: "a nonce chooses a PIN", Mend: "leave it out"}
	}
	config := e.snap.Load().access
	done.Email = email
	switch x.What {
	case "session":
		if !e.access.LogOut(config, email) {
			return done, e.nobody(email, "nobody is signed in as "+email)
		}
		done.Did = "every session of " + email + " is over, in all applications"
		if late := e.endings().LogoutLatency; late > 0 {
			done.Did += "; tokens that applications hold open them for " + late.String() + " more"
		}
	case "token":
		return e.expireToken(config, done)
	case "otp":
		n := e.access.ExpireOTP(email, x.Nonce)
		if n == 0 {
			return done, e.nobody(email, "no PIN that still works was sent to "+email)
		}
		done.Did = fmt.Sprintf("%s sent to %s counts as too old", count(n, "PIN", "PINs"), email)
	case "key":
		if err := e.access.RotateKeys(); err != nil {
			return done, err
		}
		done.Did = "a new key signs from now on; the one before verifies for seven days more, and the one before that is gone"
	case "seat":
		if !e.access.RemoveSeat(config, email) {
			return done, e.nobody(email, email+" has no seat")
		}
		done.Did = "the seat of " + email + " is free; sessions stay, and the next sign-in takes a seat again"
	default:
		return done, &admin.Refused{Cause: fmt.Sprintf("%q cannot expire", x.What), Mend: "say one of " + strings.Join(expirable, ", ")}
	}
	return done, nil
}

func (e *Edge) expireToken(config *accessemu.Config, done admin.Expired) (admin.Expired, error) {
	if done.URL == "" {
		return done, &admin.Refused{Cause: "the URL is missing", Mend: "name one that the application guards: " + e.guardedURLs()}
	}
	g, err := e.guardedAt(done.URL)
	var refused *admin.Refused
	if errors.As(err, &refused) {
		refused.Mend = "name a URL of an application: " + e.guardedURLs()
	}
	if err != nil {
		return done, err
	}
	done.App = g.app.Name
	if done.Email == "" {
		e.access.RevokeApp(g.app)
		done.Did = "every token of " + g.app.Name + " is over; who is signed in gets a new one without a page"
		return done, nil
	}
	e.access.RevokeAppUser(config, g.app, done.Email)
	done.Did = "the tokens of " + done.Email + " for " + g.app.Name + " are over; a sign-in gets a new one without a page"
	return done, nil
}

// nobody names who could have been meant.
func (e *Edge) nobody(email, cause string) error {
	var there []string
	for _, seat := range e.access.Seats() {
		if seat.Email != email {
			there = append(there, seat.Email)
		}
	}
	if len(there) == 0 {
		return &admin.Refused{Cause: cause, Mend: "nobody else has signed in since this edge began"}
	}
	const most = 8
	text := strings.Join(there[:min(most, len(there))], ", ")
	if len(there) > most {
		text += fmt.Sprintf(" and %d more", len(there)-most)
	}
	return &admin.Refused{Cause: cause, Mend: "who has signed in since this edge began: " + text}
}

// guardedURLs are the applications of the world, by a URL of each.
func (e *Edge) guardedURLs() string {
	var list []string
	s := e.snap.Load()
	for _, doc := range s.inFileOrder(world.KindApp) {
		app, ok := s.access.App(doc.Key.ID)
		if !ok {
			continue
		}
		for _, domain := range s.destinations(app) {
			if url := "https://" + domain; !slices.Contains(list, url) {
				list = append(list, url)
			}
		}
	}
	if len(list) == 0 {
		return "this world has none"
	}
	const most = 8
	text := strings.Join(list[:min(most, len(list))], ", ")
	if len(list) > most {
		text += fmt.Sprintf(" and %d more", len(list)-most)
	}
	return text
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Users are who has signed in and holds a seat, by address.
func (e *Edge) Users() []admin.User {
	list := []admin.User{}
	config := e.snap.Load().access
	for _, seat := range e.access.Seats() {
		u := admin.User{UID: seat.UID, Email: seat.Email, Seat: true, Created: seat.Since.UTC().Truncate(time.Second), Last: seat.Last.UTC().Truncate(time.Second)}
		if p, ok := config.Person(seat.Email); ok {
			u.Name = p.Name
		}
		list = append(list, u)
	}
	return list
}

// SSHCA is the certificate authority of the application that guards a host, as a line for the file that
// sshd's TrustedUserCAKeys names.
func (e *Edge) SSHCA(address string) (admin.SSHCA, error) {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	g, err := e.guardedAt(address)
	var refused *admin.Refused
	if errors.As(err, &refused) {
		refused.Mend = "name a host of an application: " + e.guardedURLs()
	}
	if err != nil {
		return admin.SSHCA{}, err
	}
	key, err := e.access.SSHCA(g.app)
	return admin.SSHCA{App: g.app.Name, AUD: g.app.AUD, PublicKey: key}, err
}
