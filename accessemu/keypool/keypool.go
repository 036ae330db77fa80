// Package keypool lends RSA keys to tests. Making one takes a tenth of a second
// or more, so a test binary makes each key once and every State in it shares
// them:
//
//	s := accessemu.NewState(accessemu.StateOptions{Keys: keypool.Key})
//
// Keys are made when first asked for. They are never written anywhere.
package keypool

import (
	"crypto/rand"
	"crypto/rsa"
	"sync"
)

var pool sync.Map // int → func() (*rsa.PrivateKey, error)

// Key is the n-th key of this process, RSA-2048.
func Key(n int) (*rsa.PrivateKey, error) {
	entry, _ := pool.LoadOrStore(n, sync.OnceValues(func() (*rsa.PrivateKey, error) {
		return rsa.GenerateKey(rand.Reader, 2048)
	}))
	return entry.(func() (*rsa.PrivateKey, error))()
}
