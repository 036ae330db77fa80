// Package grpcframe reads and writes the messages of gRPC calls: a byte that says
// whether the message is compressed, its length in four, and the message.
package grpcframe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// MaxMessage is the longest message that Read takes, in bytes: gRPC's own default.
const MaxMessage = 4 << 20

// ErrCompressed is a message that nobody asked to be compressed.
var ErrCompressed = errors.New("grpc: a compressed message")

// Read reads one message. Where there is none any more the error is io.EOF.
func Read(r io.Reader) ([]byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(head[1:])
	switch {
	case head[0] != 0:
		return nil, ErrCompressed
	case length > MaxMessage:
		return nil, fmt.Errorf("grpc: a message of %d bytes; %d are the limit", length, MaxMessage)
	}
	message := make([]byte, length)
	if _, err := io.ReadFull(r, message); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return message, nil
}

// Write writes one message.
func Write(w io.Writer, message []byte) error {
	frame := make([]byte, 5, 5+len(message))
	binary.BigEndian.PutUint32(frame[1:], uint32(len(message)))
	_, err := w.Write(append(frame, message...))
	return err
}
