package admin

import (
	"net/http"
	"strconv"
	"time"
)

// DigQuestion is a question about a name, as a person asks it.
type DigQuestion struct {
	Name   string // with or without the last dot
	Type   string // "AAAA", "28"; empty: A
	Server string // "" is the name server of the zones; "1.1.1.1" the public resolver; "system" the machine's own, which caches
}

// Dig is an answer, and why it is what it is.
type Dig struct {
	Server    string      `json:"server"` // "authoritative", "1.1.1.1", "system"
	Name      string      `json:"name"`   // absolute
	Type      string      `json:"type"`
	Status    string      `json:"status"`          // "NOERROR", "NXDOMAIN", …
	Flags     []string    `json:"flags"`           // "aa", "ra", …
	Answer    []DNSRecord `json:"answer"`          // in the order of the answer
	Authority []DNSRecord `json:"authority"`       // the SOA of a negative answer, the NS records of a delegation
	Outcome   string      `json:"outcome"`         // "records", "edge address", "no data", "no such name", …
	Zone      string      `json:"zone,omitempty"`  // that holds the name
	Owner     string      `json:"owner,omitempty"` // of the deciding record: the name, or the wildcard that covers it
	Record    string      `json:"record,omitempty"`
	Where     string      `json:"where,omitempty"` // file:line:column of the record, else of the zone
	Why       string      `json:"why"`             // one sentence
	Mend      string      `json:"mend,omitempty"`  // what would change the answer
}

// DNSRecord is one record of an answer.
type DNSRecord struct {
	Name  string `json:"name"`
	TTL   uint32 `json:"ttl"`
	Class string `json:"class"`
	Type  string `json:"type"`
	Data  string `json:"data"` // in the form of a zone file
}

// Query is a question that was asked and answered.
type Query struct {
	Seq       uint64    `json:"seq"` // counts questions of this edge, from 1
	Time      time.Time `json:"time"`
	Name      string    `json:"name"` // as it was asked
	Type      string    `json:"type"`
	Status    string    `json:"status"`
	Answers   int       `json:"answers"`
	Transport string    `json:"transport,omitempty"` // "udp", "tcp", "https"; empty: in process
	Client    string    `json:"client,omitempty"`    // its address
	Role      string    `json:"role"`                // "authoritative" or "resolver"
	Outcome   string    `json:"outcome"`
	Record    string    `json:"record,omitempty"`
	Where     string    `json:"where,omitempty"` // of the record, in the files as they are now
}

func (s *server) dig(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	d, err := s.backend.Dig(DigQuestion{Name: q.Get("name"), Type: q.Get("type"), Server: q.Get("server")})
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error(), "")
		return
	}
	reply(w, http.StatusOK, d)
}

func (s *server) queries(w http.ResponseWriter, r *http.Request) {
	n := 0
	if v := r.URL.Query().Get("n"); v != "" {
		var err error
		if n, err = strconv.Atoi(v); err != nil || n < 1 {
			fail(w, http.StatusBadRequest, "n is how many questions are wanted, from 1", "leave it out for all that are remembered")
			return
		}
	}
	reply(w, http.StatusOK, append([]Query{}, s.backend.Queries(n, r.URL.Query().Get("name"))...))
}
