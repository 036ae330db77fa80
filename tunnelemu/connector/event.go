package connector

// EventKind is what has happened.
type EventKind string

// The kinds of events.
const (
	Registered   EventKind = "registered"   // a connection takes requests
	Refused      EventKind = "refused"      // a registration failed; Reason says why
	Unregistered EventKind = "unregistered" // the connector wants no more requests on it
	Closed       EventKind = "closed"       // a connection that was registered is gone; Reason says why
	Applied      EventKind = "applied"      // a connector has acknowledged the configuration Version
	Rejected     EventKind = "rejected"     // a connector keeps Version; Reason is what it said of a newer one
	Reported     EventKind = "reported"     // a locally managed connector has said what it serves
)

// Event is news about one connection, or about one connector's configuration.
type Event struct {
	Kind      EventKind
	Tunnel    string // UUID as the connector gave it
	Connector string // UUID
	Index     int    // the connection's
	Protocol  Protocol
	Version   int    // of a configuration
	Reason    string // in words; "" where nothing is wrong
}
