// Package derive makes the identifiers that a file does not give: the same
// account, kind and natural key yield the same identifier on every run and
// every laptop.
package derive

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Hex64 is a 64-digit identifier, the shape of an audience tag.
func Hex64(account, kind, key string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{account, kind, key}, "\x00")))
	return hex.EncodeToString(sum[:])
}

// Hex32 is a 32-digit identifier, the shape of account, zone and record ids.
func Hex32(account, kind, key string) string { return Hex64(account, kind, key)[:32] }

// UUID is an identifier of the shape of application, policy and tunnel ids. Its version
// and variant bits say that it was made from a hash.
func UUID(account, kind, key string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{account, kind, key}, "\x00")))
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
