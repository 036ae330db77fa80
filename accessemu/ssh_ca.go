package accessemu

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

const (
	signPath = accessPath + "cert_sign"

	// lifeCertificate is long enough to open a connection, which then outlives it. The real value is
	// not documented.
	lifeCertificate = 4 * time.Minute
	earlyBy         = 30 * time.Second // for the clock of the SSH server

	maxCertificateAuthorities = 1024
)

// SSHCA is the public key of the application's certificate authority, as a line for the file that
// sshd's TrustedUserCAKeys names. It is made on the first call, and for this run.
func (s *State) SSHCA(a *App) (string, error) {
	ca, err := s.sshCA(a)
	if err != nil {
		return "", err
	}
	return authorizedKey(ca.PublicKey()) + " open-ssh-ca@cloudflareaccess.org", nil
}

func authorizedKey(key ssh.PublicKey) string {
	return strings.TrimSuffix(string(ssh.MarshalAuthorizedKey(key)), "\n")
}

func (s *State) sshCA(a *App) (ssh.Signer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ca, ok := s.sshCAs.get(a.AUD); ok {
		return ca, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	ca, err := ssh.NewSignerFromKey(key)
	if err != nil {
		return nil, err
	}
	s.sshCAs.put(a.AUD, ca)
	return ca, nil
}

// signRequest is what cloudflared access ssh-gen sends.
type signRequest struct {
	PublicKey string `json:"public_key"` // a line of authorized_keys
	JWT       string `json:"jwt"`        // the application's token
	Issuer    string `json:"issuer"`
}

type signAnswer struct {
	ID          string    `json:"id"`
	Certificate string    `json:"certificate"`
	Expires     time.Time `json:"expires_at"`
}

type signFailure struct {
	Status  int    `json:"status"`
	Message string `json:"message"`
}

// serveSign turns an application's token into an SSH certificate of a few minutes. Its principal is
// the part of the person's address before the @.
func (s *State) serveSign(w http.ResponseWriter, r *Request, c *Config) {
	fail := func(status int, why string) {
		r.tell(Reason{Why: fmt.Sprintf("%d: %s", status, why)})
		body, err := json.Marshal(signFailure{status, why})
		if err != nil {
			s.internal(w, r, "answer", err)
			return
		}
		writeJSON(w, r.HTTP, status, body)
	}
	noStore(w.Header())
	if r.HTTP.Method != http.MethodPost {
		methodNotAllowed(w, r, "POST")
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(s.wall().Add(formTime)) // without a connection there is nothing to wait for
	var ask signRequest
	data, err := io.ReadAll(http.MaxBytesReader(w, r.HTTP.Body, maxForm))
	if err == nil {
		err = json.Unmarshal(data, &ask)
	}
	if err != nil {
		fail(http.StatusBadRequest, "the body is not JSON with public_key, jwt and issuer")
		return
	}
	v, app, problem := s.tokenOfAny(c, ask.JWT)
	if problem != "" {
		fail(http.StatusUnauthorized, "the token does not count: "+problem)
		return
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(ask.PublicKey))
	if err != nil {
		fail(http.StatusBadRequest, "public_key is no line of authorized_keys")
		return
	}
	if _, signed := key.(*ssh.Certificate); signed {
		fail(http.StatusBadRequest, "public_key is a certificate; send the key that it is for")
		return
	}
	cert, expires, err := s.signSSH(app, v.identity.Email, key)
	if err != nil {
		s.internal(w, r, "SSH certificate", err)
		return
	}
	body, err := json.Marshal(signAnswer{cert.KeyId, authorizedKey(cert), expires})
	if err != nil {
		s.internal(w, r, "SSH certificate", err)
		return
	}
	writeJSON(w, r.HTTP, http.StatusOK, body)
}

// tokenOfAny verifies a token of whichever application it is for.
func (s *State) tokenOfAny(c *Config, token string) (*verified, *App, string) {
	v, problem := s.verify(token)
	if problem == "" {
		problem = s.stale(v, c.issuer, "app", s.now())
	}
	if problem != "" {
		return nil, nil, problem
	}
	for _, aud := range v.claims.Audience {
		if app, ok := c.AppByAUD(aud); ok {
			return v, app, ""
		}
	}
	return nil, nil, "for no application of this team (aud)"
}

func (s *State) signSSH(app *App, email string, key ssh.PublicKey) (*ssh.Certificate, time.Time, error) {
	ca, err := s.sshCA(app)
	if err != nil {
		return nil, time.Time{}, err
	}
	principal, _, _ := strings.Cut(email, "@")
	now := s.now()
	expires := now.Add(lifeCertificate).Truncate(time.Second)
	cert := &ssh.Certificate{
		Key: key, Serial: s.count.Add(1), CertType: ssh.UserCert, KeyId: email, ValidPrincipals: []string{principal},
		ValidAfter: uint64(now.Add(-earlyBy).Unix()), ValidBefore: uint64(expires.Unix()),
		Permissions: ssh.Permissions{Extensions: map[string]string{
			"permit-X11-forwarding": "", "permit-agent-forwarding": "", "permit-port-forwarding": "", "permit-pty": "", "permit-user-rc": "",
		}},
	}
	return cert, expires, cert.SignCert(rand.Reader, ca)
}
