package world

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sundog-edge/sundog/accessemu"
)

func TestDualEndpoint(t *testing.T) {
	w, err := Load("../../testdata/dual-endpoint")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string(nil), lines(w.Findings())); diff != "" {
		t.Errorf("findings:\n%s", diff)
	}
	var keys []string
	for d := range w.All("") {
		keys = append(keys, string(d.Key.Kind)+" "+d.Mark.String())
	}
	const file = "../../testdata/dual-endpoint/sundog.yaml"
	want := []string{
		"settings " + file + ":2:1",
		"zone " + file + ":5:5",
		"dns_record " + file + ":8:9",
		"dns_record " + file + ":7:9",
		"tunnel " + file + ":11:5",
		"access_app " + file + ":19:7",
		"client " + file + ":28:12",
	}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Errorf("documents:\n%s", diff)
	}
	for d := range w.All(KindTunnel) {
		v := d.Value.(*Tunnel)
		if v.ID != "abc123" || v.Config.Tunnel != "YOUR_TUNNEL_ID" || len(v.Config.Ingress) != 3 || !isUUID(v.UUID) {
			t.Errorf("tunnel: %+v", v)
		}
		if got, want := d.At("config.ingress[1].service").String(), "../../testdata/dual-endpoint/cloudflared/config.yml:15:5"; got != want {
			t.Errorf("At = %s, want %s", got, want)
		}
	}
	for d := range w.All(KindApp) {
		v := d.Value.(*accessemu.Application)
		if len(v.AUD) != 64 || !isUUID(v.ID) || !isUUID(v.Policies[0].ID) {
			t.Errorf("application: %+v", v)
		}
		if got, want := d.At("policies[0].include[0].email.email").String(), file+":25:30"; got != want {
			t.Errorf("At = %s, want %s", got, want)
		}
		if got, want := d.At("policies[0].require[0]").String(), file+":22:11"; got != want {
			t.Errorf("At = %s, want %s", got, want)
		}
	}
	if s := w.Settings(); s.Team != "acme" || len(s.AccountID) != 32 {
		t.Errorf("settings: %+v", s)
	}
}

func lines(fs []Finding) []string {
	var s []string
	for _, f := range fs {
		s = append(s, f.String())
	}
	return s
}
