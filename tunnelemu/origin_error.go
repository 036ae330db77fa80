package tunnelemu

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
)

// Kind says what went wrong between connector and origin.
type Kind string

// The kinds of origin errors. All of them but KindDenied are a 502 to the connector.
const (
	KindRefused     Kind = "refused"     // nothing listens there
	KindMissing     Kind = "missing"     // the unix socket does not exist
	KindTimeout     Kind = "timeout"     // no connection within connectTimeout
	KindName        Kind = "name"        // the service's host name does not resolve
	KindUnreachable Kind = "unreachable" // no route to host or network
	KindTLS         Kind = "tls"         // handshake or certificate
	KindTLSTimeout  Kind = "tls_timeout" // no handshake within tlsTimeout
	KindReset       Kind = "reset"       // the connection ended before the response's headers
	KindProtocol    Kind = "protocol"    // what came back is no HTTP response, or an upgrade nobody asked for
	KindUpgrade     Kind = "upgrade"     // the client's connection cannot be upgraded
	KindBody        Kind = "body"        // the client's request body could not be read
	KindCanceled    Kind = "canceled"    // the client went away
	KindDial        Kind = "dial"        // connecting failed otherwise, such as by an Options.Dial that refuses
	KindAddress     Kind = "address"     // no destination, or one without a port: a bastion's header, a service of an unknown scheme
	KindTransport   Kind = "transport"   // the way between edge and connector cannot carry the request: a quirk
	KindDenied      Kind = "denied"      // no Access token, or one for other audiences: the connector's own check, a 403
	KindToken       Kind = "token"       // an Access token that the connector cannot verify: malformed, expired, of another issuer, or without keys
	KindOther       Kind = "other"
)

// OriginError says that a request did not reach an origin, or the origin did not answer. Nothing was written to the
// client.
type OriginError struct {
	Kind    Kind
	Service string // as the rule says
	Rule    *Rule
	File    string // the configuration's name; with Rule.Line and Rule.Column the place to mend
	Err     error  // the cause; an error of Options.Dial is found in it by errors.As
}

// Error names the rule's place, the service and the cause.
func (e *OriginError) Error() string {
	at := where(e.File, e.Rule.Line, e.Rule.Column)
	if at != "" {
		at += ": "
	}
	return fmt.Sprintf("%sorigin %s: %s: %v", at, e.Service, e.Kind, e.Err)
}

// Status is what the connector answers, without a body: 403 for KindDenied, 502 for all else.
func (e *OriginError) Status() int {
	if e.Kind == KindDenied {
		return http.StatusForbidden
	}
	return http.StatusBadGateway
}

// Unwrap is the cause.
func (e *OriginError) Unwrap() error { return e.Err }

func (t *Tunnel) originError(kind Kind, d Decision, err error) error {
	return &OriginError{Kind: kind, Service: d.Rule.Service, Rule: d.Rule, File: t.file, Err: err}
}

// kindOf sorts an error of the round trip.
func kindOf(ctx context.Context, err error) Kind {
	var dial *dialError
	var name *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case ctx.Err() != nil:
		return KindCanceled
	case errors.Is(err, errNoAddress):
		return KindAddress
	case errors.As(err, &name):
		return KindName
	case errors.Is(err, syscall.ECONNREFUSED):
		return KindRefused
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return KindUnreachable
	case errors.As(err, &dial):
		switch {
		case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
			return KindTimeout
		case errors.Is(err, fs.ErrNotExist):
			return KindMissing
		}
		return KindDial
	case isTLS(err):
		return KindTLS
	case errors.As(err, &timeout) && timeout.Timeout():
		// After the dial the transport has one clock only.
		return KindTLSTimeout
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, io.ErrClosedPipe), strings.Contains(err.Error(), "server closed idle connection"):
		return KindReset
	case strings.Contains(err.Error(), "malformed"), strings.Contains(err.Error(), "net/http: server response headers"):
		return KindProtocol
	}
	return KindOther
}

// isTLS also knows the handshake's untyped errors by the package's own prefix.
func isTLS(err error) bool {
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var verify *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	if errors.As(err, &record) || errors.As(err, &alert) || errors.As(err, &verify) || errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid) {
		return true
	}
	text := err.Error()
	return strings.HasPrefix(text, "tls: ") || strings.Contains(text, "remote error: tls: ") || strings.Contains(text, "server gave HTTP response to HTTPS client")
}
