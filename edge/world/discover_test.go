package world

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

// summary says what a world holds, a line for each document, and then its
// findings.
func summary(w *World, dir string) string {
	var b []string
	for d := range w.All("") {
		line := ""
		switch v := d.Value.(type) {
		case *Settings:
			line = "team " + v.Team
		case *dnsemu.Zone:
			line = "zone " + v.Name
		case *Record:
			ref, _ := tunnelOf(v)
			if isUUID(ref) {
				ref = "tunnel"
			}
			line = v.Type + " " + v.Name + " " + ref
		case *Tunnel:
			line = "tunnel"
			if !isUUID(v.ID) {
				line += " " + v.ID
			}
			if v.Name != "" {
				line += " (" + v.Name + ")"
			}
			if v.Config != nil {
				line += " " + strings.TrimPrefix(filepath.ToSlash(strings.TrimPrefix(v.ConfigFile, dir)), "/")
			}
		default:
			line = string(d.Key.Kind)
		}
		if d.Inferred {
			line += " (inferred)"
		}
		b = append(b, line)
	}
	slices.Sort(b[1:])
	for _, f := range w.Findings() {
		b = append(b, "! "+strings.ReplaceAll(filepath.ToSlash(f.String()), filepath.ToSlash(dir)+"/", ""))
	}
	return strings.Join(b, "\n") + "\n"
}

const twoHosts = `
ingress:
  - {hostname: a.example.com, service: http://localhost:1}
  - {hostname: "*.b.example.co.uk", service: http://localhost:2}
  - {service: http_status:404}
`

func TestFolders(t *testing.T) {
	for _, test := range []struct{ name, files, want string }{
		{"bare config", "-- config.yml --\ntunnel: YOUR_TUNNEL_ID" + twoHosts, `team example
CNAME *.b.example.co.uk your_tunnel_id (inferred)
CNAME a.example.com your_tunnel_id (inferred)
tunnel YOUR_TUNNEL_ID config.yml (inferred)
zone example.co.uk (inferred)
zone example.com (inferred)
`},
		{"bare config in its folder", "-- .cloudflared/config.yaml --\ntunnel: 6ff42ae2-765d-4adf-8112-31c55c1551ef" + twoHosts, `team example
CNAME *.b.example.co.uk tunnel (inferred)
CNAME a.example.com tunnel (inferred)
tunnel .cloudflared/config.yaml (inferred)
zone example.co.uk (inferred)
zone example.com (inferred)
`},
		{"config without a tunnel", "-- cloudflared/config.yml --\n" + twoHosts, `team example
CNAME *.b.example.co.uk tunnel (inferred)
CNAME a.example.com tunnel (inferred)
tunnel (sundog) cloudflared/config.yml (inferred)
zone example.co.uk (inferred)
zone example.com (inferred)
`},
		{"sundog.yaml comes first", "-- sundog.json --\n{}\n-- sundog.yaml --\nteam: first\n", "team first\n"},
		{"sundog.json", "-- sundog.json --\n{\"team\": \"second\"}\n", "team second\n"},
		{"no tunnels beside a config", "-- sundog.yaml --\nteam: acme\n-- config.yml --\ntunnel: web" + twoHosts, `team acme
CNAME *.b.example.co.uk web (inferred)
CNAME a.example.com web (inferred)
tunnel web config.yml (inferred)
zone example.co.uk (inferred)
zone example.com (inferred)
`},
		{"no tunnels on purpose", "-- sundog.yaml --\nteam: acme\ntunnels: []\n-- config.yml --\ntunnel: web" + twoHosts, `team acme
! config.yml:1:1: no tunnel uses this file (name it as config_file of a tunnel)
`},
		{"zones without records", "-- sundog.yaml --\nzones: [{name: example.com}]\n-- config.yml --\ntunnel: web" + twoHosts, `team example
CNAME a.example.com web (inferred)
tunnel web config.yml (inferred)
zone example.com
! config.yml:4:5: the host "*.b.example.co.uk" lies in no zone, so no request reaches this rule (add its zone and a proxied CNAME record to web.cfargotunnel.com)
`},
		{"records to a placeholder", "-- sundog.yaml --\nzones: [{name: example.com, records: [{type: CNAME, name: a, content: abc123.cfargotunnel.com, proxied: true}]}]\n-- config.yml --\ntunnel: YOUR_TUNNEL_ID\ningress: [{hostname: a.example.com, service: http://localhost:1}, {service: http_status:404}]\n", `team example
CNAME a.example.com abc123
tunnel abc123 config.yml (inferred)
zone example.com
`},
		{"one tunnel and one config", "-- sundog.yaml --\ntunnels: [{id: abc123}]\n-- cloudflared/config.yml --\ntunnel: YOUR_TUNNEL_ID" + twoHosts, `team example
CNAME *.b.example.co.uk abc123 (inferred)
CNAME a.example.com abc123 (inferred)
tunnel abc123 cloudflared/config.yml
zone example.co.uk (inferred)
zone example.com (inferred)
`},
		{"two tunnels, the file says which", "-- sundog.yaml --\ntunnels: [{id: one}, {id: two, name: web}]\n-- config.yml --\ntunnel: web\ningress: [{service: http_status:404}]\n", `team sundog
tunnel one
tunnel two (web) config.yml
! sundog.yaml:1:11: the tunnel "one" has no configuration, so nothing answers for it (give it config_file or config)
`},
		{"two tunnels, one named file each", "-- sundog.yaml --\ntunnels: [{id: one, config_file: 1.yml}, {id: two, config_file: sub/2.yml}]\n-- 1.yml --\ningress: [{service: http_status:404}]\n-- sub/2.yml --\ningress: [{service: http_status:404}]\n-- config.yml --\nunrelated: true\n", `team sundog
tunnel one 1.yml
tunnel two sub/2.yml
`},
		{"a file that says it is another tunnel's", "-- sundog.yaml --\ntunnels: [{id: one}, {id: two, config: {ingress: [{service: 'http_status:404'}]}}]\n-- config.yml --\ntunnel: two\ningress: [{service: http_status:404}]\n", `team sundog
tunnel one
tunnel two 
! config.yml:1:1: no tunnel uses this file (name it as config_file of a tunnel)
! sundog.yaml:1:11: the tunnel "one" has no configuration, so nothing answers for it (give it config_file or config)
`},
		{"another program's config.yml", "-- sundog.yaml --\nteam: acme\n-- config.yml --\ntitle: my blog\n", "team acme\n"},
		{"host below no registrable domain", "-- config.yml --\ntunnel: t\ningress: [{hostname: intranet, service: http://localhost:1}, {service: http_status:404}]\n", `team sundog
tunnel t config.yml (inferred)
! config.yml:2:11: no zone can be made for the host "intranet", which is not below a registrable domain (write the zone in sundog.yaml)
`},
		{"team of the organization", "-- sundog.yaml --\naccess: {organization: {auth_domain: acme.cloudflareaccess.com}}\n", "team acme\naccess_organization\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := fixtures.Folder(t, test.files)
			w, err := Load(dir)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, summary(w, dir)); diff != "" {
				t.Error(diff)
			}
			if w.Dir() != dir {
				t.Errorf("Dir() = %q", w.Dir())
			}
		})
	}
}

func TestNothingFound(t *testing.T) {
	dir := t.TempDir()
	_, err := Load(dir)
	want := dir + ": nothing to run; allowed: one of"
	for _, f := range []string{"sundog.yaml", "sundog.json", "config.yml", "config.yaml", "cloudflared/config.yml", "cloudflared/config.yaml", ".cloudflared/config.yml", ".cloudflared/config.yaml", "wrangler.json", "wrangler.jsonc", "wrangler.toml"} {
		want += " " + filepath.Join(dir, filepath.FromSlash(f)) + ","
	}
	want = strings.TrimSuffix(want, ",") + " (name a file, or write a sundog.yaml)"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestOtherEnding(t *testing.T) {
	dir := fixtures.Folder(t, "-- sundog.yml --\nteam: a\n-- config.yml --\ntunnel: t\n")
	if _, err := Load(dir); err == nil || err.Error() != filepath.Join(dir, "sundog.yml")+": the name sundog.yml; allowed: sundog.yaml or sundog.json (rename it)" {
		t.Errorf("got %v", err)
	}
}

// A world that does not load says which files to watch until it does.
func TestFilesOfBrokenWorld(t *testing.T) {
	dir := fixtures.Folder(t, "-- sundog.yaml --\nteam: [\n-- config.yml --\ntunnel: t\ningress: [{service: http_status:404, servce: x}]\n")
	w, err := Load(dir)
	if err == nil || w.Len() != 0 || len(w.Findings()) != 1 {
		t.Errorf("%v, %d documents, findings %v", err, w.Len(), w.Findings())
	}
	if diff := cmp.Diff([]string{filepath.Join(dir, "sundog.yaml"), filepath.Join(dir, "config.yml")}, w.Files()); diff != "" {
		t.Error(diff)
	}
}

func TestFilesRead(t *testing.T) {
	dir := fixtures.Folder(t, "-- ci.yaml --\ntunnels: [{id: a, config_file: x/t.yml}]\n-- x/t.yml --\ntunnel: z\ncredentials-file: /does/not/exist.json\ningress: [{service: http_status:404}]\n")
	w, err := Load(filepath.Join(dir, "ci.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{filepath.Join(dir, "ci.yaml"), filepath.Join(dir, "x", "t.yml")}, w.Files()); diff != "" {
		t.Error(diff)
	}
}

func TestConfigFileErrors(t *testing.T) {
	dir := fixtures.Folder(t, "-- sundog.yaml --\ntunnels: [{id: a, config_file: nope.yml}, {id: b, config_file: sub}]\n-- sub/x --\n")
	_, err := Load(dir)
	want := filepath.Join(dir, "sundog.yaml") + `:1:32: tunnels[0].config_file: the file "` + filepath.Join(dir, "nope.yml") + `", which cannot be read: no such file or directory (the name is relative to "` + dir + `")` + "\n" +
		filepath.Join(dir, "sundog.yaml") + `:1:64: tunnels[1].config_file: the file "` + filepath.Join(dir, "sub") + `", which cannot be read: a folder (the name is relative to "` + dir + `")`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if _, err := Parse("sundog.yaml", []byte("tunnels: [{id: a, config_file: /etc/passwd}]"), ""); err == nil || !strings.Contains(err.Error(), "where no file can be read") {
		t.Errorf("a file named where none can be read: %v", err)
	}
}
