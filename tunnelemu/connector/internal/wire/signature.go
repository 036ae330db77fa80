package wire

import (
	"fmt"
	"io"
)

// Kind is what a QUIC stream is for, as its first bytes say. The control stream has none.
type Kind int

// The kinds of streams.
const (
	KindUnknown Kind = iota
	KindRequest      // a ConnectRequest or its answer, then a body
	KindRPC          // Cap'n Proto RPC
)

// signatureLen is the length of both signatures, and versionLen what follows that of a request.
const (
	signatureLen = 6
	versionLen   = 2
)

const (
	requestHead = "\x0a\x36\xcd\x12\xa1\x3e" + "01" // signature and version, which nobody interprets
	rpcHead     = "\x52\xbb\x82\x5c\xdb\x65"
)

// ReadKind reads the signature of a stream, and the version of a request stream.
func ReadKind(r io.Reader) (Kind, error) {
	var b [signatureLen + versionLen]byte
	if _, err := io.ReadFull(r, b[:signatureLen]); err != nil {
		return KindUnknown, err
	}
	switch string(b[:signatureLen]) {
	case rpcHead:
		return KindRPC, nil
	case requestHead[:signatureLen]:
		_, err := io.ReadFull(r, b[signatureLen:])
		return KindRequest, err
	}
	return KindUnknown, fmt.Errorf("%w: a stream begins with % x, which is the signature of neither a request nor RPC", ErrMalformed, b[:signatureLen])
}

// WriteRPCHead signs a stream that carries RPC.
func WriteRPCHead(w io.Writer) error {
	_, err := io.WriteString(w, rpcHead)
	return err
}
