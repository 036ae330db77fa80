package world

import "testing"

func TestNearest(t *testing.T) {
	names := []string{"team", "zones", "tunnels", "config_file", "workers_subdomain"}
	for _, test := range []struct{ name, want string }{
		{"teams", "team"}, {"taem", "team"}, {"Team", "team"}, {"zone", "zones"}, {"tunels", "tunnels"},
		{"configFile", "config_file"}, {"config-file", "config_file"}, {"xyzzy", ""}, {"", ""}, {"t", ""},
	} {
		if got := nearest(test.name, names); got != test.want {
			t.Errorf("nearest(%q) = %q, want %q", test.name, got, test.want)
		}
	}
}
