package workerd

import (
	little "encoding/binary"
	"unicode/utf8"
)

// message is a Cap'n Proto message of one segment, in the encoding of streams and files: a table of the segments'
// sizes, which is one word here, and the segment, whose first word points at the root. Places are counted in words
// from the table on; pointers are relative, so that they need not know of it.
type message struct{ b []byte }

const word = 8

// The kinds of pointers and of lists' elements that are used.
const (
	toObject, toList               = 0, 1
	ofBytes, ofPointers, ofObjects = 2, 6, 7
)

func newMessage(size int) *message {
	m := &message{b: make([]byte, 0, size)}
	m.alloc(2)
	return m
}

// root is the place of the pointer to the root.
const root = 1

// alloc is the place of that many words at the end, which are zero.
func (m *message) alloc(words int) (at int) {
	at = len(m.b) / word
	m.b = append(m.b, make([]byte, words*word)...)
	return at
}

// point puts a pointer at a place: to the given place, with what the upper half of the word says.
func (m *message) point(at, to, kind int, upper uint32) {
	little.LittleEndian.PutUint64(m.b[at*word:], uint64(upper)<<32|uint64(uint32(to-at-1)<<2|uint32(kind)))
}

// size is the sizes of an object's two parts in words, as pointers have them.
func size(data, pointers int) uint32 { return uint32(data) | uint32(pointers)<<16 }

// object is a struct: words of data, and pointers after them.
type object struct {
	*message
	at, data int
}

// object puts one behind the pointer at a place.
func (m *message) object(at, data, pointers int) object {
	to := m.alloc(data + pointers)
	m.point(at, to, toObject, size(data, pointers))
	return object{m, to, data}
}

// pointer is the place of one of the object's pointers.
func (o object) pointer(i int) int { return o.at + o.data + i }

// set puts 16 bits into the data; its place is counted in such.
func (o object) set(i int, value uint16) {
	little.LittleEndian.PutUint16(o.b[o.at*word+2*i:], value)
}

// objects puts a list of objects behind the pointer at a place, and fills them in.
func objects[T any](m *message, at int, items []T, data, pointers int, fill func(object, T)) {
	each := data + pointers
	tag := m.alloc(1 + len(items)*each)
	m.point(at, tag, toList, uint32(len(items)*each)<<3|ofObjects)
	little.LittleEndian.PutUint64(m.b[tag*word:], uint64(size(data, pointers))<<32|uint64(len(items))<<2)
	for i, item := range items {
		fill(object{m, tag + 1 + i*each, data}, item)
	}
}

// text puts a text behind the pointer at a place, with the zero that ends it. As in [Quote], bytes that are no UTF-8
// become U+FFFD.
func (m *message) text(at int, s string) {
	if !utf8.ValidString(s) {
		s = string([]rune(s))
	}
	to := m.alloc((len(s) + word) / word)
	copy(m.b[to*word:], s)
	m.point(at, to, toList, uint32(len(s)+1)<<3|ofBytes)
}

// some is text for what is not empty.
func (m *message) some(at int, s string) {
	if s != "" {
		m.text(at, s)
	}
}

func (m *message) bytes(at int, b []byte) {
	to := m.alloc((len(b) + word - 1) / word)
	copy(m.b[to*word:], b)
	m.point(at, to, toList, uint32(len(b))<<3|ofBytes)
}

// texts puts a list of texts behind the pointer at a place; an empty one is left out.
func (m *message) texts(at int, values []string) {
	if len(values) == 0 {
		return
	}
	to := m.alloc(len(values))
	m.point(at, to, toList, uint32(len(values))<<3|ofPointers)
	for i, v := range values {
		m.text(to+i, v)
	}
}

// end writes the table.
func (m *message) end() []byte {
	little.LittleEndian.PutUint32(m.b[4:], uint32(len(m.b)/word-1))
	return m.b
}
