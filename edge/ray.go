package edge

import (
	"encoding/binary"
	"io"
	"sync/atomic"
)

// colo is the data centre that this edge stands in, as Cf-Ray names it.
const colo = "SUN"

// rays numbers requests. A ray is a name, not a secret: a counter scrambled by
// an invertible mix never repeats and costs no lock.
type rays struct {
	start uint64
	count atomic.Uint64
}

func (r *rays) seed(random io.Reader) error {
	var b [8]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return err
	}
	r.start = binary.BigEndian.Uint64(b[:])
	return nil
}

// next is 16 hex digits, a dash and the data centre.
func (r *rays) next() string {
	x := r.start + r.count.Add(1)*0x9e3779b97f4a7c15 // splitmix64
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	const digits = "0123456789abcdef"
	var b [16 + 1 + len(colo)]byte
	for i := range 16 {
		b[i] = digits[x>>(60-4*i)&15]
	}
	b[16] = '-'
	copy(b[17:], colo)
	return string(b[:])
}
