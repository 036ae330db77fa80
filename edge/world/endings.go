package world

import (
	"strconv"
	"time"
)

// endings reads when what Access grants ends, keys that the real API does not have.
func (d *draft) endings(dec *decoder, at placed, a access, s *Settings) {
	if s.Seats = a.Seats; a.Seats < 0 {
		place := at.key("seats")
		dec.report(place.node, Error{Field: place.path.String(), Found: strconv.Itoa(a.Seats), Allowed: "how many people may have signed in; 0 is no limit"})
	}
	for _, one := range []struct {
		name, text string
		least      time.Duration
		into       *time.Duration
		allowed    string
	}{
		{"logout_latency", a.LogoutLatency, 0, &s.LogoutLatency, "a duration of an hour at most, as 25s"},
		{"key_rotation", a.KeyRotation, time.Second, &s.KeyRotation, "a duration of a second or more, as 1008h"},
	} {
		if one.text == "" {
			continue
		}
		v, err := time.ParseDuration(one.text)
		if err != nil || v < one.least || one.into == &s.LogoutLatency && v > time.Hour {
			place := at.key(one.name)
			dec.report(place.node, Error{Field: place.path.String(), Found: quote(one.text), Allowed: one.allowed})
			continue
		}
		*one.into = v
	}
}
