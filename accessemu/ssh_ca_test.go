package accessemu

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func (w *world) sign(t *testing.T, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequest("POST", "https://"+team+signPath, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := w.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

func TestSSHCertificates(t *testing.T) {
	w := newWorld(t)
	a, _ := w.config.App("app-a")
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(jwt string) string {
		text, err := json.Marshal(signRequest{authorizedKey(key), jwt, "https://" + team})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	token := w.token(alice)
	status, body := w.sign(t, ask(token))
	var answer signAnswer
	if err := json.Unmarshal([]byte(body), &answer); status != 200 || err != nil {
		t.Fatalf("%d %s", status, body)
	}
	line, err := w.state.SSHCA(a)
	if err != nil {
		t.Fatal(err)
	}
	ca, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	parsed, _, _, _, err := ssh.ParseAuthorizedKey([]byte(answer.Certificate))
	if err != nil {
		t.Fatal(err)
	}
	cert, ok := parsed.(*ssh.Certificate)
	if !ok {
		t.Fatalf("%T", parsed)
	}
	checker := ssh.CertChecker{
		IsUserAuthority: func(k ssh.PublicKey) bool { return string(k.Marshal()) == string(ca.Marshal()) },
		Clock:           w.clock.Now,
	}
	if err := checker.CheckCert("alice", cert); err != nil || !checker.IsUserAuthority(cert.SignatureKey) {
		t.Errorf("the certificate is refused: %v", err)
	}
	if err := checker.CheckCert("root", cert); err == nil {
		t.Error("it is good for root, too")
	}
	if want := w.clock.Now().Add(lifeCertificate); !answer.Expires.Equal(want) || answer.ID != alice {
		t.Errorf("%+v, want %v", answer, want)
	}
	w.clock.Add(lifeCertificate + time.Second)
	if err := checker.CheckCert("alice", cert); err == nil {
		t.Error("it does not expire")
	}

	for name, body := range map[string]string{
		"400: no JSON":       "x",
		"400: too long":      `{"public_key": "` + strings.Repeat("x", maxForm) + `"}`,
		"401: no token":      ask(""),
		"401: a forged one":  ask(token[:len(token)-4] + "AAAA"),
		"400: no public key": strings.Replace(ask(token), "ssh-ed25519 ", "ssh-ed25519 !", 1),
		"400: a certificate": strings.Replace(ask(token), authorizedKey(key), authorizedKey(cert), 1),
	} {
		status, answer := w.sign(t, body)
		var failure signFailure
		if err := json.Unmarshal([]byte(answer), &failure); err != nil || failure.Status != status || failure.Message == "" || name[:3] != strconv.Itoa(status) {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	w.state.RevokeUser(w.config, alice)
	if status, _ := w.sign(t, ask(token)); status != 401 {
		t.Errorf("a revoked token: %d", status)
	}
}
