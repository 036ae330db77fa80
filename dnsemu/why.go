package dnsemu

import "strconv"

// Outcome is how a question ended.
type Outcome uint8

const (
	// Records: a record of the zone answers, at the name or behind its CNAMEs.
	Records Outcome = iota
	// EdgeAddress: the name is proxied, and the edge's own addresses (or their HTTPS
	// record) answer.
	EdgeAddress
	// NoData: the name exists without the type that was asked for.
	NoData
	// NoSuchName: the zone does not have the name.
	NoSuchName
	// NotHere: no zone of the set holds the name.
	NotHere
	// Delegated: NS records hand the name to other name servers.
	Delegated
	// Failed: the records make an answer impossible; Why.Reason says how.
	Failed
	// Refused: the kind of question is not answered.
	Refused
	// Malformed: the query breaks the protocol.
	Malformed
	// Cached: a resolver answered from what it had kept.
	Cached
	// Itself: the server told about itself, or about who asks.
	Itself
)

var outcomes = [...]string{"records", "edge address", "no data", "no such name", "not here", "delegated", "failed", "refused", "malformed", "cached", "itself"}

// String is the outcome in words.
func (o Outcome) String() string {
	if int(o) >= len(outcomes) {
		return "Outcome(" + strconv.Itoa(int(o)) + ")"
	}
	return outcomes[o]
}

// Why says what decided an answer. What it points to is shared: the caller must not
// change it.
type Why struct {
	Outcome Outcome
	Zone    *Zone   // that holds the name asked for; nil: none does
	Record  *Record // that decides: the first one of the answer, the proxied one, or the CNAME at which a chain went wrong; nil: none does
	Owner   string  // canonical name of Record: the name, or the wildcard that covers it; of NoData, the name that exists; "" when there is none
	Empty   bool    // of NoData: the name has no record of any type, and stands only because names below it do
	Above   string  // of NoSuchName: the closest name above that exists, canonical, which may be the zone's own
	Target  string  // what the last CNAME of a chain points to, absolute; "": there was none
	Reason  string  // of Failed, Refused and NotHere, as the extended error has it; otherwise ""
}
