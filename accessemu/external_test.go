package accessemu

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/sundog-edge/sundog/accessemu/keypool"
)

// evaluator is a service that is asked about people.
type evaluator struct {
	t      *testing.T
	w      *world
	asked  []map[string]any
	answer func(claims map[string]any) (status int, body string)
	keys   int // which key it signs with; it shows key 5
}

const evaluateURL, keysURL = "https://evaluate.example.com/", "https://evaluate.example.com/keys"

func (e *evaluator) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := 200, ""
	switch r.URL.String() {
	case keysURL:
		key, err := keypool.Key(5)
		if err != nil {
			return nil, err
		}
		data, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "mine", Algorithm: "RS256"}}})
		if err != nil {
			return nil, err
		}
		body = string(data)
	case evaluateURL:
		var question tokenBody
		data, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(data, &question); err != nil || r.Method != "POST" || r.Header.Get("Content-Type") != "application/json" {
			e.t.Errorf("asked by %s %s", r.Method, data)
		}
		if _, _, problem := e.w.state.open(question.Token); problem != "" {
			e.t.Error("the question is " + problem)
		}
		_, claims := claimsOf(e.t, question.Token)
		e.asked = append(e.asked, claims)
		status, body = e.answer(claims)
	default:
		e.t.Errorf("asked %s", r.URL)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewBufferString(body)), Request: r}, nil
}

// signs answers with the nonce of the question, and what change makes of it.
func (e *evaluator) signs(change func(map[string]any)) {
	e.answer = func(q map[string]any) (int, string) {
		now := e.w.clock.Now().Unix()
		claims := map[string]any{"success": true, "iat": now, "exp": now + 60, "nonce": q["nonce"]}
		if change != nil {
			change(claims)
		}
		key, err := keypool.Key(e.keys)
		if err != nil {
			e.t.Fatal(err)
		}
		return 200, `{"token":"` + forge(e.t, key, `{"alg":"RS256","kid":"mine"}`, claims) + `"}`
	}
}

func newEvaluator(t *testing.T) *evaluator {
	app := appA()
	app.Policies = []PolicyRef{allow("checked", EmailDomainRule{"example.com"})}
	app.Policies[0].Require = rulesOf(ExternalEvaluationRule{evaluateURL, keysURL})
	e := &evaluator{t: t, w: newWorld(t, app), keys: 5}
	e.w.state.http = e
	e.signs(nil)
	return e
}

func TestExternalEvaluation(t *testing.T) {
	e := newEvaluator(t)
	b := e.w.browser()
	if r := b.login(pageA, alice); r.StatusCode != 200 || e.w.seen == nil {
		t.Fatalf("%d %s", r.StatusCode, e.w.last.Why)
	}
	if len(e.asked) != 1 {
		t.Fatalf("asked %d times", len(e.asked))
	}
	identity, _ := e.asked[0]["identity"].(map[string]any)
	if identity["email"] != alice || len(e.asked[0]["nonce"].(string)) != 32 {
		t.Errorf("%v", e.asked[0])
	}
	for range 3 { // not at every request
		if r := b.get(pageA); r.StatusCode != 200 {
			t.Error(e.w.last.Why)
		}
	}
	if len(e.asked) != 1 {
		t.Errorf("asked %d times", len(e.asked))
	}
	e.w.clock.Add(25 * time.Hour)
	e.signs(func(c map[string]any) { c["success"] = false })
	if r := e.w.browser().loginUntilDenied(alice); r.StatusCode != 403 || len(e.asked) != 2 {
		t.Errorf("%d, asked %d times", r.StatusCode, len(e.asked))
	}
	// Whom the other rules turn away, nobody is asked about.
	_, nonce := e.w.browser().ask(pageA, "bob@other.test")
	if _, ok := e.w.state.OTP("bob@other.test", nonce); ok || len(e.asked) != 2 {
		t.Error("bob is asked about")
	}
}

// loginUntilDenied enters the right code and answers what comes.
func (b *browser) loginUntilDenied(email string) *reply {
	b.w.t.Helper()
	_, nonce := b.ask(pageA, email)
	code, ok := b.w.state.OTP(email, nonce)
	if !ok {
		b.w.t.Fatal("no PIN")
	}
	return b.enter(nonce, code)
}

func TestExternalEvaluationThatFails(t *testing.T) {
	for name, change := range map[string]func(*evaluator){
		"success false":   func(e *evaluator) { e.signs(func(c map[string]any) { c["success"] = false }) },
		"success text":    func(e *evaluator) { e.signs(func(c map[string]any) { c["success"] = "true" }) },
		"success missing": func(e *evaluator) { e.signs(func(c map[string]any) { delete(c, "success") }) },
		"expired":         func(e *evaluator) { e.signs(func(c map[string]any) { c["exp"] = e.w.clock.Now().Unix() }) },
		"no exp":          func(e *evaluator) { e.signs(func(c map[string]any) { delete(c, "exp") }) },
		"no iat":          func(e *evaluator) { e.signs(func(c map[string]any) { delete(c, "iat") }) },
		"another nonce":   func(e *evaluator) { e.signs(func(c map[string]any) { c["nonce"] = "x" }) },
		"no nonce":        func(e *evaluator) { e.signs(func(c map[string]any) { delete(c, "nonce") }) },
		"another key":     func(e *evaluator) { e.keys = 6 },
		"the question":    func(e *evaluator) { e.answer = func(map[string]any) (int, string) { return 200, `{"token":"x.y.z"}` } },
		"500":             func(e *evaluator) { e.answer = func(map[string]any) (int, string) { return 500, `{}` } },
		"a redirect":      func(e *evaluator) { e.answer = func(map[string]any) (int, string) { return 302, `{}` } },
		"no JSON":         func(e *evaluator) { e.answer = func(map[string]any) (int, string) { return 200, `<` } },
		"more than is read": func(e *evaluator) {
			e.answer = func(map[string]any) (int, string) { return 200, strings.Repeat(" ", maxEvaluation) + `{}` }
		},
		"nested deeply": func(e *evaluator) {
			e.answer = func(map[string]any) (int, string) { return 200, strings.Repeat("[", 60_000) }
		},
		"no answer in keys": func(e *evaluator) { e.signs(nil); e.keys = 4 },
	} {
		t.Run(name, func(t *testing.T) {
			e := newEvaluator(t)
			change(e)
			b := e.w.browser()
			if r := b.loginUntilDenied(alice); r.StatusCode != 403 || b.cookie(pageA, cookieAuthorization) != "" {
				t.Errorf("%d %s", r.StatusCode, r.body)
			}
		})
	}
}
