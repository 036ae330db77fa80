package dnsemu

// Zone is a DNS zone, with the REST API's field names.
type Zone struct {
	ID          string       `json:"id,omitempty"`           // 32 lower-case hex digits; "": derived from the name
	Name        string       `json:"name"`                   // "example.com", at least two labels, no trailing dot
	NameServers []string     `json:"name_servers,omitempty"` // nil: two names under ns.cloudflare.com chosen from the zone's name
	DNSSettings *DNSSettings `json:"dns_settings,omitempty"` // nil: as the zero value
}

// DNSSettings is how a zone answers, with the fields of the REST API's dns_settings.
type DNSSettings struct {
	FlattenAllCNAMEs bool `json:"flatten_all_cnames,omitempty"` // no CNAME of the zone is shown, only what it leads to
	MultiProvider    bool `json:"multi_provider,omitempty"`     // NS records at the apex are answered too; false: they are ignored
	NSTTL            int  `json:"ns_ttl,omitempty"`             // of the apex's NS records: 30 to 86400 seconds; 0: 86400
	SOA              *SOA `json:"soa,omitempty"`                // nil: as the zero value
}

// SOA is a zone's SOA record; fields that are zero have the default of the real zones,
// but for MinTTL. Times are in seconds.
type SOA struct {
	MName   string `json:"mname,omitempty"`   // the first name server
	RName   string `json:"rname,omitempty"`   // a mailbox as a host name; "": "dns.cloudflare.com"
	Refresh int    `json:"refresh,omitempty"` // 600 to 86400; 0: 10000
	Retry   int    `json:"retry,omitempty"`   // 600 to 3600; 0: 2400
	Expire  int    `json:"expire,omitempty"`  // 86400 to 2419200; 0: 604800
	MinTTL  int    `json:"min_ttl,omitempty"` // 60 to 86400: how long NXDOMAIN and NODATA may be cached. 0: Options.NegativeTTL; the real zones have 1800
	TTL     int    `json:"ttl,omitempty"`     // 1800 to 3600; 0: 3600
}

// Record is one DNS record, with the REST API's field names.
type Record struct {
	ID       string          `json:"id,omitempty"`       // 32 lower-case hex digits; "": derived from zone, type, name and content
	Type     string          `json:"type"`               // "A", "AAAA", "CAA", …: the types that the real API takes
	Name     string          `json:"name"`               // absolute, or relative to the zone; "@" is the apex
	Content  string          `json:"content,omitempty"`  // presentation form: address, host name, or text; without it, of types that have data: made from that
	Data     map[string]any  `json:"data,omitempty"`     // the content of CAA, CERT, DNSKEY, DS, HTTPS, LOC, NAPTR, SMIMEA, SRV, SSHFP, SVCB, TLSA or URI in its parts; nil: Content has it
	Proxied  bool            `json:"proxied,omitempty"`  // true: answered with the edge's own addresses
	TTL      int             `json:"ttl,omitempty"`      // seconds, 30 to 86400; 0 and 1 mean automatic (300)
	Priority *uint16         `json:"priority,omitempty"` // MX, SRV and URI only, which need it, here or in Data; other types ignore it
	Settings *RecordSettings `json:"settings,omitempty"` // nil: as the zero value
	Comment  string          `json:"comment,omitempty"`
	Tags     []string        `json:"tags,omitempty"`
}

// RecordSettings change how one record is answered.
type RecordSettings struct {
	IPv4Only     bool `json:"ipv4_only,omitempty"`     // a proxied name has no AAAA
	IPv6Only     bool `json:"ipv6_only,omitempty"`     // a proxied name has no A
	FlattenCNAME bool `json:"flatten_cname,omitempty"` // the CNAME is not shown, only what it leads to
}
