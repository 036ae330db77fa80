package ca

import (
	"crypto/tls"
	"sync"
	"sync/atomic"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
)

// cache holds leaves by name. Readers follow one pointer to a persistent tree and
// take no lock. When it is full, a hand goes round over the leaves and drops the
// first that was not read since it last came by.
type cache struct {
	max  int
	tree atomic.Pointer[iradix.Tree[*leaf]]

	mu   sync.Mutex // guards what follows, and writing tree
	ring []*leaf
	hand int
}

// leaf is a place for one certificate, there before the certificate is.
type leaf struct {
	name string
	used atomic.Bool
	cert atomic.Pointer[tls.Certificate]
	mint sync.Mutex // held while the certificate is made
}

// get is nil when there is no such leaf.
func (c *cache) get(name string) *leaf {
	tree := c.tree.Load()
	if tree == nil {
		return nil
	}
	var buf [256]byte
	l, ok := tree.Get(append(buf[:0], name...))
	if !ok {
		return nil
	}
	// Handshakes of a busy host would otherwise write one cache line in turn.
	if !l.used.Load() {
		l.used.Store(true)
	}
	return l
}

// add makes a place, or finds the one that another handshake has made meanwhile.
func (c *cache) add(name string) *leaf {
	c.mu.Lock()
	defer c.mu.Unlock()
	tree := c.tree.Load()
	if tree == nil {
		tree = iradix.New[*leaf]()
	}
	if l, ok := tree.Get([]byte(name)); ok {
		return l
	}
	l := &leaf{name: name}
	txn := tree.Txn()
	if len(c.ring) < c.max {
		c.ring = append(c.ring, l)
	} else {
		for c.ring[c.hand].used.Swap(false) {
			c.hand = (c.hand + 1) % c.max
		}
		txn.Delete([]byte(c.ring[c.hand].name))
		c.ring[c.hand] = l
		c.hand = (c.hand + 1) % c.max
	}
	txn.Insert([]byte(name), l)
	c.tree.Store(txn.Commit())
	return l
}
