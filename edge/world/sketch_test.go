package world

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

// What is inferred of a file, written down and loaded, is the same world.
func TestSketchIsTheSameWorld(t *testing.T) {
	const id = "6ff42ae2-765d-4adf-8112-31c55c1551ef"
	for _, test := range []struct{ name, config string }{
		{"a name", "tunnel: shop\ningress: [{hostname: app.example.com, service: http://localhost:1}, {service: http_status:404}]"},
		{"an id", "tunnel: " + id + "\ningress: [{hostname: app.example.com, service: http://localhost:1}, {service: http_status:404}]"},
		{"a name, and credentials", "tunnel: shop\ncredentials-file: /root/.cloudflared/" + id + ".json\ningress: [{hostname: app.example.com, service: http://localhost:1}, {service: http_status:404}]"},
		{"neither", "ingress: [{hostname: app.example.com, service: http://localhost:1}, {service: http_status:404}]"},
		{"a name that is no part of one", "tunnel: my shop\ningress: [{hostname: app.example.com, service: http://localhost:1}, {service: http_status:404}]"},
		{"a placeholder", "tunnel: YOUR_TUNNEL_ID\ningress: [{hostname: app.example.com, service: http://localhost:1}, {service: http_status:404}]"},
		{"several zones, an apex, wildcards, private suffixes", `tunnel: t
ingress:
  - {hostname: example.com, service: http://localhost:1}
  - {hostname: www.example.co.uk, service: http://localhost:1}
  - {hostname: "*.b.example.com", service: http://localhost:1}
  - {hostname: me.github.io, service: http://localhost:1}
  - {hostname: "*.me.github.io", service: http://localhost:1}
  - {hostname: Grüße.Example.com, service: http://localhost:1}
  - {hostname: example.com.example.com, service: http://localhost:1}
  - {hostname: intranet, service: http://localhost:1}
  - {hostname: "*", service: http://localhost:1}
`},
		{"words that YAML reads otherwise", "tunnel: 'yes'\ningress: [{hostname: 'on.example.com', service: http://localhost:1}, {hostname: '123.example.com', service: http://localhost:1}, {service: http_status:404}]"},
		{"a team of its own", "tunnel: t\ningress: [{hostname: a.example.com, service: http://localhost:1, originRequest: {access: {required: true, teamName: acme, audTag: [" + strings.Repeat("a", 64) + "]}}}, {service: http_status:404}]"},
		{"no host", "tunnel: t\ningress: [{service: http://localhost:1}]"},
	} {
		for _, protected := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, protected %v", test.name, protected), func(t *testing.T) {
				dir := fixtures.Folder(t, "-- cloudflared/config.yml --\n"+test.config+"\n")
				inferred, err := Load(dir)
				if err != nil {
					t.Fatal(err)
				}
				var guards []Protection
				if hosts := inferred.hosts(); protected && len(hosts) > 0 {
					if guards, err = inferred.Protect(hosts[:1], []string{"alice@example.com", "@example.org"}); err != nil {
						t.Fatal(err)
					}
				}
				text := inferred.Sketch(dir, guards)
				if again := inferred.Sketch(dir, guards); again != text {
					t.Error("the text is another the second time")
				}
				if err := os.WriteFile(filepath.Join(dir, "sundog.yaml"), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				written, err := Load(dir)
				if err != nil {
					t.Fatalf("%v\n%s", err, text)
				}
				if filepath.Base(written.Files()[0]) != "sundog.yaml" {
					t.Fatalf("read %v", written.Files())
				}
				want := meaning(inferred)
				for _, g := range guards {
					want = append(want, "access_app "+g.Host+" [alice@example.com @example.org]")
				}
				if diff := cmp.Diff(want, meaning(written)); diff != "" {
					t.Errorf("%s\n%s", diff, text)
				}
			})
		}
	}
}

// meaning is what documents say, without where and how it is written.
func meaning(w *World) (list []string) {
	for doc := range w.All("") {
		switch v := doc.Value.(type) {
		case *accessemu.Application:
			var who []string
			for _, r := range v.Policies[0].Include {
				switch r := r.Value.(type) {
				case accessemu.EmailRule:
					who = append(who, r.Email)
				case accessemu.EmailDomainRule:
					who = append(who, "@"+r.Domain)
				}
			}
			list = append(list, fmt.Sprintf("access_app %s %v", v.Domain, who))
			continue
		case *Tunnel:
			list = append(list, fmt.Sprintf("tunnel %s %s %s %s, %d rules", v.ID, v.Name, v.UUID, v.Config.File, len(v.Config.Ingress)))
			continue
		}
		list = append(list, fmt.Sprintf("%v %+v", doc.Key, doc.Value))
	}
	return list
}

func TestSketchText(t *testing.T) {
	dir := fixtures.Folder(t, "-- config.yml --\ntunnel: t\ningress: [{hostname: a.example.com, service: http://localhost:1, originRequest: {access: {required: true, teamName: acme, audTag: ["+strings.Repeat("a", 64)+"]}}}, {hostname: '*.example.com', service: http://localhost:1}, {service: http_status:404}]\n-- compose.yaml --\n")
	w, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	guards, err := w.Protect([]string{"A.example.com.", "a.example.com", "b.example.com/admin"}, []string{"alice@example.com", "alice@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	want := `# The world of this project, as far as config.yml tells it. sundog init wrote it;
# from now on it is yours. sundog check says what is wrong with it.

# The team: people log in at https://acme.cloudflareaccess.com.
team: acme

# The zones, and the records that lead their hosts to a tunnel. Names are relative to
# the zone; @ is the zone itself.
zones:
  - name: example.com
    records:
      - {type: CNAME, name: a, content: t.cfargotunnel.com, proxied: true, ttl: 1}
      - {type: CNAME, name: "*", content: t.cfargotunnel.com, proxied: true, ttl: 1}

# The tunnels. Each is routed in process by the rules of its file, as cloudflared would.
tunnels:
  - id: t
    config_file: config.yml

# Where the services are containers, their published ports say where each is on this
# machine.
# origins_from: compose.yaml

# Who may enter. A host without an application is public: anyone enters, without a login.
access:
  apps:
    - name: a.example.com
      domain: a.example.com
      aud: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa # the audience tag that is checked already
      policies:
        - name: Who may enter
          decision: allow
          include:
            - email: {email: alice@example.com}
    - name: b.example.com/admin
      domain: b.example.com/admin
      policies:
        - name: Who may enter
          decision: allow
          include:
            - email: {email: alice@example.com}
`
	if diff := cmp.Diff(want, w.Sketch(dir, guards)); diff != "" {
		t.Error(diff)
	}
}

func TestProtectSaysAllThatIsWrong(t *testing.T) {
	w := MustParse("zones: [{name: example.com, records: [{type: A, name: app, content: 192.0.2.1, proxied: true}, {type: A, name: db, content: 192.0.2.2}]}]")
	_, err := w.Protect([]string{"ap.example.com", "https://app.example.com", "app.example.com:443", "db.example.com", "other.test"}, []string{"alice", "a@b@c", "@com", "a b@example.com", "bob@"})
	want := strings.Join([]string{
		`"ap.example.com" is no host of this world (did you mean "app.example.com"?)`,
		`"https://app.example.com" is a URL; allowed: a host, as app.example.com, and a path behind it`,
		`"app.example.com:443" names the port 443; allowed: a host without one, as Access has no ports`,
		`"db.example.com" is no host of this world (did you mean "app.example.com"?)`,
		`"other.test" is no host of this world (its hosts are app.example.com)`,
		`"alice" has no @; allowed: an address, as alice@example.com, or @example.com for all of a domain`,
		`"a@b@c" has more than one @; allowed: an address, as alice@example.com, or @example.com for all of a domain`,
		`"@com" is all of a public suffix; allowed: an address, as alice@example.com, or @example.com for all of a domain`,
		`"a b@example.com" has characters that no address has; allowed: an address, as alice@example.com, or @example.com for all of a domain`,
		`"bob@" has no domain behind the @; allowed: an address, as alice@example.com, or @example.com for all of a domain`,
	}, "\n")
	if err == nil || err.Error() != want {
		t.Error(cmp.Diff(want, fmt.Sprint(err)))
	}
}
