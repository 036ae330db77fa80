package listen

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
)

// credentials is what the proxy demands of its users. The zero value demands
// nothing and takes any user name as the client's.
type credentials struct {
	wanted bool
	sum    [sha256.Size]byte
}

func newCredentials(password string) credentials {
	return credentials{wanted: password != "", sum: sha256.Sum256([]byte(password))}
}

// admit takes the user name from Proxy-Authorization, which is for this hop
// and is removed. ok is false where a password is wanted and was not given.
func (c credentials) admit(r *http.Request) (client string, ok bool) {
	values := r.Header["Proxy-Authorization"]
	delete(r.Header, "Proxy-Authorization")
	if len(values) == 0 {
		return "", !c.wanted
	}
	// net/http reads Basic from Authorization only.
	carrier := http.Request{Header: http.Header{"Authorization": values[:1]}}
	user, password, basic := carrier.BasicAuth()
	if len(values) > 1 || !basic {
		return "", false
	}
	if !c.wanted {
		return user, true
	}
	// Hashing first gives both sides one length, which the comparison needs
	// to take one time.
	sum := sha256.Sum256([]byte(password))
	return user, subtle.ConstantTimeCompare(sum[:], c.sum[:]) == 1
}

func demandCredentials(w http.ResponseWriter) {
	w.Header().Set("Proxy-Authenticate", `Basic realm="sundog", charset="UTF-8"`)
	refuse(w, http.StatusProxyAuthRequired,
		"the proxy wants Basic credentials: a client's name and the proxy's password")
}
