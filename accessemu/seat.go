package accessemu

import (
	"cmp"
	"slices"
	"time"
)

// Seat is a person who has signed in since the State began, or since the seat was removed.
type Seat struct {
	UID   string    // of the person: the subject of the tokens
	Email string    // canonical
	Since time.Time // of the first sign-in
	Last  time.Time // of the newest
}

// Seats are those that are taken, in the order of the addresses.
func (s *State) Seats() []Seat {
	s.mu.Lock()
	list := make([]Seat, 0, len(s.seats.entries))
	for _, seat := range s.seats.entries {
		list = append(list, seat)
	}
	s.mu.Unlock()
	slices.SortFunc(list, func(a, b Seat) int { return cmp.Compare(a.Email, b.Email) })
	return list
}

// RemoveSeat frees the seat of a person, and tells whether there was one. It ends no session and
// bars nobody: the next sign-in takes a seat again, if there is one.
func (s *State) RemoveSeat(c *Config, email string) bool {
	email, _ = canonicalEmail(email)
	uid := subjectOf(c.account, email)
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.seats.get(uid)
	s.seats.drop(uid)
	return ok
}

// takeSeat gives a person who signs in a seat, and tells whether there was one. The caller holds mu.
func (s *State) takeSeat(uid, email string) bool {
	seat, ok := s.seats.get(uid)
	if most := s.endings.Load().Seats; !ok && most > 0 && len(s.seats.entries) >= most {
		return false
	}
	now := s.now()
	if !ok {
		seat = Seat{UID: uid, Email: email, Since: now}
	}
	seat.Last = now
	s.seats.put(uid, seat)
	return true
}
