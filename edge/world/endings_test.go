package world

import (
	"strings"
	"testing"
	"time"
)

func TestEndings(t *testing.T) {
	for text, want := range map[string]any{
		"": Settings{Team: "acme", WorkersSubdomain: "acme"},
		"  seats: 3\n  logout_latency: 25s\n  key_rotation: 1008h\n": Settings{Team: "acme", WorkersSubdomain: "acme", Seats: 3, LogoutLatency: 25 * time.Second, KeyRotation: 1008 * time.Hour},
		"  seats: -1\n":           "access.seats: -1",
		"  seats: many\n":         "access.seats",
		"  logout_latency: 25\n":  `access.logout_latency: "25"`,
		"  logout_latency: 61m\n": `access.logout_latency: "61m"`,
		"  key_rotation: 0s\n":    `access.key_rotation: "0s"`,
		"  key_rotations: 1h\n":   `did you mean "key_rotation"`,
	} {
		w, err := Parse("sundog.yaml", []byte("team: acme\naccess:\n"+text), "")
		switch want := want.(type) {
		case string:
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %v, want %s", text, err, want)
			}
		case Settings:
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			got := w.Settings()
			if want.AccountID = got.AccountID; got != want {
				t.Errorf("%q: %+v", text, got)
			}
		}
	}
}
