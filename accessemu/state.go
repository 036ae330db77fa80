package accessemu

import (
	"context"
	"crypto/rand"
	"hash/maphash"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
	"golang.org/x/crypto/ssh"

	forging "github.com/sundog-edge/sundog/accessemu/forge"
)

// How much a State keeps. Whoever opens logins for ever costs that much memory
// and no more: the oldest entry makes room for a new one.
const (
	maxLogins   = 16384 // sign-ins under way, one per PIN asked for
	maxPasses   = 16384 // returns to an application under way
	maxSessions = 65536 // sign-ins, for get-identity
	maxGrants   = 65536 // tokens whose age is known; an older one counts all ageing there was
	maxUsers    = 65536 // people, for revocation; forgetting a revoked one revokes all older tokens
	maxLimits   = 4096  // addresses whose mail, and whose wrong codes, are counted
	maxInbox    = 1024  // mails

	maxLoginBytes = 32 << 20
	maxPassBytes  = 32 << 20
)

// StateOptions are what a State depends on. The zero value is fine.
type StateOptions struct {
	Now  func() time.Time  // nil: time.Now
	Rand io.Reader         // source of ids, nonces and PINs; nil: crypto/rand. It must not run dry
	Keys KeySource         // nil: RSA-2048 keys made on first use
	Log  *slog.Logger      // nil: none
	HTTP http.RoundTripper // carries the questions of external evaluations; nil: http.DefaultTransport
	Mail func(Mail)        // called for every mail, in order, by one goroutine; nil: the inbox only

	Endings Endings // until SetEndings
}

// State is what Access remembers while configurations come and go: keys,
// sessions, PINs, revocations and the inbox. Several goroutines may use one.
type State struct {
	clock  func() time.Time
	wall   func() time.Time // for deadlines of connections, which know no other time
	log    *slog.Logger
	ring   keyRing
	others func() ([2]forging.Key, error) // keys of nobody, for forgeries; made when first needed
	cache  tokenCache
	age    atomic.Int64  // how much older grants have become, in nanoseconds
	count  atomic.Uint64 // of grants, to order them without a clock
	floor  atomic.Uint64 // tokens granted up to here are revoked

	revoked atomic.Pointer[appRevocations] // nil: none. Written under mu
	endings atomic.Pointer[Endings]

	randMu sync.Mutex // guards random
	random io.Reader

	mu        sync.Mutex // guards what follows
	logins    table[string, *login]
	passes    table[string, *pass]
	purposes  table[string, *purpose]
	stops     table[string, *stop]    // on tours
	attempts  table[string, *attempt] // at identity providers
	answers   []ProviderAnswer        // of the lookalike's own one, that wait
	transfers table[publicKey, *transfer]
	sshCAs    table[string, ssh.Signer] // by audience tag
	sessions  table[string, *session]
	grants    table[[32]byte, *grant]
	users     table[string, *user]
	seats     table[string, Seat] // by subject
	asked     limiter             // mails, by address
	wrong     limiter             // wrong codes, by address
	wrongOf   limiter             // wrong codes, by browser (CF_Session)
	inbox     []Mail
	mailed    chan struct{} // closed and replaced when the inbox or a login changes

	begun   *grant                              // the State itself
	tokens  atomic.Pointer[iradix.Tree[*grant]] // of service tokens, by id. Written under mu
	service serviceJWTs

	poll    time.Duration // how long ServeTransfer holds a request
	secret  [32]byte      // signs "state"
	http    http.RoundTripper
	mail    func(Mail)
	mails   chan Mail
	posting sync.Once
	stop    context.CancelFunc
	stopped context.Context
	work    sync.WaitGroup
}

// NewState begins with nobody signed in. It generates nothing yet.
func NewState(o StateOptions) *State {
	s := &State{clock: o.Now, wall: time.Now, random: o.Rand, log: o.Log, mail: o.Mail, mailed: make(chan struct{}), http: o.HTTP}
	if s.http == nil {
		s.http = http.DefaultTransport
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.random == nil {
		s.random = rand.Reader
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.SetEndings(o.Endings)
	s.ring.source = o.Keys
	if o.Keys == nil {
		s.ring.source = generateKey(rand.Reader)
	}
	s.others = sync.OnceValues(s.strangersKeys)
	s.cache.seed, s.service.seed = maphash.MakeSeed(), maphash.MakeSeed()
	s.begun = s.newGrant(nil)
	s.tokens.Store(iradix.New[*grant]())
	s.transfers.most, s.sshCAs.most, s.poll = maxTransfers, maxCertificateAuthorities, lifePoll
	s.logins.most, s.passes.most, s.sessions.most = maxLogins, maxPasses, maxSessions
	s.grants.most, s.users.most, s.seats.most = maxGrants, maxUsers, maxUsers
	s.logins.mostBytes, s.logins.weigh = maxLoginBytes, (*login).weight
	s.passes.mostBytes, s.passes.weigh = maxPassBytes, (*pass).weight
	s.stops.most, s.stops.mostBytes, s.stops.weigh = maxPasses, maxPassBytes, (*stop).weight
	s.attempts.most, s.attempts.mostBytes, s.attempts.weigh = maxLogins, maxLoginBytes, (*attempt).weight
	s.purposes.most, s.purposes.mostBytes, s.purposes.weigh = maxPasses, maxPassBytes, (*purpose).weight
	s.asked = limiter{burst: mailBurst, every: mailEvery, most: maxLimits}
	s.wrong = limiter{burst: maxWrong, every: lifePIN / maxWrong, most: maxLimits}
	s.wrongOf = s.wrong
	s.users.evicted = s.forgetUser
	s.read(s.secret[:])
	s.stopped, s.stop = context.WithCancel(context.Background())
	return s
}

// Close ends what runs in the background and waits for it. The Mail option is
// not called after it; the State is otherwise still usable.
func (s *State) Close() {
	s.mu.Lock()
	s.stop()
	s.mu.Unlock()
	s.work.Wait()
}

// background runs f unless the State is closed. The caller holds mu.
func (s *State) background(f func()) {
	if s.stopped.Err() == nil {
		s.work.Go(f)
	}
}

func (s *State) now() time.Time { return s.clock() }

// read fills b with random bytes.
func (s *State) read(b []byte) {
	s.randMu.Lock()
	defer s.randMu.Unlock()
	if _, err := io.ReadFull(s.random, b); err != nil {
		panic("accessemu: StateOptions.Rand ran dry: " + err.Error())
	}
}

// text is n random characters of an alphabet of at most 256.
func (s *State) text(n int, alphabet string) string {
	out, buf := make([]byte, 0, n), make([]byte, n)
	limit := 256 - 256%len(alphabet)
	for len(out) < n {
		s.read(buf)
		for _, c := range buf {
			if int(c) < limit && len(out) < n {
				out = append(out, alphabet[int(c)%len(alphabet)])
			}
		}
	}
	return string(out)
}

const (
	digits       = "0123456789"
	hexDigits    = "0123456789abcdef"
	alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)
