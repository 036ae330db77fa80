package dnsemu

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// jsonAnswer is the JSON form of an answer.
type jsonAnswer struct {
	Status     int            `json:"Status"`
	TC         bool           `json:"TC"`
	RD         bool           `json:"RD"`
	RA         bool           `json:"RA"`
	AD         bool           `json:"AD"`
	CD         bool           `json:"CD"`
	Question   []jsonQuestion `json:"Question"`
	Answer     []jsonRecord   `json:"Answer,omitempty"`
	Authority  []jsonRecord   `json:"Authority,omitempty"`
	Additional []jsonRecord   `json:"Additional,omitempty"`
	Comment    []string       `json:"Comment,omitempty"`
}

type jsonQuestion struct {
	Name string `json:"name"`
	Type uint16 `json:"type"`
}

type jsonRecord struct {
	Name string `json:"name"`
	Type uint16 `json:"type"`
	TTL  uint32 `json:"TTL"`
	Data string `json:"data"`
}

func (d doh) json(w http.ResponseWriter, r *http.Request, query url.Values) {
	q, err := jsonQuery(query)
	if err != nil {
		body, _ := json.Marshal(struct {
			Error string `json:"error"`
		}{err.Error()}) // a struct of one text always has a JSON form
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", typeJSON)
		w.WriteHeader(http.StatusBadRequest)
		w.Write(body)
		return
	}
	m := d.answerer.Answer(q, askerOf(r))
	body, jsonErr := json.Marshal(jsonOf(m))
	if jsonErr != nil {
		refuseDoH(w, http.StatusInternalServerError, "the answer cannot be written as JSON")
		return
	}
	ttlHeader(w, m)
	w.Header().Set("Content-Type", typeJSON)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

// jsonQuery reads the parameters; the error is a *FieldError.
func jsonQuery(query url.Values) (*dns.Msg, error) {
	name := query.Get("name")
	ascii := name
	if n, ok := canonicalName(name); ok && strings.IndexFunc(name, func(r rune) bool { return r >= 0x80 }) >= 0 {
		ascii = n
	}
	if _, ok := dns.IsDomainName(ascii); !ok || name == "" || !packs(ascii) {
		return nil, &FieldError{Field: "name", Found: quote(name), Allowed: `a domain name, such as "example.com"`}
	}
	qtype, err := questionType(query.Get("type"))
	if err != nil {
		return nil, err
	}
	q := new(dns.Msg)
	q.SetQuestion(dns.Fqdn(ascii), qtype)
	do, err := jsonFlag(query, "do")
	if err != nil {
		return nil, err
	}
	if q.CheckingDisabled, err = jsonFlag(query, "cd"); err != nil {
		return nil, err
	}
	q.SetEdns0(dns.DefaultMsgSize, do)
	return q, nil
}

func packs(name string) bool {
	var wire [maxKey + 1]byte
	_, err := dns.PackDomainName(dns.Fqdn(name), wire[:], 0, nil, false)
	return err == nil
}

// questionType reads a type by name, in any case, or by number.
func questionType(s string) (uint16, error) {
	if s == "" {
		return dns.TypeA, nil
	}
	upper := strings.ToUpper(s)
	if t, ok := dns.StringToType[upper]; ok && t != dns.TypeNone {
		return t, nil
	}
	if n, err := strconv.ParseUint(strings.TrimPrefix(upper, "TYPE"), 10, 16); err == nil && n > 0 {
		return uint16(n), nil
	}
	return 0, &FieldError{Field: "type", Found: quote(s), Allowed: "a record type by name or number, such as AAAA or 28"}
}

func jsonFlag(query url.Values, name string) (bool, error) {
	switch v := query.Get(name); v {
	case "", "0", "false":
		return false, nil
	case "1", "true":
		return true, nil
	default:
		return false, &FieldError{Field: name, Found: quote(v), Allowed: "empty, 0, 1, false or true"}
	}
}

func jsonOf(m *dns.Msg) jsonAnswer {
	a := jsonAnswer{
		Status: m.Rcode, TC: m.Truncated, RD: m.RecursionDesired, RA: m.RecursionAvailable, AD: m.AuthenticatedData, CD: m.CheckingDisabled,
		Question: []jsonQuestion{},
		Answer:   jsonRecords(m.Answer), Authority: jsonRecords(m.Ns), Additional: jsonRecords(m.Extra),
	}
	for _, q := range m.Question {
		a.Question = append(a.Question, jsonQuestion{q.Name, q.Qtype})
	}
	if opt := m.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			if e, ok := o.(*dns.EDNS0_EDE); ok {
				a.Comment = append(a.Comment, "EDE("+strconv.Itoa(int(e.InfoCode))+"): "+dns.ExtendedErrorCodeToString[e.InfoCode]+" ("+e.ExtraText+")")
			}
		}
	}
	return a
}

func jsonRecords(list []dns.RR) (out []jsonRecord) {
	for _, rr := range list {
		h := rr.Header()
		if h.Rrtype == dns.TypeOPT {
			continue
		}
		out = append(out, jsonRecord{h.Name, h.Rrtype, h.Ttl, strings.TrimPrefix(rr.String(), h.String())})
	}
	return out
}
