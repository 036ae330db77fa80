package accessemu

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// shown is what a request says of a service token.
type shown struct {
	carrier string        // "headers Cf-Access-Client-Id and Cf-Access-Client-Secret"; empty: nothing was said
	token   *serviceToken // that it proves to have; nil: none
	problem string        // why it proves none
	strict  string        // why strict mode refuses it although it is proved; empty: it does not
}

const pairCarrier = "headers " + headerClientID + " and " + headerSecret

// showService reads the service token of a request: the pair of headers, then the
// single header that the application names.
func (s *State) showService(c *Config, app *App, h http.Header, now time.Time) (sh shown) {
	ids, secrets := h[headerClientID], h[headerSecret]
	pair := len(ids) > 0 || len(secrets) > 0
	id, secret, single := "", "", false
	if own := app.doc.ServiceTokensHeader; own != "" {
		id, secret, single = singleHeader(h[own])
	}
	switch {
	case pair:
		sh.carrier = pairCarrier
		switch {
		case len(ids) > 1 || len(secrets) > 1:
			sh.problem = "sent more than once"
			return sh
		case len(ids) == 0:
			sh.problem = headerClientID + " is missing"
			return sh
		case len(secrets) == 0:
			sh.problem = headerSecret + " is missing"
			return sh
		}
		id, secret = ids[0], secrets[0]
		if single {
			sh.strict = "the request shows a service token in two ways, by the pair of headers and by " + app.doc.ServiceTokensHeader
		}
	case single:
		sh.carrier = app.tokensHeader
	default:
		return sh
	}
	t, ok := c.byClient(id)
	if !ok {
		sh.problem = "its client id is that of no service token"
		return sh
	}
	if sh.problem = t.opens(secret, s, now); sh.problem == "" {
		sh.token = t
	}
	return sh
}

// maxSingle is above any value of the single header.
const maxSingle = 4 << 10

// singleHeader reads {"cf-access-client-id": …, "cf-access-client-secret": …}.
// Another value is not meant for Access: applications name Authorization here.
func singleHeader(values []string) (id, secret string, ok bool) {
	if !slices.ContainsFunc(values, isObject) {
		return "", "", false
	}
	var pair struct {
		ID     string `json:"cf-access-client-id"`
		Secret string `json:"cf-access-client-secret"`
	}
	if len(values) > 1 || len(values[0]) > maxSingle || json.Unmarshal([]byte(values[0]), &pair) != nil {
		return "", "", true // it says nothing that proves anything
	}
	return pair.ID, pair.Secret, true
}

func isObject(value string) bool { return strings.HasPrefix(strings.TrimLeft(value, " \t"), "{") }
