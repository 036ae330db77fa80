// Package problem holds every error that the edge itself can answer, one
// constructor each: status, code, cause, and what would mend it. Pages, JSON,
// short texts, traces and tests all read the same value.
package problem

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Problem is an error that the edge answers. It is an error value so that a
// target can return it; nothing has been written to the client then.
type Problem struct {
	Status int    // HTTP status
	Code   int    // Cloudflare's error code (1033), or the status where there is no other
	Title  string // the real page's headline: "Cloudflare Tunnel error"
	Cause  string // what happened here, one sentence
	Mend   string // what would fix it, one sentence
	Where  string // file:line:column of the deciding line; empty: none
	Aside  string // what traces add and no answer says: it is for who runs the world
	By     string // who answered: "edge", "access", "tunnel", "connector"; empty: "edge"
}

// Error is the code, the cause and the mend in one line.
func (p *Problem) Error() string {
	return fmt.Sprintf("error code: %d: %s", p.Code, p.Why())
}

// Why is the value of the Sundog-Why header: cause, place and mend in one
// line of printable ASCII.
func (p *Problem) Why() string {
	var b strings.Builder
	b.WriteString(strings.TrimSuffix(p.Cause, "."))
	if p.Where != "" {
		b.WriteString(" (" + p.Where + ")")
	}
	if p.Mend != "" {
		b.WriteString("; " + p.Mend)
	}
	return OneLine(b.String())
}

// AnsweredBy is the value of the Sundog-Answered-By header.
func (p *Problem) AnsweredBy() string {
	if p.By == "" {
		return "edge"
	}
	return p.By
}

// OneLine makes a text safe for a header value: control characters become
// spaces, and what is not printable ASCII is written as Go would quote it.
func OneLine(s string) string {
	clean := true
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	q := strconv.QuoteToASCII(s)
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}

// BadRequest is a request that no reading makes sense of.
func BadRequest(cause, mend string) *Problem {
	return &Problem{Status: 400, Code: 400, Title: "Bad request", Cause: cause, Mend: mend}
}

// AmbiguousPath is a path that means one Access application in one reading
// and another in the next.
func AmbiguousPath(cause string) *Problem {
	return &Problem{Status: 400, Code: 400, Title: "Bad request", Cause: cause, By: "access",
		Mend: "send the path in one form: no encoded slashes, no dot segments, no doubled slashes"}
}

// Misdirected is a request for a host that the certificate shown, or the CONNECT,
// does not cover.
func Misdirected(cause, mend string) *Problem {
	return &Problem{Status: 421, Code: 421, Title: "Misdirected request", Cause: cause, Mend: mend}
}

// Loop is a request that has passed the edge too often, or an address record that points
// at the edge itself.
func Loop(cause string) *Problem {
	return &Problem{Status: 403, Code: 1000, Title: "DNS points to prohibited IP", Cause: cause,
		Mend: "let the record or the service name the origin, not the edge"}
}

// UnknownHost is a host in no zone of the world, or a name without a record.
func UnknownHost(cause, mend, where string) *Problem {
	return &Problem{Status: 530, Code: 1001, Title: "DNS resolution error", Cause: cause, Mend: mend, Where: where}
}

// DirectIP is a request whose host is an address.
func DirectIP(host string) *Problem {
	return &Problem{Status: 403, Code: 1003, Title: "Direct IP access not allowed",
		Cause: "the request names the address " + host + " instead of a host of this world",
		Mend:  "ask by name: sundog exec -- CMD, or curl --resolve HOST:PORT:ADDRESS https://HOST:PORT/"}
}

// NotServed is a name that exists but is not proxied, so the real edge would never see the request.
func NotServed(cause, mend, where string) *Problem {
	return &Problem{Status: 403, Code: 1004, Title: "Host not configured to serve web traffic", Cause: cause, Mend: mend, Where: where}
}

// OriginName is an origin whose name does not resolve.
func OriginName(cause, mend, where string) *Problem {
	return &Problem{Status: 530, Code: 1016, Title: "Origin DNS error", Cause: cause, Mend: mend, Where: where}
}

// NoConnector is a tunnel that nobody serves.
func NoConnector(cause, mend, where string) *Problem {
	return &Problem{Status: 530, Code: 1033, Title: "Cloudflare Tunnel error", Cause: cause, Mend: mend, Where: where, By: "tunnel"}
}

// BadGateway is a connector that could not reach the service behind it.
func BadGateway(cause, mend, where string) *Problem {
	return &Problem{Status: 502, Code: 502, Title: "Bad gateway", Cause: cause, Mend: mend, Where: where, By: "connector"}
}

// OriginDown is a direct origin that refuses connections.
func OriginDown(cause, mend, where string) *Problem {
	return &Problem{Status: 521, Code: 521, Title: "Web server is down", Cause: cause, Mend: mend, Where: where}
}

// OriginTimeout is a direct origin that does not take the connection in time.
func OriginTimeout(cause, mend, where string) *Problem {
	return &Problem{Status: 522, Code: 522, Title: "Connection timed out", Cause: cause, Mend: mend, Where: where}
}

// OriginUnreachable is a direct origin to which there is no way, egress rules included.
func OriginUnreachable(cause, mend, where string) *Problem {
	return &Problem{Status: 523, Code: 523, Title: "Origin is unreachable", Cause: cause, Mend: mend, Where: where}
}

// OriginSilent is a direct origin that took the request and never answered.
func OriginSilent(cause, mend, where string) *Problem {
	return &Problem{Status: 524, Code: 524, Title: "A timeout occurred", Cause: cause, Mend: mend, Where: where}
}

// OriginHandshake is a direct origin with which no TLS handshake succeeds.
func OriginHandshake(cause, mend, where string) *Problem {
	return &Problem{Status: 525, Code: 525, Title: "SSL handshake failed", Cause: cause, Mend: mend, Where: where}
}

// OriginCertificate is a direct origin whose certificate does not verify.
func OriginCertificate(cause, mend, where string) *Problem {
	return &Problem{Status: 526, Code: 526, Title: "Invalid SSL certificate", Cause: cause, Mend: mend, Where: where}
}

// OriginUnknown is a direct origin that answered something that is no HTTP response.
func OriginUnknown(cause, mend, where string) *Problem {
	return &Problem{Status: 520, Code: 520, Title: "Web server is returning an unknown error", Cause: cause, Mend: mend, Where: where}
}

// NoWorker is a host below workers.dev that no Worker has, or that it does not serve.
func NoWorker(cause, mend, where string) *Problem {
	return &Problem{Status: 404, Code: 404, Title: "There is nothing here yet", Cause: cause, Mend: mend, Where: where}
}

// WorkerThrew is a Worker that ended without a response: it threw, or was found never to answer.
func WorkerThrew(cause, mend, where string) *Problem {
	return &Problem{Status: 500, Code: 1101, Title: "Worker threw exception", Cause: cause, Mend: mend, Where: where, By: "worker"}
}

// WorkerLimit is a Worker that was stopped because it ran for too long.
func WorkerLimit(cause, mend string) *Problem {
	return &Problem{Status: 503, Code: 1102, Title: "Worker exceeded resource limits", Cause: cause, Mend: mend, By: "worker"}
}

// WorkerLoop is a chain of Workers that call each other over HTTP too often.
func WorkerLoop(cause string) *Problem {
	return &Problem{Status: 508, Code: 1019, Title: "Compute server error", Cause: cause, Mend: "let the Workers call each other less deep, or by a service binding"}
}

// SameZone is a Worker's fetch of another Worker of its own zone.
func SameZone(cause, mend string) *Problem {
	return &Problem{Status: 404, Code: 1042, Title: "Worker tried to fetch from another Worker on the same zone", Cause: cause, Mend: mend}
}

// NoRuntime is a Worker that cannot run here.
func NoRuntime(cause, mend, where string) *Problem {
	return &Problem{Status: 503, Code: 503, Title: "Worker is not running", Cause: cause, Mend: mend, Where: where}
}

// NotEmulated is a request for a part of the real service that is not here.
func NotEmulated(cause, mend string) *Problem {
	return &Problem{Status: 404, Code: 404, Title: "Not found", Cause: cause, Mend: mend}
}

var _ error = (*Problem)(nil)

// StatusText is like http.StatusText and knows Cloudflare's own statuses.
func StatusText(status int) string {
	switch status {
	case 520:
		return "Web Server Returned an Unknown Error"
	case 521:
		return "Web Server Is Down"
	case 522:
		return "Connection Timed Out"
	case 523:
		return "Origin Is Unreachable"
	case 524:
		return "A Timeout Occurred"
	case 525:
		return "SSL Handshake Failed"
	case 526:
		return "Invalid SSL Certificate"
	case 530:
		return "Origin Error"
	}
	return http.StatusText(status)
}
