package run

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// days are what Go's durations have no unit for, in front of the rest: "3d", "1w2d", "1d12h".
var days = regexp.MustCompile(`^(?:(\d{1,5})w)?(?:(\d{1,5})d)?(.*)$`)

var errDuration = errors.New("want a time to go forward by, as +24h, +3d or +1h30m")

// ParseDuration reads a time to go forward by: a duration as Go has it, in front of which days
// (d) and weeks (w) of 24 hours may stand, and before all of it a +.
func ParseDuration(s string) (time.Duration, error) {
	m := days.FindStringSubmatch(strings.TrimPrefix(s, "+"))
	if m == nil || m[1]+m[2]+m[3] == "" {
		return 0, errDuration
	}
	const day = 24 * time.Hour
	var sum time.Duration
	for _, part := range []struct {
		digits string
		unit   time.Duration
	}{{m[1], 7 * day}, {m[2], day}} {
		if part.digits == "" {
			continue
		}
		n, err := strconv.Atoi(part.digits)
		if err != nil || time.Duration(n) > (1<<63-1-sum)/part.unit {
			return 0, errDuration
		}
		sum += time.Duration(n) * part.unit
	}
	if rest := m[3]; rest != "" {
		d, err := time.ParseDuration(rest)
		if err != nil || strings.ContainsAny(rest, "+-") || d > 1<<63-1-sum {
			return 0, errDuration
		}
		sum += d
	}
	if sum <= 0 {
		return 0, errDuration
	}
	return sum, nil
}

// FormatDuration is a duration without the units that are zero at its end: "24h", not "24h0m0s".
func FormatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
