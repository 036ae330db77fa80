package accessemu

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// ownHeaders are the two first parts that tokens of a key can have: of people's, and of machines'.
func ownHeaders(kid string) (list [2]string) {
	for i, typ := range [...]string{"", "JWT"} {
		head, err := json.Marshal(tokenHeader{typ, "RS256", kid})
		if err != nil {
			panic("accessemu: the header of a token is not JSON: " + err.Error()) // texts always are
		}
		list[i] = base64.RawURLEncoding.EncodeToString(head)
	}
	return list
}

// openOwn is open for a token whose first part is, byte for byte, what we write ourselves: then there is
// nothing in it to look at. Anything else about it is for open to judge, and to say.
func (p *keyPair) openOwn(token string) ([]byte, *signingKey) {
	if p == nil {
		return nil, nil
	}
	head, rest, _ := strings.Cut(token, ".")
	var key *signingKey
	for _, k := range [...]*signingKey{p.current, p.previous} {
		if head == k.headers[0] || head == k.headers[1] {
			key = k
		}
	}
	text, sealed, ok := strings.Cut(rest, ".")
	if key == nil || !ok || strings.ContainsAny(rest, "\r\n") { // which the decoder would pass over
		return nil, nil
	}
	b64 := base64.RawURLEncoding.Strict()
	buf := make([]byte, 0, len(token)) // the text that was signed, then what it says
	buf = append(buf, token[:len(head)+1+len(text)]...)
	sum := sha256.Sum256(buf)
	var signature [512]byte
	if b64.DecodedLen(len(sealed)) > len(signature) {
		return nil, nil
	}
	n, err := b64.Decode(signature[:], []byte(sealed))
	if err != nil || rsa.VerifyPKCS1v15(&key.private.PublicKey, crypto.SHA256, sum[:], signature[:n]) != nil {
		return nil, nil
	}
	body, err := b64.AppendDecode(buf[:0], []byte(text))
	if err != nil {
		return nil, nil
	}
	return body, key
}
