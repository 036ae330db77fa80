package dnsemu

import (
	"strings"

	"github.com/miekg/dns"
)

// A key orders names as a tree: the labels from the right, lower-case, each
// closed by a zero byte. "www.example.com" is "com\0example\0www\0", so a prefix
// of a key is always an ancestor's key and never half a label.
const (
	labelEnd = 0x00
	// No record's name contains this byte, so a zero inside a label can be
	// replaced by it without meeting another name.
	notALabelEnd = 0xff

	maxLabel = 63
	maxKey   = 254 // RFC 1035 allows 255 octets with the root's
)

// appendKey appends the key of name, which has no trailing dot and no escapes.
// ok is false when no DNS name is written so.
func appendKey(dst []byte, name string) (key []byte, ok bool) {
	if len(name) == 0 || len(name) >= maxKey {
		return dst, false
	}
	for end := len(name); ; {
		start := strings.LastIndexByte(name[:end], '.') + 1
		if start == end || end-start > maxLabel {
			return dst, false
		}
		for i := start; i < end; i++ {
			dst = append(dst, keyByte(name[i]))
		}
		dst = append(dst, labelEnd)
		if start == 0 {
			return dst, true
		}
		end = start - 1
	}
}

// appendQuestionKey appends the key of a name in the form miekg/dns hands out:
// absolute, odd bytes escaped. The root has the empty key.
func appendQuestionKey(dst []byte, name string) (key []byte, ok bool) {
	if name == "." {
		return dst, true
	}
	if strings.IndexByte(name, '\\') < 0 {
		return appendKey(dst, strings.TrimSuffix(name, "."))
	}
	var wire [maxKey + 1]byte
	if _, err := dns.PackDomainName(name, wire[:], 0, nil, false); err != nil {
		return dst, false
	}
	var starts [maxKey/2 + 1]int
	n := 0
	for at := 0; wire[at] != 0; at += int(wire[at]) + 1 {
		starts[n] = at
		n++
	}
	for n--; n >= 0; n-- {
		at := starts[n]
		for _, c := range wire[at+1 : at+1+int(wire[at])] {
			dst = append(dst, keyByte(c))
		}
		dst = append(dst, labelEnd)
	}
	return dst, true
}

func keyByte(c byte) byte {
	if c == labelEnd {
		return notALabelEnd
	}
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// parentKey drops the leftmost label of the name that key stands for.
func parentKey(key []byte) []byte {
	for i := len(key) - 2; i >= 0; i-- {
		if key[i] == labelEnd {
			return key[:i+1]
		}
	}
	return nil
}
