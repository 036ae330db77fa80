package accessemu

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// KeySource yields the n-th RSA key of an account, counted from 0: first the
// previous and the current key, then one for each rotation; from 1<<20 on, keys
// that the account does not have, for forgeries. It may be called from several
// goroutines, and is called only when a key is needed.
type KeySource func(n int) (*rsa.PrivateKey, error)

// keyOverlap is how long a key verifies after it was replaced.
const keyOverlap = 7 * 24 * time.Hour

// signingKey is one key of the account.
type signingKey struct {
	kid     string // SHA-256 of the public key, 64 hex digits
	private *rsa.PrivateKey
	headers [2]string // of its tokens, as they are written
	made    *grant
	retired *grant // when a rotation replaced it; nil: never
	cert    func() (string, error)
}

// keyPair is what the key set shows: always two.
type keyPair struct{ current, previous *signingKey }

func (p *keyPair) byID(kid string) *signingKey {
	switch {
	case p == nil:
	case p.current.kid == kid:
		return p.current
	case p.previous.kid == kid:
		return p.previous
	}
	return nil
}

// keyRing makes the keys when they are first needed.
type keyRing struct {
	source KeySource
	pair   atomic.Pointer[keyPair]

	mu   sync.Mutex // held while keys are made
	next int
}

func generateKey(random io.Reader) KeySource {
	return func(int) (*rsa.PrivateKey, error) { return rsa.GenerateKey(random, 2048) }
}

// keys are the two keys, made on the first call, and the current one anew when it has signed for long
// enough.
func (s *State) keys() (*keyPair, error) {
	life := s.endings.Load().rotation()
	pair, err := s.makeKeys(false)
	if err != nil || !s.expired(pair.current.made, life) {
		return pair, err
	}
	return s.rotate(func(k *signingKey) *grant {
		if !s.expired(k.made, life) {
			return nil // somebody else was faster
		}
		due := *k.made
		due.at = due.at.Add(life)
		return &due
	})
}

func (s *State) makeKeys(oneByOne bool) (*keyPair, error) {
	r := &s.ring
	if pair := r.pair.Load(); pair != nil {
		return pair, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if pair := r.pair.Load(); pair != nil {
		return pair, nil
	}
	var made [2]*signingKey
	var errs [2]error
	var wg sync.WaitGroup
	for i := range made {
		wg.Go(func() { made[i], errs[i] = s.makeKey(i) })
		if oneByOne {
			wg.Wait()
		}
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	r.next = 2
	pair := &keyPair{current: made[1], previous: made[0]}
	r.pair.Store(pair)
	return pair, nil
}

// WarmKeys begins to make the keys in the background, so that the first
// redirect need not wait for them. Close waits for it.
func (s *State) WarmKeys() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.background(func() {
		// One after the other: nobody waits for them yet, and requests want the other cores.
		if _, err := s.makeKeys(true); err != nil {
			s.log.Error("access: no signing keys", "error", err)
		}
	})
}

// RotateKeys makes a new current key. The one it replaces still verifies for
// seven days; the one before that is gone at once.
func (s *State) RotateKeys() error {
	if _, err := s.keys(); err != nil {
		return err
	}
	_, err := s.rotate(func(*signingKey) *grant { return s.newGrant(nil) })
	return err
}

// rotate replaces the current key. When answers the moment from which it is retired, or nil to leave
// it.
func (s *State) rotate(when func(*signingKey) *grant) (*keyPair, error) {
	s.ring.mu.Lock()
	defer s.ring.mu.Unlock()
	pair := s.ring.pair.Load()
	retired := when(pair.current)
	if retired == nil {
		return pair, nil
	}
	fresh, err := s.makeKey(s.ring.next)
	if err != nil {
		return nil, err
	}
	s.ring.next++
	old := *pair.current
	old.retired = retired
	next := &keyPair{current: fresh, previous: &old}
	s.ring.pair.Store(next)
	return next, nil
}

func (s *State) makeKey(n int) (*signingKey, error) {
	private, err := s.ring.source(n)
	if err != nil {
		return nil, fmt.Errorf("accessemu: signing key %d: %w", n, err)
	}
	if bits := private.N.BitLen(); bits < 2048 {
		return nil, fmt.Errorf("accessemu: signing key %d: %d bits, at least 2048 are needed", n, bits)
	}
	spki, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("accessemu: signing key %d: %w", n, err)
	}
	sum := sha256.Sum256(spki)
	k := &signingKey{kid: hex.EncodeToString(sum[:]), private: private, made: s.newGrant(nil)}
	k.headers = ownHeaders(k.kid)
	k.cert = sync.OnceValues(func() (string, error) { return s.certificate(k) })
	return k, nil
}

// usable tells whether tokens of this key are still accepted. A current key that nobody asked for when
// its time was over ends as if somebody had.
func (s *State) usable(k *signingKey, now time.Time) bool {
	from, life := k.retired, keyOverlap
	if from == nil {
		from, life = k.made, s.endings.Load().rotation()+keyOverlap
	}
	return s.at(from, now).Before(from.at.Add(life))
}
