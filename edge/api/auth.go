package api

import (
	"crypto/subtle"
	"net/http"
	"strings"
)

// authenticate accepts "Authorization: Bearer TOKEN". A nil result is success.
func (s *server) authenticate(r *http.Request) *failure {
	token, f := bearer(r)
	if f != nil {
		return f
	}
	if s.Token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.Token)) == 1 {
		return nil
	}
	s.Log.Warn("API token is not of this world", "method", r.Method, "path", r.URL.Path)
	switch path := strings.TrimPrefix(r.URL.Path, Prefix); {
	case strings.HasSuffix(path, "/tokens/verify"):
		return fail(http.StatusUnauthorized, 1000, "Invalid API Token")
	case path == "/user" || strings.HasPrefix(path, "/zones"):
		return fail(http.StatusForbidden, 9109, "Invalid access token")
	}
	return notAuthorized()
}

// bearer is the credential that a request carries.
func bearer(r *http.Request) (string, *failure) {
	value := r.Header.Get("Authorization")
	switch key := r.Header.Get("X-Auth-Key"); {
	case value == "" && key != "" && (len(key) < 37 || strings.Trim(key, "0123456789abcdef") != ""):
		return "", &failure{status: http.StatusBadRequest, errs: []apiError{{Code: 6003, Message: "Invalid request headers",
			Chain: []apiError{{Code: 6103, Message: "Invalid format for X-Auth-Key header"}}}}}
	case value == "" && key+r.Header.Get("X-Auth-Email") != "": // this world has tokens, and no keys
		return "", fail(http.StatusForbidden, 9103, "Unknown X-Auth-Key or X-Auth-Email")
	case value == "":
		return "", badRequest(9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers")
	}
	scheme, token, _ := strings.Cut(value, " ")
	if token = strings.TrimSpace(token); !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", &failure{status: http.StatusBadRequest, errs: []apiError{{Code: 6003, Message: "Invalid request headers",
			Chain: []apiError{{Code: 6111, Message: "Invalid format for Authorization header"}}}}}
	}
	return token, nil
}
