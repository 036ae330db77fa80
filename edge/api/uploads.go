package api

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

const (
	uploadLife = time.Hour // of a session and of files that belong to no deployment yet
	maxFiles   = 20000     // of one deployment
	maxKept    = 1 << 30   // bytes of such files
)

// uploads are static files on their way into a deployment. Clients name a file by a hash that they make
// themselves; a file that they named once within the last hour is not sent again.
type uploads struct {
	now   func() time.Time
	bytes func(n int) ([]byte, error) // random ones

	mu       sync.Mutex // guards what follows
	key      []byte     // signs tokens; nil: none was asked for yet
	files    map[string]*sentFile
	kept     int // bytes in files
	sessions map[string]*session
	next     int
}

type sentFile struct {
	contentType string
	content     []byte
	used        time.Time
}

// session is one upload.
type session struct {
	manifest map[string]string // hashes by path; nil: of a Pages project
	ends     time.Time
}

func newUploads(bytes func(int) ([]byte, error), now func() time.Time) *uploads {
	return &uploads{now: now, bytes: bytes, files: map[string]*sentFile{}, sessions: map[string]*session{}}
}

type uploadClaims struct {
	jwt.Claims
	MaxFiles int `json:"max_file_count_allowed"`
}

// begin opens a session and returns its token, and what of the manifest is not there yet.
func (u *uploads) begin(manifest map[string]string) (token string, missing []string, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := u.now()
	u.expire(now)
	if u.key == nil {
		if u.key, err = u.bytes(32); err != nil {
			return "", nil, err
		}
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: u.key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", nil, err
	}
	u.next++
	id := strconv.Itoa(u.next)
	s := &session{manifest: manifest, ends: now.Add(uploadLife)}
	token, err = jwt.Signed(signer).Claims(uploadClaims{
		Claims:   jwt.Claims{Subject: id, IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(s.ends)},
		MaxFiles: maxFiles,
	}).Serialize()
	if err != nil {
		return "", nil, err
	}
	u.sessions[id] = s
	return token, u.missing(slices.Sorted(maps.Values(manifest)), now), nil
}

// missing are those of some hashes that are not there; the others stay for another hour. u.mu is held.
func (u *uploads) missing(hashes []string, now time.Time) []string {
	out := []string{}
	for _, hash := range slices.Compact(hashes) {
		if f := u.files[hash]; f != nil {
			f.used = now
		} else {
			out = append(out, hash)
		}
	}
	return out
}

func (u *uploads) expire(now time.Time) {
	maps.DeleteFunc(u.sessions, func(_ string, s *session) bool { return now.After(s.ends) })
	for hash, f := range u.files {
		if now.Sub(f.used) > uploadLife {
			u.drop(hash)
		}
	}
}

// session is the one that a token is for.
func (u *uploads) session(token string) (*session, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	denied := fail(http.StatusUnauthorized, 8000013, "The upload token is missing, expired, or of another account.")
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.HS256})
	if err != nil || u.key == nil {
		return nil, denied
	}
	var claims uploadClaims
	if parsed.Claims(u.key, &claims) != nil || claims.ValidateWithLeeway(jwt.Expected{Time: u.now()}, 0) != nil {
		return nil, denied
	}
	s := u.sessions[claims.Subject]
	if s == nil {
		return nil, denied
	}
	return s, nil
}

// add keeps a file. The bytes become the API's.
func (u *uploads) add(hash, contentType string, content []byte) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.drop(hash)
	u.files[hash] = &sentFile{contentType, content, u.now()}
	u.kept += len(content)
	if u.kept <= maxKept {
		return
	}
	oldest := slices.SortedFunc(maps.Keys(u.files), func(a, b string) int { return u.files[a].used.Compare(u.files[b].used) })
	for _, one := range oldest {
		if u.kept > maxKept/2 && one != hash {
			u.drop(one)
		}
	}
}

// drop forgets a file, if it is there. u.mu is held.
func (u *uploads) drop(hash string) {
	if f := u.files[hash]; f != nil {
		u.kept -= len(f.content)
		delete(u.files, hash)
	}
}

// ask is missing for a client.
func (u *uploads) ask(hashes []string) []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	hashes = slices.Clone(hashes)
	slices.Sort(hashes)
	return u.missing(hashes, u.now())
}

// complete are the files of a session, in the order of their paths.
func (u *uploads) complete(token string) ([]version.File, error) {
	s, err := u.session(token)
	if err != nil {
		return nil, err
	}
	return u.collect(s.manifest)
}

// collect are the files of a manifest, in the order of their paths.
func (u *uploads) collect(manifest map[string]string) ([]version.File, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	files := []version.File{}
	for _, path := range slices.Sorted(maps.Keys(manifest)) {
		f := u.files[manifest[path]]
		if f == nil {
			return nil, badRequest(10021, "the file %q was not uploaded", path)
		}
		files = append(files, version.File{Path: path, ContentType: f.contentType, Content: f.content})
	}
	return files, nil
}

// checkManifest tells what is wrong with the paths of a manifest; nil: nothing is.
func checkManifest(manifest map[string]string) error {
	if len(manifest) > maxFiles {
		return badRequest(10021, "the manifest has %d files; %d are allowed", len(manifest), maxFiles)
	}
	for path, hash := range manifest {
		if !strings.HasPrefix(path, "/") || strings.Contains(path, "/../") || hash == "" {
			return badRequest(10021, "the manifest has the file %q with the hash %q: a path begins with a slash, and a hash is not empty", path, hash)
		}
	}
	return nil
}
