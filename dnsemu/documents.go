package dnsemu

// Zone is a DNS zone, with the REST API's field names.
type Zone struct {
	ID          string   `json:"id,omitempty"`           // 32 lower-case hex digits; "": derived from the name
	Name        string   `json:"name"`                   // "example.com", at least two labels, no trailing dot
	NameServers []string `json:"name_servers,omitempty"` // nil: two names under ns.cloudflare.com chosen from the zone's name
}

// Record is one DNS record, with the REST API's field names.
type Record struct {
	ID       string   `json:"id,omitempty"`       // 32 lower-case hex digits; "": derived from zone, type, name and content
	Type     string   `json:"type"`               // "A", "AAAA", "CNAME", "TXT"
	Name     string   `json:"name"`               // absolute, or relative to the zone; "@" is the apex
	Content  string   `json:"content"`            // presentation form: address, host name, or text
	Proxied  bool     `json:"proxied,omitempty"`  // true: answered with the edge's own addresses
	TTL      int      `json:"ttl,omitempty"`      // seconds, 30 to 86400; 0 and 1 mean automatic (300)
	Priority *uint16  `json:"priority,omitempty"` // MX and URI only; other types ignore it
	Comment  string   `json:"comment,omitempty"`
	Tags     []string `json:"tags,omitempty"`
}
