package accessemu

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
)

// The claims of each kind of token, in the order in which they are written.

type appClaims struct {
	Audience [1]string `json:"aud"`
	Email    string    `json:"email"`
	Expires  int64     `json:"exp"`
	Issued   int64     `json:"iat"`
	NotYet   int64     `json:"nbf"`
	Issuer   string    `json:"iss"`
	Type     string    `json:"type"` // "app"
	Nonce    string    `json:"identity_nonce"`
	Subject  string    `json:"sub"`

	AMR    []string       `json:"amr,omitempty"`    // as the identity provider says
	Custom map[string]any `json:"custom,omitempty"` // claims, as the identity provider's document takes them

	Host     string `json:"h_INTERNAL_DO_NOT_USE"`
	Country  string `json:"country"`
	PolicyID string `json:"policy_id"`
}

type orgClaims struct {
	Type     string           `json:"type"` // "org"
	Audience [1]string        `json:"aud"`
	Expires  int64            `json:"exp"`
	Issued   int64            `json:"iat"`
	NotYet   int64            `json:"nbf"`
	Issuer   string           `json:"iss"`
	Subject  string           `json:"sub"`
	Email    string           `json:"email"`
	Nonce    string           `json:"identity_nonce"`
	Account  string           `json:"account_id"`
	Identity identityDocument `json:"identity"`
}

type metaClaims struct {
	Type          string   `json:"type"` // "meta"
	Audience      string   `json:"aud"`
	Host          string   `json:"hostname"`
	Redirect      string   `json:"redirect_url"`
	ServiceStatus bool     `json:"service_token_status"`
	Warp          bool     `json:"is_warp"`
	Gateway       bool     `json:"is_gateway"`
	Expires       int64    `json:"exp"`
	NotYet        int64    `json:"nbf"`
	Issued        int64    `json:"iat"`
	AuthStatus    string   `json:"auth_status"`
	MTLS          mtlsAuth `json:"mtls_auth"`
	Country       string   `json:"real_country"`
	Session       string   `json:"app_session_hash"`
}

type mtlsAuth struct {
	IssuerDN   string `json:"cert_issuer_dn"`
	Serial     string `json:"cert_serial"`
	IssuerSKI  string `json:"cert_issuer_ski"`
	Presented  bool   `json:"cert_presented"`
	CommonName string `json:"common_name"`
	Status     string `json:"auth_status"`
}

// tokenHeader is written by hand: go-jose sorts the names, and the real order
// differs for tokens made at the edge.
type tokenHeader struct {
	Type  string `json:"typ,omitempty"` // absent from tokens made at a login
	Alg   string `json:"alg"`
	KeyID string `json:"kid"`
}

// sign makes a compact RS256 token.
func (k *signingKey) sign(typ string, claims any) (string, error) {
	head, err := json.Marshal(tokenHeader{typ, "RS256", k.kid})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	b64 := base64.RawURLEncoding
	text := b64.EncodeToString(head) + "." + b64.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, k.private, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return text + "." + b64.EncodeToString(signature), nil
}

// subjectOf is the user id of an address in an account: a version 5 UUID, so
// the same on every run.
func subjectOf(account, email string) string {
	space, err := hex.DecodeString(account)
	if err != nil {
		space = []byte(account)
	}
	h := sha1.New()
	h.Write(space)
	h.Write([]byte(email))
	sum := h.Sum(nil)[:16]
	sum[6] = sum[6]&0x0f | 0x50
	sum[8] = sum[8]&0x3f | 0x80
	s := hex.EncodeToString(sum)
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

func sha256Hex(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
