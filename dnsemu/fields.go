package dnsemu

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// field is one value of a record's data, and one word of its content.
type field struct {
	name string // in data
	form form
	rest bool // it takes all that is left of the content
}

// form is what a value may be, and how a zone file writes it.
type form struct {
	allowed string
	write   func(text string) (written string, ok bool)
}

// number is a whole number up to most.
func number(most uint64) form {
	return form{fmt.Sprintf("a whole number from 0 to %d", most), func(s string) (string, bool) {
		n, err := strconv.ParseUint(s, 10, 64)
		return strconv.FormatUint(n, 10), err == nil && n <= most
	}}
}

// host is a name; "." is the root, which some types use for none.
var host = form{`a host name, such as "app.example.net", or "."`, func(s string) (string, bool) {
	if s == "." {
		return s, true
	}
	name, ok := canonicalName(s)
	return absolute(name), ok
}}

// text is one string of up to 255 bytes.
var text = form{"a text of up to 255 bytes", func(s string) (string, bool) {
	return `"` + escapeText([]byte(s)) + `"`, len(s) <= maxString
}}

// longText is a text of any length.
var longText = form{"a text", func(s string) (string, bool) {
	return `"` + escapeText([]byte(s)) + `"`, s != ""
}}

// hexText is bytes in hexadecimal digits; blanks among them count for nothing.
var hexText = form{"hexadecimal digits, two for each byte", func(s string) (string, bool) {
	s = strings.ToLower(withoutBlanks(s))
	_, err := hex.DecodeString(s)
	return s, err == nil && s != ""
}}

// base64Text is bytes in base64; blanks count for nothing.
var base64Text = form{"base64 with its padding", func(s string) (string, bool) {
	s = withoutBlanks(s)
	_, err := base64.StdEncoding.DecodeString(s)
	return s, err == nil && s != ""
}}

func withoutBlanks(s string) string { return strings.Join(strings.Fields(s), "") }

// wireData is the content of the types that are written as fields.
type wireData struct{ record dns.RR }

func (d wireData) rr(h dns.RR_Header) dns.RR {
	c := dns.Copy(d.record)
	*c.Header() = h
	return c
}

// parseFields reads data, or content, or both when they say the same.
func (r *record) parseFields() (f faults) {
	k := r.kind
	var words []string
	switch {
	case r.doc.Data != nil:
		words = r.fromData(&f)
	default:
		words = r.fromContent(&f)
	}
	if k.topPriority {
		words = slices.Concat([]string{r.topPriority(&f)}, words)
	}
	if len(f) > 0 {
		return f
	}
	r.compose(strings.Join(words, " "), &f)
	if r.doc.Data == nil || len(f) > 0 {
		return f
	}
	if k.topPriority {
		words = words[1:]
	}
	shown := strings.Join(words, " ")
	if r.doc.Content == "" {
		r.doc.Content = shown
	} else if said := r.fromContent(&f); len(f) == 0 && k.content == nil && strings.Join(said, " ") != shown {
		f.add(&FieldError{Field: "content", Found: quote(r.doc.Content) + ", while data says " + quote(shown), Allowed: "content and data that agree", Hint: "give one of the two"})
	}
	return f
}

// compose makes the record of its zone-file form.
func (r *record) compose(written string, f *faults) {
	rr, err := dns.NewRR(". 1 IN " + r.kind.name + " " + written)
	if err != nil || rr == nil || rr.Header().Rrtype != r.kind.rrtype {
		where := "content"
		found := r.doc.Content
		if r.doc.Data != nil {
			where, found = "data", written
		}
		e := &FieldError{Field: where, Found: quote(found), Allowed: "as in " + r.kind.example}
		if parse, ok := err.(*dns.ParseError); ok {
			e.Hint = parseReason(parse)
		}
		f.add(e)
		return
	}
	r.canonical, r.data = written, wireData{rr}
}

// parseReason is a parser's complaint without its prefix and its place in a line that
// nobody wrote.
func parseReason(e *dns.ParseError) string {
	s := strings.TrimPrefix(e.Error(), "dns: ")
	if i := strings.LastIndex(s, " at line"); i >= 0 {
		s = s[:i]
	}
	return s
}

func (r *record) fromData(f *faults) (words []string) {
	k := r.kind
	known := map[string]bool{"priority": k.topPriority}
	for _, fd := range k.fields {
		known[fd.name] = true
		v, given := r.doc.Data[fd.name]
		s, ok := scalarText(v)
		switch {
		case !given:
			f.add(&FieldError{Field: "data." + fd.name, Found: "nothing", Allowed: fd.form.allowed})
			continue
		case !ok:
			f.add(&FieldError{Field: "data." + fd.name, Found: fmt.Sprintf("%v", v), Allowed: fd.form.allowed})
			continue
		}
		w, ok := fd.form.write(s)
		if !ok {
			f.add(&FieldError{Field: "data." + fd.name, Found: quote(s), Allowed: fd.form.allowed})
		}
		words = append(words, w)
	}
	for _, name := range slices.Sorted(maps.Keys(r.doc.Data)) {
		if !known[name] {
			f.add(&FieldError{Field: "data." + name, Found: "the unknown key " + quote(name), Allowed: k.keys()})
		}
	}
	return words
}

// keys are those that data may have.
func (k *recordKind) keys() string {
	var names []string
	if k.topPriority {
		names = append(names, "priority")
	}
	for _, fd := range k.fields {
		names = append(names, fd.name)
	}
	return strings.Join(names, ", ")
}

func (r *record) fromContent(f *faults) (words []string) {
	if r.kind.content != nil {
		return r.kind.content(r, f)
	}
	rest := strings.Trim(r.doc.Content, " \t")
	wrong := func(found, hint string) {
		f.add(&FieldError{Field: "content", Found: found, Allowed: "as in " + r.kind.example, Hint: hint})
	}
	if rest == "" {
		wrong("nothing", "or give data: "+r.kind.keys())
		return nil
	}
	for _, fd := range r.kind.fields {
		var word string
		if fd.rest {
			word, rest = rest, ""
		} else {
			var problem string
			if word, rest, problem = nextWord(rest); problem != "" {
				wrong(quote(r.doc.Content), problem)
				return nil
			}
		}
		w, ok := fd.form.write(word)
		if !ok {
			f.add(&FieldError{Field: "content", Found: fmt.Sprintf("%s as %s in %s", quote(word), fd.name, quote(r.doc.Content)), Allowed: fd.form.allowed, Hint: "the whole is written as in " + r.kind.example})
		}
		words = append(words, w)
	}
	if rest != "" {
		hint := "there is more than belongs to the type"
		if r.kind.topPriority && len(strings.Fields(r.doc.Content)) == len(r.kind.fields)+1 {
			hint = "the priority is a field of its own, beside content"
		}
		wrong(quote(r.doc.Content), hint)
	}
	return words
}

// nextWord takes a word, or a string in double quotes with its escapes, off a content.
func nextWord(s string) (word, rest, problem string) {
	if s == "" {
		return "", "", ""
	}
	if s[0] != '"' {
		i := strings.IndexAny(s, " \t")
		if i < 0 {
			i = len(s)
		}
		return s[:i], strings.TrimLeft(s[i:], " \t"), ""
	}
	b, end, problem := quoted(s)
	if problem != "" {
		return "", "", problem
	}
	return string(b), strings.TrimLeft(s[end:], " \t"), ""
}

// topPriority is the priority that stands beside content and data, or in data.
func (r *record) topPriority(f *faults) string {
	const allowed = "a whole number from 0 to 65535"
	v, inData := r.doc.Data["priority"]
	if !inData {
		if r.doc.Priority == nil {
			f.add(&FieldError{Field: "priority", Found: "nothing", Allowed: allowed})
			return ""
		}
		return strconv.Itoa(int(*r.doc.Priority))
	}
	s, _ := scalarText(v)
	n, err := strconv.ParseUint(s, 10, 16)
	switch {
	case err != nil:
		f.add(&FieldError{Field: "data.priority", Found: fmt.Sprintf("%v", v), Allowed: allowed})
	case r.doc.Priority != nil && uint64(*r.doc.Priority) != n:
		f.add(&FieldError{Field: "priority", Found: fmt.Sprintf("%d, while data.priority is %d", *r.doc.Priority, n), Allowed: "two that agree", Hint: "give one of the two"})
	default:
		p := uint16(n)
		r.doc.Priority = &p
	}
	return s
}

// scalarText is a value of data as text: JSON's numbers and strings, and Go's.
func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return strconv.FormatInt(int64(v), 10), true
		}
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, float32:
		return fmt.Sprint(v), true
	}
	if n, ok := v.(fmt.Stringer); ok { // json.Number
		return n.String(), true
	}
	return "", false
}
