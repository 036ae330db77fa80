package forge

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"
	"time"
)

// Where an attacker's own keys would be. Nobody can own these names: .example is reserved,
// and of the other only the world that has it could answer.
const (
	AttackerHost   = "attacker.example"
	AttackerIssuer = "https://attacker.cloudflareaccess.com"
)

// workshop is where one forgery is made: the material, taken apart. The first error stays.
type workshop struct {
	Material
	header, claims    Members
	issuer, aud       string
	payload, sealed   string // second and third part of the genuine token
	head              string // first part
	email, victimMail string
	err               error
}

func newWorkshop(m Material) (*workshop, error) {
	w := &workshop{Material: m}
	for _, k := range []Key{m.Current, m.Retired, m.Foreign} {
		if k.Private == nil || k.ID == "" {
			return nil, errors.New("the material lacks a key")
		}
	}
	var err error
	if w.header, w.claims, err = Parse(m.Genuine); err != nil {
		return nil, err
	}
	parts := strings.Split(m.Genuine, ".")
	w.head, w.payload, w.sealed = parts[0], parts[1], parts[2]
	w.issuer, w.aud, w.email = w.claims.Text("iss"), w.claims.Text("aud"), w.claims.Text("email")
	if w.issuer == "" || w.aud == "" || w.email == "" {
		return nil, errors.New("the genuine token lacks iss, aud or email")
	}
	w.victimMail = m.Victim
	if w.victimMail == "" {
		_, domain, _ := strings.Cut(w.email, "@")
		w.victimMail = "victim@" + domain
	}
	return w, nil
}

// note keeps the first error.
func (w *workshop) note(err error) {
	if w.err == nil {
		w.err = err
	}
}

// ours are claims that the account itself signed.
func (w *workshop) ours(claims Members) Forged { return w.signed(w.Current, w.header, claims) }

// theirs is the genuine text under the attacker's signature.
func (w *workshop) theirs(header Members) Forged { return w.signed(w.Foreign, header, w.claims) }

func (w *workshop) signed(k Key, header, claims Members) Forged {
	token, err := Sign(k, header, claims)
	w.note(err)
	return Forged{Token: token}
}

// bare is a header and the genuine claims, without a signature yet.
func (w *workshop) bare(header Members) string {
	text, err := signingInput(header, w.claims)
	w.note(err)
	return text
}

// mac signs with a shared secret, as HS256 does.
func (w *workshop) mac(header Members, secret []byte) Forged {
	text := w.bare(header)
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(text))
	return Forged{Token: text + "." + b64(m.Sum(nil))}
}

// unix is a NumericDate.
func (w *workshop) unix(from time.Duration) int64 { return w.Now.Add(from).Unix() }

// victim is the token that the attacker would like to have.
func (w *workshop) victim() Members { return w.claims.With("email", w.victimMail) }
