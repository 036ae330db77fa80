package accessemu

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/sundog-edge/sundog/accessemu/keypool"
)

// forge signs a header and claims of any kind with any key.
func forge(t testing.TB, key *rsa.PrivateKey, header string, body any) string {
	t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	text := b64(header) + "." + b64(string(data))
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + b64(string(signature))
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// forgeries are tokens that must not open app A, each wrong in one way.
func forgeries(t testing.TB, w *world) map[string]string {
	genuine := w.token("alice@example.com")
	good := map[string]any{}
	data, _ := base64.RawURLEncoding.DecodeString(strings.Split(genuine, ".")[1])
	if err := json.Unmarshal(data, &good); err != nil {
		t.Fatal(err)
	}
	ours := w.state.ring.pair.Load().current
	theirs, err := keypool.Key(7)
	if err != nil {
		t.Fatal(err)
	}
	payload, signature := strings.Split(genuine, ".")[1], strings.Split(genuine, ".")[2]
	header := `{"alg":"RS256","kid":"` + ours.kid + `"}`
	with := func(changes map[string]any) string {
		body := maps.Clone(good)
		for k, v := range changes {
			if body[k] = v; v == nil {
				delete(body, k)
			}
		}
		return forge(t, ours.private, header, body)
	}
	kid := func(id string) string {
		name, _ := json.Marshal(id)
		return forge(t, theirs, `{"alg":"RS256","kid":`+string(name)+`}`, good)
	}
	theirJWK, _ := jose.JSONWebKey{Key: &theirs.PublicKey}.MarshalJSON()
	list := map[string]string{
		"RS256 to HS256 with the public key": hs256(t, &ours.private.PublicKey, ours.kid, payload),
		"kid unknown":                        kid(strings.Repeat("0", 64)),
		"kid empty":                          kid(""),
		"kid path traversal":                 kid("../../../dev/null"),
		"kid SQL":                            kid("x' UNION SELECT 'key"),
		"kid missing":                        forge(t, theirs, `{"alg":"RS256"}`, good),
		"another team's key under our kid":   forge(t, theirs, header, good),
		"jku":                                forge(t, theirs, `{"alg":"RS256","kid":"`+ours.kid+`","jku":"https://evil.test/certs"}`, good),
		"x5u":                                forge(t, theirs, `{"alg":"RS256","kid":"`+ours.kid+`","x5u":"https://evil.test/certs"}`, good),
		"jwk":                                forge(t, theirs, `{"alg":"RS256","kid":"x","jwk":`+string(theirJWK)+`}`, good),
		"jku on our own signature":           forge(t, ours.private, `{"alg":"RS256","kid":"`+ours.kid+`","jku":"https://evil.test/certs"}`, good),
		"jwk on our own signature":           forge(t, ours.private, `{"alg":"RS256","kid":"`+ours.kid+`","jwk":`+string(theirJWK)+`}`, good),
		"crit":                               forge(t, ours.private, `{"alg":"RS256","kid":"`+ours.kid+`","crit":["exp"],"exp":1}`, good),
		"alg twice":                          forge(t, ours.private, `{"alg":"none","alg":"RS256","kid":"`+ours.kid+`"}`, good),
		"kid twice":                          forge(t, ours.private, `{"alg":"RS256","kid":"x","kid":"`+ours.kid+`"}`, good),
		"RS512":                              forge(t, ours.private, `{"alg":"RS512","kid":"`+ours.kid+`"}`, good),
		"wrong iss":                          with(map[string]any{"iss": "https://evil.cloudflareaccess.com"}),
		"iss with a slash":                   with(map[string]any{"iss": "https://" + team + "/"}),
		"iss missing":                        with(map[string]any{"iss": nil}),
		"aud wrong":                          with(map[string]any{"aud": []string{strings.Repeat("0", 64)}}),
		"aud wrong string":                   with(map[string]any{"aud": strings.Repeat("0", 64)}),
		"aud missing":                        with(map[string]any{"aud": nil}),
		"aud null":                           with(map[string]any{"aud": []any{nil}}),
		"aud number":                         with(map[string]any{"aud": 1}),
		"aud empty":                          with(map[string]any{"aud": []string{}}),
		"aud empty string":                   with(map[string]any{"aud": ""}),
		"expired":                            with(map[string]any{"exp": w.clock.Now().Unix()}),
		"not valid yet":                      with(map[string]any{"nbf": w.clock.Now().Unix() + 1}),
		"exp missing":                        with(map[string]any{"exp": nil}),
		"exp text":                           with(map[string]any{"exp": "9999999999"}),
		"type org":                           with(map[string]any{"type": "org"}),
		"type meta":                          with(map[string]any{"type": "meta"}),
		"type missing":                       with(map[string]any{"type": nil}),
		"service token replayed as a user":   with(map[string]any{"email": nil, "sub": "", "common_name": "x.access"}),
		"signature cut off":                  strings.TrimSuffix(genuine, signature),
		"signature of other claims":          strings.Split(with(map[string]any{"email": "boss@example.com"}), ".")[0] + "." + strings.Split(with(map[string]any{"email": "boss@example.com"}), ".")[1] + "." + signature,
		"no dots":                            strings.ReplaceAll(genuine, ".", ""),
		"10000 dots":                         strings.Repeat(".", 10_000),
		"1 MB":                               header + "." + strings.Repeat("A", 1<<20) + "." + signature,
		"nested deeply":                      b64(strings.Repeat(`{"a":`, 2000)+"1"+strings.Repeat("}", 2000)) + "." + payload + "." + signature,
		"JWE":                                b64(`{"alg":"RSA-OAEP","enc":"A256GCM","kid":"`+ours.kid+`"}`) + ".AAAA.AAAA.AAAA.AAAA",
		"JSON serialization":                 `{"payload":"` + payload + `","signatures":[]}`,
		"empty":                              "",
		"text":                               "true",
	}
	for _, alg := range []string{"none", "None", "NONE", "nOnE", ""} {
		head := b64(`{"alg":"` + alg + `","kid":"` + ours.kid + `"}`)
		list[fmt.Sprintf("alg %q, no signature", alg)] = head + "." + payload + "."
		list[fmt.Sprintf("alg %q, no third part", alg)] = head + "." + payload
		list[fmt.Sprintf("alg %q, genuine signature", alg)] = head + "." + payload + "." + signature
	}
	return list
}

func hs256(t testing.TB, key *rsa.PublicKey, kid, payload string) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	m := hmac.New(sha256.New, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	text := b64(`{"alg":"HS256","kid":"`+kid+`"}`) + "." + payload
	m.Write([]byte(text))
	return text + "." + b64(string(m.Sum(nil)))
}

func TestForgeries(t *testing.T) {
	w := newWorld(t)
	for name, token := range forgeries(t, w) {
		t.Run(name, func(t *testing.T) {
			for carrier, header := range map[string]string{"token": "Cf-Access-Token: ", "assertion": headerAssertion + ": ", "cookie": "Cookie: CF_Authorization="} {
				r := w.serve("GET", "https://"+hostA+"/", nil, header+token)
				if !isLogin(r) || w.seen != nil {
					t.Errorf("by %s: %d; %s", carrier, r.StatusCode, w.last.Why)
				}
			}
			if r := w.serve("GET", "https://"+hostA+"/cdn-cgi/access/get-identity", nil, "Cookie: CF_Authorization="+token); r.StatusCode != 400 {
				t.Errorf("get-identity: %d %s", r.StatusCode, r.body)
			}
		})
	}
	t.Run("genuine", func(t *testing.T) {
		if r := w.serve("GET", "https://"+hostA+"/", nil, "Cf-Access-Token: "+w.token("alice@example.com")); r.StatusCode != 200 {
			t.Errorf("%d %s", r.StatusCode, w.last.Why)
		}
	})
}

func TestIdentityHeaderAloneIsNoCredential(t *testing.T) {
	w := newWorld(t)
	r := w.serve("GET", "https://"+hostA+"/", nil, headerEmail+": alice@example.com")
	if !isLogin(r) {
		t.Errorf("%d", r.StatusCode)
	}
}

func TestTokenOfAnEarlierKeyIsRefused(t *testing.T) {
	w := newWorld(t)
	token := w.token("alice@example.com")
	for range 2 {
		if r := w.serve("GET", "https://"+hostA+"/", nil, "Cf-Access-Token: "+token); r.StatusCode != 200 {
			t.Fatalf("%d %s", r.StatusCode, w.last.Why)
		}
		if err := w.state.RotateKeys(); err != nil {
			t.Fatal(err)
		}
	}
	if r := w.serve("GET", "https://"+hostA+"/", nil, "Cf-Access-Token: "+token); !isLogin(r) {
		t.Errorf("after two rotations: %d", r.StatusCode)
	}
}

func TestAlteredMetaIsNotBelieved(t *testing.T) {
	w := newWorld(t)
	theirs, err := keypool.Key(7)
	if err != nil {
		t.Fatal(err)
	}
	app, _ := w.config.App("app-a")
	g := goal{aud: app.AUD, host: hostA}
	if _, err := w.state.keys(); err != nil {
		t.Fatal(err)
	}
	ours := w.state.ring.pair.Load().current
	good := metaClaims{Type: "meta", Audience: app.AUD, Host: hostA, Expires: w.clock.Now().Unix() + 300, Session: "hash"}
	meta := func(change func(*metaClaims)) metaClaims { m := good; change(&m); return m }
	header := `{"typ":"JWT","alg":"RS256","kid":"` + ours.kid + `"}`
	for name, c := range map[string]struct {
		key    *rsa.PrivateKey
		claims metaClaims
		want   string
	}{
		"genuine":       {ours.private, good, "hash"},
		"another's key": {theirs, good, ""},
		"another app":   {ours.private, meta(func(m *metaClaims) { m.Audience = "x" }), ""},
		"another host":  {ours.private, meta(func(m *metaClaims) { m.Host = "b.example.com" }), ""},
		"expired":       {ours.private, meta(func(m *metaClaims) { m.Expires = w.clock.Now().Unix() }), ""},
		"an app token":  {ours.private, meta(func(m *metaClaims) { m.Type = "app" }), ""},
	} {
		if got := w.state.sessionHash(forge(t, c.key, header, c.claims), g); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
