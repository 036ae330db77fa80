package world

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/tunnelemu"
)

func TestQuirks(t *testing.T) {
	w := MustParse("quirks: {quic-drops-trailers: false, top-level-access-ignored: yes}\ntunnels: [{id: t, transport: none, config: {ingress: [{service: http_status:404}]}}]")
	got := map[string]bool{}
	for d := range w.All(KindQuirk) {
		q := d.Value.(*Quirk)
		got[d.Key.ID+" "+d.Mark.String()] = q.On
	}
	if diff := cmp.Diff(map[string]bool{"quic-drops-trailers sundog.yaml:1:31": false, "top-level-access-ignored sundog.yaml:1:64": true}, got); diff != "" {
		t.Error(diff)
	}
	for d := range w.All(KindTunnel) {
		if tr := d.Value.(*Tunnel).Transport; tr != "none" {
			t.Errorf("transport %q", tr)
		}
	}
	if w.Len() != 4 {
		t.Errorf("%d documents", w.Len())
	}
}

func TestQuirkErrors(t *testing.T) {
	_, err := Parse("f", []byte("quirks: {quic-drop-trailers: false, quic-needs-chunked: maybe}\ntunnels: [{id: t, transport: htpp2}]"), "")
	if err == nil {
		t.Fatal("no error")
	}
	got := strings.Split(err.Error(), "\n")
	for i, want := range [][]string{
		{`f:1:30: quirks.quic-drop-trailers: the unknown quirk "quic-drop-trailers"; allowed: one of `, `(did you mean "quic-drops-trailers"?)`},
		{`f:1:57: quirks.quic-needs-chunked: the text "maybe"; allowed: true or false`},
		{`f:2:30: tunnels[0].transport: the text "htpp2"; allowed: one of auto, quic, http2, none (did you mean "http2"?)`},
	} {
		for _, part := range want {
			if i >= len(got) || !strings.Contains(got[i], part) {
				t.Errorf("errors %q; want %q", got, part)
			}
		}
	}
}

// A quirk shows in a world where a tunnel's transport has it, or where quirks: says so.
func TestWorldQuirks(t *testing.T) {
	const rules = "config: {ingress: [{service: http_status:404}]}"
	w := MustParse(`quirks: {http2-joins-cookies: true, swallows-early-hints: false}
tunnels:
  - {id: a, name: one, transport: quic, ` + rules + `}
  - {id: b, transport: none, ` + rules + `}
  - {id: c, name: empty}`)
	got := map[string]WorldQuirk{}
	for _, q := range w.Quirks() {
		q.KnownQuirk = KnownQuirk{Name: q.Name}
		got[q.Name] = q
	}
	for _, want := range []WorldQuirk{
		{KnownQuirk: KnownQuirk{Name: "quic-drops-trailers"}, On: true, Tunnels: []string{"one"}},
		{KnownQuirk: KnownQuirk{Name: "http2-joins-cookies"}, On: true, Said: true, Where: "sundog.yaml:1:31", Tunnels: []string{"b", "one"}},
		{KnownQuirk: KnownQuirk{Name: "swallows-early-hints"}, Said: true, Where: "sundog.yaml:1:59"},
		{KnownQuirk: KnownQuirk{Name: "http2-chunks-empty-body"}},
		{KnownQuirk: KnownQuirk{Name: "top-level-access-ignored"}, On: true, Tunnels: []string{"b", "one"}},
	} {
		if diff := cmp.Diff(want, got[want.Name]); diff != "" {
			t.Error(diff)
		}
	}
}

// A tunnel is joined as the world says, else as its configuration says, else by QUIC.
func TestWay(t *testing.T) {
	for _, tt := range []struct{ transport, protocol, want string }{
		{"", "", "quic"}, {"auto", "http2", "quic"}, {"", "auto", "quic"}, {"", "http2", "http2"}, {"", "h2mux", "http2"}, {"none", "http2", "none"}, {"http2", "quic", "http2"},
	} {
		tunnel := &Tunnel{Transport: tt.transport, Config: &tunnelemu.Config{Settings: map[string]any{"protocol": tt.protocol}}}
		if got := tunnel.Way(); got != tt.want {
			t.Errorf("%+v: %s", tt, got)
		}
	}
	if got := new(Tunnel).Way(); got != "quic" {
		t.Error(got)
	}
}

// Everything about a quirk is said.
func TestKnownQuirks(t *testing.T) {
	all := KnownQuirks()
	if len(all) == 0 {
		t.Fatal("no quirk is known")
	}
	for _, q := range all {
		if q.Name == "" || q.What == "" || q.Source == "" {
			t.Errorf("%+v", q)
		}
	}
}

// The block that is ignored is found, with the quirk that it is and the report it is known from.
func TestIgnoredAccessIsFound(t *testing.T) {
	w, err := Parse("config.yml", []byte("tunnel: t\noriginRequest:\n  access: {required: true, teamName: acme, audTag: [a]}\ningress:\n  - {hostname: a.example.com, service: http://localhost:1}\n  - service: http_status:404\n"), "")
	if err != nil {
		t.Fatal(err)
	}
	got := lines(w.Findings())
	if len(got) != 1 || !strings.HasPrefix(got[0], "config.yml:3:3: ") || !strings.Contains(got[0], "cloudflared/issues/784") || !strings.Contains(got[0], "quirk top-level-access-ignored") {
		t.Errorf("findings %q", got)
	}
	for field, name := range quirkOf {
		if !slices.ContainsFunc(KnownQuirks(), func(q KnownQuirk) bool { return q.Name == name }) {
			t.Errorf("the finding about %s names the quirk %s, which does not exist", field, name)
		}
	}
}
