package accessemu

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"golang.org/x/crypto/nacl/box"
)

// TransferHost is where cloudflared fetches the tokens that its browser page granted. It belongs to
// no team.
const TransferHost = "login.cloudflareaccess.org"

const (
	transferPath = "/transfer/"

	// lifePoll is how long a poll is held: cloudflared asks ten times without a pause, and gives up
	// on one that takes a minute.
	lifePoll     = 50 * time.Second
	lifeTransfer = 10 * time.Minute
	maxTransfers = 1024
)

// publicKey is the Curve25519 key of one run of cloudflared. Who knows it can fetch, and nobody but
// the holder of its private half can read.
type publicKey = [32]byte

// transfer is what was granted to one run of cloudflared: a sealed box and the key that sealed it.
type transfer struct {
	box, sealedBy string
	refused       string // why nothing will be granted; empty: something was
	at            *grant
}

// granted is the plain text of the box.
type granted struct {
	App string `json:"app_token"`
	Org string `json:"org_token,omitempty"`
}

// readPublicKey reads the form in which cloudflared writes its key: URL-safe base64 with padding.
func readPublicKey(text string) (key publicKey, ok bool) {
	if len(text) != base64.URLEncoding.EncodedLen(len(key)) {
		return key, false
	}
	raw, err := base64.URLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != len(key) {
		return key, false
	}
	return publicKey(raw), true
}

// deposit seals tokens for the holder of a key, and wakes the poll that waits for them.
func (s *State) deposit(to publicKey, g granted) error {
	text, err := json.Marshal(g)
	if err != nil {
		return err
	}
	from, private, err := box.GenerateKey(stateReader{s})
	if err != nil {
		return err
	}
	var nonce [24]byte
	s.read(nonce[:])
	sealed := box.Seal(nonce[:], text, &nonce, &to, private)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.transfers.sweep(func(t *transfer) bool { return s.expired(t.at, lifeTransfer) })
	s.transfers.put(to, &transfer{
		box: base64.StdEncoding.EncodeToString(sealed), sealedBy: base64.URLEncoding.EncodeToString(from[:]), at: s.newGrant(nil),
	})
	s.changed()
	return nil
}

// RefuseTransfer tells a run of cloudflared, by its public key as in the URL of its page, that nothing
// will be granted: it ends, instead of waiting for minutes. The real edge never says so; it is for
// whoever has no browser. Other texts than keys are passed over.
func (s *State) RefuseTransfer(key, why string) {
	to, ok := readPublicKey(key)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.transfers.put(to, &transfer{refused: why, at: s.newGrant(nil)})
	s.changed()
}

// stateReader is the State's source of chance.
type stateReader struct{ s *State }

func (r stateReader) Read(b []byte) (int, error) { r.s.read(b); return len(b), nil }

// collect takes what was granted to a key, once, or answers what to wait for.
func (s *State) collect(key publicKey) (*transfer, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.transfers.get(key)
	if !ok {
		return nil, s.mailed
	}
	s.transfers.drop(key)
	if s.expired(t.at, lifeTransfer) {
		return nil, s.mailed
	}
	return t, nil
}

// ServeTransfer answers on TransferHost. A poll waits until the tokens are granted in the browser,
// fifty seconds at most.
func (s *State) ServeTransfer(w http.ResponseWriter, r *Request, c *Config) {
	text, ok := strings.CutPrefix(r.HTTP.URL.Path, transferPath)
	key, valid := readPublicKey(text)
	switch {
	case c == nil || !ok:
		s.log.Warn("access: unknown path", "method", r.HTTP.Method, "host", r.Host, "path", r.HTTP.URL.Path)
		r.tell(Reason{Why: "404: " + TransferHost + " answers " + transferPath + "KEY"})
		http.Error(w, "404 Not Found", http.StatusNotFound)
		return
	case r.HTTP.Method != http.MethodGet:
		methodNotAllowed(w, r, "GET")
		return
	case !valid:
		r.tell(Reason{Why: "400: the path does not end in a public key of 32 bytes, in URL-safe base64 with padding"})
		http.Error(w, "400 Bad Request: no public key", http.StatusBadRequest)
		return
	}
	noStore(w.Header())
	ctx, cancel := context.WithTimeout(r.HTTP.Context(), s.poll)
	defer cancel()
	for {
		t, changed := s.collect(key)
		switch {
		case t == nil:
		case t.refused != "":
			r.tell(Reason{Why: "503: nothing is granted to this run of cloudflared: " + t.refused})
			http.Error(w, "503 Service Unavailable: nothing is granted: "+t.refused, http.StatusServiceUnavailable)
			return
		default:
			w.Header().Set("Service-Public-Key", t.sealedBy)
			writeBody(w, r.HTTP, http.StatusOK, "text/plain; charset=utf-8", []byte(t.box))
			return
		}
		select {
		case <-changed:
		case <-s.stopped.Done():
			http.Error(w, "503 Service Unavailable", http.StatusServiceUnavailable)
			return
		case <-ctx.Done():
			r.tell(Reason{Why: "nobody has granted access to this run of cloudflared yet", Mend: "open the page that it printed, and approve"})
			http.Error(w, "404 Not Found: nothing was granted yet", http.StatusNotFound)
			return
		}
	}
}
