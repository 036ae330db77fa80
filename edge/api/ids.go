package api

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
)

// newUUID is a version 4 UUID.
func (s *server) newUUID() (string, error) {
	b, err := s.newBytes(16)
	if err != nil {
		return "", err
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}

// newHex32 is 32 digits that nobody guesses.
func (s *server) newHex32() (string, error) {
	b, err := s.newBytes(16)
	return hex.EncodeToString(b), err
}

func (s *server) newBytes(n int) ([]byte, error) {
	s.random.Lock()
	defer s.random.Unlock()
	b := make([]byte, n)
	_, err := io.ReadFull(s.Rand, b)
	return b, err
}

// chance is a number from 0 up to 1.
func (s *server) chance() float64 {
	b, err := s.newBytes(2)
	if err != nil {
		return 0
	}
	return float64(binary.BigEndian.Uint16(b)) / (1 << 16)
}
