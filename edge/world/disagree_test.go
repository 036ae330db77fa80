package world

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/internal/fixtures"
)

const (
	idOne = "11111111-1111-4111-8111-111111111111"
	idTwo = "22222222-2222-4222-8222-222222222222"
)

// cloudflared's file and sundog's, or two lines of one, call a tunnel by different ids: both places
// are named.
func TestDisagreements(t *testing.T) {
	const rules = "\ningress: [{service: http_status:404}]\n"
	for _, test := range []struct {
		name, files string
		want        []string
	}{
		{"they agree", "-- sundog.yaml --\ntunnels: [{id: " + strings.ToUpper(idOne) + ", name: web, config_file: c.yml}]\n-- c.yml --\ntunnel: " + idOne + "\ncredentials-file: /x/" + idOne + ".json" + rules, nil},
		{"the file says the name", "-- sundog.yaml --\ntunnels: [{id: " + idOne + ", name: web, config_file: c.yml}]\n-- c.yml --\ntunnel: web" + rules, nil},
		{"a placeholder", "-- sundog.yaml --\ntunnels: [{id: abc123, name: web, config_file: c.yml}]\n-- c.yml --\ntunnel: YOUR_TUNNEL_ID\ncredentials-file: /path/to/credentials.json" + rules, nil},
		{"another id", "-- sundog.yaml --\ntunnels: [{id: " + idOne + ", config_file: c.yml}]\n-- c.yml --\ntunnel: " + idTwo + rules, []string{
			`c.yml:1:1: tunnel says "` + idTwo + `", and the tunnel that uses this file has the id "` + idOne + `" at sundog.yaml:1:16 (make them agree)`}},
		{"another tunnel's credentials", "-- sundog.yaml --\ntunnels: [{id: " + idOne + ", name: web, config_file: c.yml}]\n-- c.yml --\ntunnel: web\ncredentials-file: /x/" + idTwo + ".json" + rules, []string{
			`c.yml:2:1: credentials-file says "` + idTwo + `", and the tunnel that uses this file has the id "` + idOne + `" at sundog.yaml:1:16 (make them agree)`}},
		{"credentials of another tunnel, in one file", "-- config.yml --\ntunnel: " + idOne + "\ncredentials-file: C:\\x\\" + idTwo + ".json" + rules, []string{
			`config.yml:2:1: credentials-file is of the tunnel "` + idTwo + `", and tunnel says "` + idOne + `" at config.yml:1:1, so cloudflared cannot run it (make them agree)`}},
		{"the other tunnel's file", "-- sundog.yaml --\ntunnels: [{id: one, config_file: c.yml}, {id: two, config: {ingress: [{service: http_status:404}]}}]\n-- c.yml --\ntunnel: two" + rules, []string{
			`c.yml:1:1: tunnel says "two", which is another tunnel of this world, at sundog.yaml:1:47; the one that uses this file is "one" at sundog.yaml:1:16 (make them agree)`}},
		{"a team that nobody wrote", "-- sundog.yaml --\nteam: acme\naccess: {apps: [{domain: a.example.com, policies: [{decision: allow, include: [{everyone: {}}]}]}]}\n-- config.yml --\ntunnel: web\ningress:\n  - hostname: a.example.com\n    service: http://localhost:1\n    originRequest: {access: {required: true, teamName: other, audTag: [x]}}\n  - service: http_status:404\n", []string{
			`config.yml:5:46: teamName says "other", and the team of this world is "acme" at sundog.yaml:1:7, so no token passes (make them agree)`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := fixtures.Folder(t, test.files)
			w, err := Load(dir)
			if err != nil {
				t.Fatal(err)
			}
			got := lines(w.Findings())
			for i := range got {
				got[i] = strings.ReplaceAll(got[i], dir+"/", "")
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
