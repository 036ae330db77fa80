package run

import (
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"+24h": 24 * time.Hour, "90m": 90 * time.Minute, "+3d": 72 * time.Hour, "1w": 168 * time.Hour,
		"+1w2d3h4s": (9*24+3)*time.Hour + 4*time.Second, "1.5h": 90 * time.Minute, "36500d": 36500 * 24 * time.Hour,
	} {
		if got, err := ParseDuration(in); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "+", "yesterday", "-3d", "3d-1h", "d", "3", "0h", "0d", "2d1w", "1h2d", "++1h", "+-1h", "99999w99999d", "106751d24h", "99999999d", "2562047h48m"} {
		if got, err := ParseDuration(in); err == nil {
			t.Errorf("%q is %v", in, got)
		}
	}
}

func TestFormatDuration(t *testing.T) {
	for want, in := range map[string]time.Duration{"24h": 24 * time.Hour, "1h30m": 90 * time.Minute, "10m": 10 * time.Minute, "10s": 10 * time.Second, "0s": 0, "1h0m5s": time.Hour + 5*time.Second, "20h": 20 * time.Hour} {
		if got := FormatDuration(in); got != want {
			t.Errorf("%v: %s, want %s", in, got, want)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"+24h", "3d", "1w2d3h", "99999w", "-1h", "1e9h", "d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := ParseDuration(s); err == nil && d <= 0 {
			t.Errorf("%q is %v", s, d)
		}
	})
}
