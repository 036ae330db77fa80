package accessemu

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/sundog-edge/sundog/internal/derive"
)

// ServiceToken is a service token, with the REST API's field names. Of secrets
// only the SHA-256 is kept: a Config never answers one.
type ServiceToken struct {
	ID       string `json:"id,omitempty"` // UUID; empty: derived from the name
	Name     string `json:"name"`
	ClientID string `json:"client_id,omitempty"` // "<32 hex digits>.access"; empty: derived from the name

	// ClientSecret is the secret in the clear, and ClientSecretHash its SHA-256
	// in hex: one of the two is given.
	ClientSecret     string `json:"client_secret,omitempty"`
	ClientSecretHash string `json:"client_secret_hash,omitempty"`
	SecretVersion    int    `json:"client_secret_version,omitempty"`

	// The secret before a rotation, in either form, which works until
	// PreviousExpiresAt (RFC 3339).
	PreviousSecret     string `json:"previous_client_secret,omitempty"`
	PreviousSecretHash string `json:"previous_client_secret_hash,omitempty"`
	PreviousExpiresAt  string `json:"previous_client_secret_expires_at,omitempty"`

	Duration  string `json:"duration,omitempty"`   // Go duration, or "forever"; empty: "8760h"
	ExpiresAt string `json:"expires_at,omitempty"` // RFC 3339; empty: Duration from when a State first heard of the token
	Enabled   *bool  `json:"enabled,omitempty"`    // nil: true. false disables both secrets
}

const (
	defaultTokenLife = 8760 * time.Hour
	tokenForever     = "forever"
)

// serviceToken is a compiled service token.
type serviceToken struct {
	doc              ServiceToken
	id               string
	secret, previous [sha256.Size]byte
	hasPrevious      bool
	previousUntil    time.Time
	life             time.Duration // 0: for ever
	expires          time.Time     // zero: life tells
	disabled         bool
}

func (t *serviceToken) key() (id, name string) { return t.id, t.doc.Name }
func (t *serviceToken) label() string          { return "service token " + quote(t.doc.Name) }

func compileServiceToken(doc ServiceToken, account string) (*serviceToken, error) {
	f := faults{kind: "service_token", id: doc.ID}
	if doc.Name == "" {
		f.add("name", `""`, "a name", "")
	}
	doc.ID = cmp.Or(doc.ID, derive.UUID(account, "access_service_token", doc.Name))
	f.id = doc.ID
	doc.ClientID = cmp.Or(doc.ClientID, derive.Hex32(account, "access_service_token_client", doc.ID)+".access")
	if !headerText(doc.ClientID) {
		f.add("client_id", quote(doc.ClientID), "32 hex digits and .access, or another text that a header can carry", "")
	}
	t := &serviceToken{id: doc.ID, disabled: doc.Enabled != nil && !*doc.Enabled}
	t.secret, _ = compileSecret(&doc.ClientSecret, &doc.ClientSecretHash, "client_secret", true, &f)
	t.previous, t.hasPrevious = compileSecret(&doc.PreviousSecret, &doc.PreviousSecretHash, "previous_client_secret", false, &f)
	t.previousUntil = parseTime(doc.PreviousExpiresAt, "previous_client_secret_expires_at", &f)
	if t.hasPrevious && doc.PreviousExpiresAt == "" {
		f.add("previous_client_secret_expires_at", "missing", "the time until which the previous secret works, as "+quote("2030-01-02T15:04:05Z"), "")
	}
	t.expires = parseTime(doc.ExpiresAt, "expires_at", &f)
	switch doc.Duration {
	case "":
		t.life = defaultTokenLife
	case tokenForever:
	default:
		life, err := time.ParseDuration(doc.Duration)
		if err != nil || life <= 0 {
			f.add("duration", quote(doc.Duration), `a duration, as "8760h", or "forever"`, suggest(doc.Duration, []string{tokenForever}))
		}
		t.life = life
	}
	t.doc = doc
	return t, f.err()
}

// compileSecret answers the hash of a secret, and takes the secret itself out
// of the document.
func compileSecret(clear, hash *string, field string, needed bool, f *faults) (sum [sha256.Size]byte, given bool) {
	switch {
	case *clear != "" && *hash != "":
		f.add(field+"_hash", "both a secret and the hash of one", "one of them", "")
	case *clear != "":
		// The secret is not shown, not even to say what is wrong with it.
		if !headerText(*clear) {
			f.add(field, "a secret with spaces, or with characters that no header carries", "64 hex digits, or cfast_ and 48 letters and digits", "")
		}
		sum = sha256.Sum256([]byte(*clear))
		*clear, *hash = "", hex.EncodeToString(sum[:])
		return sum, true
	case *hash != "":
		if !isHex(*hash, 2*sha256.Size) {
			f.add(field+"_hash", quote(*hash), "SHA-256 of the secret, 64 lower-case hex digits", "")
			return sum, true
		}
		_, _ = hex.Decode(sum[:], []byte(*hash))
		return sum, true
	case needed:
		f.add(field, "missing", "a secret, or "+field+"_hash", "")
	}
	return sum, false
}

func parseTime(s, field string, f *faults) time.Time {
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		f.add(field, quote(s), "a time as RFC 3339 has it, as "+quote("2030-01-02T15:04:05Z"), "")
	}
	return t
}

// headerText holds for text that a header carries unchanged.
func headerText(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return s != "" && len(s) <= 256
}

// opens tells why a secret does not open the token, or "". The comparison takes
// the same time whatever the secret is.
func (t *serviceToken) opens(secret string, s *State, now time.Time) string {
	var buf [256]byte
	if len(secret) > len(buf) {
		return "its secret is longer than any is"
	}
	sum := sha256.Sum256(append(buf[:0], secret...))
	current := subtle.ConstantTimeCompare(sum[:], t.secret[:]) == 1
	previous := subtle.ConstantTimeCompare(sum[:], t.previous[:]) == 1 && t.hasPrevious
	switch {
	case !current && !previous:
		return "its secret is not that of " + t.label()
	case !current && !s.at(s.issued(t.id+secretGrant), now).Before(t.previousUntil):
		return "its secret is the previous one of " + t.label() + ", which expired at " + t.previousUntil.UTC().Format(time.RFC3339)
	}
	return t.usable(s, now)
}

// usable tells why the token counts for nothing now, whatever the secret, or "".
func (t *serviceToken) usable(s *State, now time.Time) string {
	if t.disabled {
		return t.label() + " is disabled"
	}
	g := s.issued(t.id)
	until := t.expires
	if until.IsZero() {
		if t.life == 0 {
			return ""
		}
		until = g.at.Add(t.life)
	}
	if !s.at(g, now).Before(until) {
		return t.label() + " has expired"
	}
	return ""
}

// secretGrant, behind an id, is the key of the moment at which a secret was
// replaced.
const secretGrant = "\x00secret"

// issued is the moment from which a token's age counts: when the State began,
// if it was not told otherwise.
func (s *State) issued(id string) *grant {
	var buf scratch
	if g, ok := s.tokens.Load().Get(append(buf[:0], id...)); ok {
		return g
	}
	return s.begun
}

// ServiceTokenChanged tells that a service token was made, changed or deleted:
// its age, and that of its previous secret, count from what is new in it. The
// zero ServiceToken is one that is not there.
func (s *State) ServiceTokenChanged(old, now ServiceToken) {
	s.mu.Lock()
	defer s.mu.Unlock()
	txn := s.tokens.Load().Txn()
	id := cmp.Or(now.ID, old.ID)
	if now.ID == "" {
		txn.Delete([]byte(id))
		txn.Delete([]byte(id + secretGrant))
	} else {
		if old.ID == "" || old.ExpiresAt != now.ExpiresAt || old.Duration != now.Duration {
			txn.Insert([]byte(id), s.newGrant(nil))
		}
		if old.ID == "" || old.PreviousExpiresAt != now.PreviousExpiresAt {
			txn.Insert([]byte(id+secretGrant), s.newGrant(nil))
		}
	}
	s.tokens.Store(txn.Commit())
}

// NewServiceSecret makes a secret in the form that new ones have: cfast_, 40
// letters and digits, and 8 that check them. Nothing here looks at those 8.
func (s *State) NewServiceSecret() string {
	text := s.text(40, alphanumeric)
	return "cfast_" + text + fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(text)))
}

// Rotate is the token with a new secret. The one before works until the time
// given; the zero time ends it at once.
func (t ServiceToken) Rotate(secret string, previousUntil time.Time) ServiceToken {
	if t.ClientSecret != "" {
		t.PreviousSecretHash = sha256Hex(t.ClientSecret)
	} else {
		t.PreviousSecretHash = t.ClientSecretHash
	}
	t.PreviousSecret, t.PreviousExpiresAt = "", previousUntil.UTC().Format(time.RFC3339)
	if previousUntil.IsZero() {
		t.PreviousSecretHash, t.PreviousExpiresAt = "", ""
	}
	t.ClientSecret, t.ClientSecretHash = "", sha256Hex(secret)
	t.SecretVersion++
	return t
}

// Refresh is the token with its life begun anew, a year for one whose Duration
// says nothing.
func (t ServiceToken) Refresh(now time.Time) ServiceToken {
	life := defaultTokenLife
	if d, err := time.ParseDuration(t.Duration); err == nil {
		life = d
	}
	t.ExpiresAt = now.Add(life).UTC().Format(time.RFC3339)
	if t.Duration == tokenForever {
		t.ExpiresAt = ""
	}
	return t
}

// ServiceTokens are the documents of all service tokens, by id, with hashes in
// place of secrets.
func (c *Config) ServiceTokens() []ServiceToken {
	var list []ServiceToken
	if c != nil {
		c.tokens.each(func(t *serviceToken) { list = append(list, t.doc) })
	}
	return list
}

// ServiceToken finds a service token by its id, name or client id.
func (c *Config) ServiceToken(ref string) (ServiceToken, bool) {
	if c == nil {
		return ServiceToken{}, false
	}
	if found := c.tokens.find(ref); len(found) == 1 {
		return found[0].doc, true
	}
	t, ok := c.clients.Get([]byte(ref))
	if !ok {
		return ServiceToken{}, false
	}
	return t.doc, true
}

// byClient finds a token by its client id without allocating.
func (c *Config) byClient(id string) (*serviceToken, bool) {
	var buf scratch
	if len(id) > len(buf) {
		return nil, false
	}
	return c.clients.Get(append(buf[:0], id...))
}
