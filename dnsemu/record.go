package dnsemu

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// record is a record document, checked and ready to answer with.
type record struct {
	doc       Record // as written, id filled in
	kind      *recordKind
	owner     string // canonical, no trailing dot
	key       []byte // of the owner
	ttl       uint32 // seconds
	canonical string // content, the same for contents that mean the same
	data      rdata
	target    string // CNAME: absolute, with trailing dot
	targetKey []byte // CNAME
	flatten   bool   // CNAME: it is never shown
}

// rdata is a record's content, ready to be put under a header. The answer must not
// share memory that packing a message writes to.
type rdata interface {
	rr(h dns.RR_Header) dns.RR
}

// recordKind is one record type that is supported.
type recordKind struct {
	name      string
	rrtype    uint16
	proxiable bool

	// One of parse and fields is there. parse sets canonical, data and what else the type
	// needs.
	parse       func(r *record) *FieldError
	fields      []field
	content     func(r *record, f *faults) []string // reads a content that is no plain list of fields; nil: it is one
	topPriority bool                                // the record has a priority beside its content
	contentOnly bool                                // it takes no data
	example     string                              // of content
}

// article is the name with "a" or "an".
func (k *recordKind) article() string {
	switch k.name {
	case "A", "AAAA", "HTTPS", "MX", "NAPTR", "NS", "OPENPGPKEY", "SMIMEA", "SRV", "SSHFP", "SVCB":
		return "an " + k.name
	}
	return "a " + k.name
}

// kinds are the supported record types.
var kinds = [...]*recordKind{
	&kindA, &kindAAAA, &kindCAA, &kindCERT, &kindCNAME, &kindDNSKEY, &kindDS, &kindHTTPS, &kindLOC, &kindMX, &kindNAPTR,
	&kindNS, &kindOPENPGPKEY, &kindPTR, &kindSMIMEA, &kindSRV, &kindSSHFP, &kindSVCB, &kindTLSA, &kindTXT, &kindURI,
}

const (
	automaticTTL = 300
	minTTL       = 30
	maxTTL       = 86400

	// What the real API takes: the record on the wire, and the contents of one name
	// and type together.
	maxRecordSize  = 4096
	maxContentSize = 8192
)

// compileRecord checks a record by itself. With faults, what could be read is set.
func compileRecord(doc Record, apex string) (*record, faults) {
	r := &record{doc: doc}
	r.doc.Tags, r.doc.Data = slices.Clone(doc.Tags), maps.Clone(doc.Data)
	var f faults
	kind, err := kindOf(doc.Type)
	r.kind = kind
	f.add(err)
	owner, err := ownerName(doc.Name, apex)
	f.add(err)
	if err == nil {
		r.owner = owner
		r.key, _ = appendKey(nil, owner)
	}
	r.ttl = automaticTTL
	if doc.TTL != 0 && doc.TTL != 1 {
		if doc.TTL < minTTL || doc.TTL > maxTTL {
			f.add(&FieldError{Field: "ttl", Found: fmt.Sprint(doc.TTL), Allowed: fmt.Sprintf("1 (automatic) or %d to %d seconds", minTTL, maxTTL)})
		} else {
			r.ttl = uint32(doc.TTL)
		}
	}
	if kind == nil {
		return r, f
	}
	if doc.Proxied && !kind.proxiable {
		f.add(&FieldError{Field: "proxied", Found: "true", Allowed: "false: only A, AAAA and CNAME records can be proxied"})
	}
	r.checkSettings(&f)
	if doc.Data != nil && (kind.parse != nil || kind.contentOnly) {
		f.add(&FieldError{Field: "data", Found: "data", Allowed: "no such field: " + kind.article() + " record has content alone"})
	} else if kind.parse != nil {
		f.add(kind.parse(r))
	} else {
		f = append(f, r.parseFields()...)
	}
	if r.data == nil {
		return r, f
	}
	if r.owner != "" {
		if size := dns.Len(r.rr(absolute(r.owner), r.ttl)); size > maxRecordSize {
			f.add(&FieldError{Field: "content", Found: fmt.Sprintf("a record of %d bytes on the wire", size), Allowed: fmt.Sprintf("at most %d", maxRecordSize)})
		}
	}
	return r, f
}

// rr is the record under the given owner, which may be a name that a wildcard
// stands for.
func (r *record) rr(owner string, ttl uint32) dns.RR {
	return r.data.rr(dns.RR_Header{Name: owner, Rrtype: r.kind.rrtype, Class: dns.ClassINET, Ttl: ttl})
}

func kindOf(name string) (*recordKind, *FieldError) {
	var names []string
	for _, k := range kinds {
		if k.name == name {
			return k, nil
		}
		names = append(names, k.name)
	}
	e := &FieldError{Field: "type", Found: quote(name), Allowed: strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]}
	upper := strings.ToUpper(strings.TrimSpace(name))
	switch _, known := dns.StringToType[upper]; {
	case slices.Contains(names, upper):
		e.Hint = fmt.Sprintf("did you mean %q?", upper)
	case upper == "SOA":
		e.Hint = "the zone's SOA record is made by the server"
	case upper == "ALIAS", upper == "ANAME":
		e.Hint = "use CNAME, which is flattened at the apex"
	case upper == "SPF":
		e.Hint = "use TXT, which is where SPF is read from"
	case known:
		e.Hint = "the real service does not take " + upper + " records either"
	}
	return nil, e
}

// conflict is the reason why two records cannot stand at one name; nil: they can.
func conflict(r, o *record, apex string) *FieldError {
	points := func(k *recordKind) bool { return k.name == "A" || k.name == "AAAA" || k.name == "CNAME" }
	switch {
	case r.kind == o.kind && r.data != nil && r.canonical == o.canonical:
		return &FieldError{Field: "content", Found: "a second " + r.kind.name + " record of " + r.owner + " with the content " + quote(r.doc.Content), Allowed: "one record for each name, type and content", Hint: "record " + o.doc.ID + " is identical"}
	case points(r.kind) && points(o.kind) && (r.kind.name == "CNAME" || o.kind.name == "CNAME"):
		return &FieldError{Field: "name", Found: r.kind.article() + " record beside the " + o.kind.name + " record of " + r.owner, Allowed: "either one CNAME record or A and AAAA records at a name", Hint: "record " + o.doc.ID + " is in the way"}
	case (r.kind == &kindNS) != (o.kind == &kindNS) && r.kind != &kindDS && o.kind != &kindDS && r.owner != apex:
		return &FieldError{Field: "name", Found: r.kind.article() + " record beside the " + o.kind.name + " record of " + r.owner, Allowed: "NS and DS records alone at a name below the zone's own", Hint: "record " + o.doc.ID + " is in the way"}
	}
	return nil
}

// tooMuch is the fault of a record whose content no longer fits beside those of
// the same name and type.
func tooMuch(r *record, beside []*record) *FieldError {
	size := len(r.doc.Content)
	for _, o := range beside {
		if o.kind == r.kind && o.doc.ID != r.doc.ID {
			size += len(o.doc.Content)
		}
	}
	if size <= maxContentSize {
		return nil
	}
	return &FieldError{Field: "content", Found: fmt.Sprintf("%d characters in the %s records of %s", size, r.kind.name, r.owner), Allowed: fmt.Sprintf("at most %d in all records of one name and type", maxContentSize)}
}

// addressHint helps with content of another type.
func addressHint(content string) string {
	if a, err := netip.ParseAddr(content); err == nil {
		if a.Is4() {
			return "an IPv4 address goes into an A record"
		}
		return "an IPv6 address goes into an AAAA record"
	}
	if name, ok := canonicalName(content); ok && strings.Contains(name, ".") && strings.ContainsAny(name, "abcdefghijklmnopqrstuvwxyz") {
		return "a host name goes into a CNAME record"
	}
	return ""
}
