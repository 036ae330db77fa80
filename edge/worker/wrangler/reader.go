package wrangler

import (
	"encoding/json"
	"slices"
	"strconv"
)

// reader reads the values of one file and keeps what is wrong with them.
type reader struct {
	src   *source
	probs *problems
}

// value is a value with its path; without a node, nothing.
type value struct {
	r     *reader
	n     *node
	field string
}

func (v value) given() bool { return v.n != nil && v.n.kind != null }

func (v value) fail(found, allowed, hint string) {
	v.r.probs.fail(Problem{At: v.r.src.mark(v.n.at), Field: v.field, Found: found, Allowed: allowed, Hint: hint})
}

func (v value) find(text, mend string) {
	v.r.probs.find(v.r.src.mark(v.n.at), v.field, text, mend)
}

// describe says in words what stands there.
func (v value) describe() string {
	switch v.n.kind {
	case truth:
		return "the truth value " + v.n.text
	case number:
		return "the number " + v.n.text
	case text:
		return "the text " + quote(v.n.text)
	case list:
		return "a list"
	case mapping:
		return "a mapping"
	}
	return "nothing"
}

// is tells whether a value is there and of that kind, and complains about another one.
func (v value) is(k kind, allowed string) bool {
	if !v.given() {
		return false
	}
	if v.n.kind != k {
		hint := ""
		switch {
		case k == text && (v.n.kind == number || v.n.kind == truth):
			hint = "put quotes around it"
		case k == truth && v.n.kind == text && (v.n.text == "true" || v.n.text == "false"), k == number && v.n.kind == text && json.Valid([]byte(v.n.text)):
			hint = "write it without quotes"
		case k == list && v.n.kind == mapping:
			hint = "put brackets around it: a list has one mapping for each"
		}
		v.fail(v.describe(), allowed, hint)
		return false
	}
	return true
}

// key is a mapping's value.
func (v value) key(name string) value {
	child := value{r: v.r, field: name}
	if v.field != "" {
		child.field = v.field + "." + name
	}
	if v.n != nil && v.n.kind == mapping {
		child.n = v.n.child(name)
	}
	return child
}

// items are those of a list.
func (v value) items() []value {
	if !v.is(list, "a list") {
		return nil
	}
	items := make([]value, len(v.n.list))
	for i, n := range v.n.list {
		items[i] = value{v.r, n, v.field + "[" + strconv.Itoa(i) + "]"}
	}
	return items
}

// pairs are those of a mapping, in the order of their last places.
func (v value) pairs() []value {
	if !v.is(mapping, "a mapping") {
		return nil
	}
	var pairs []value
	for _, e := range v.n.entries {
		if v.n.child(e.name) == e.value {
			pairs = append(pairs, v.key(e.name))
		}
	}
	return pairs
}

// only complains about what is no mapping, and finds keys that are not among the known ones, and those
// that stand twice.
func (v value) only(known ...string) bool {
	if !v.is(mapping, "a mapping") {
		return false
	}
	for _, e := range v.n.entries {
		at := v.r.src.mark(e.at)
		switch {
		case v.n.child(e.name) != e.value:
			v.r.probs.find(at, v.key(e.name).field, "the key stands twice, and the last one counts", "take one out")
		case !slices.Contains(known, e.name):
			v.r.probs.find(at, v.key(e.name).field, "the key "+quote(e.name)+" is unknown, so it does nothing", didYouMean(e.name, known))
		}
	}
	return true
}

func (v value) text() string {
	if !v.is(text, "a text") {
		return ""
	}
	return v.n.text
}

// need is the text of a key that must be there.
func (v value) need(name string) string {
	child := v.key(name)
	if !child.given() {
		at := v.r.src.mark(v.n.at)
		v.r.probs.fail(Problem{At: at, Field: child.field, Found: "missing", Allowed: "a text", Hint: "the key is required"})
		return ""
	}
	s := child.text()
	if child.n.kind == text && s == "" {
		child.fail("an empty text", "a text", "")
	}
	return s
}

func (v value) truth(otherwise bool) bool {
	if !v.is(truth, "true or false") {
		return otherwise
	}
	return v.n.text == "true"
}

// whole is a whole number that is not negative; ok tells whether it is there.
func (v value) whole() (n int, ok bool) {
	if !v.is(number, "a whole number") {
		return 0, false
	}
	n, err := strconv.Atoi(v.n.text)
	if err != nil || n < 0 || n > 1<<31-1 {
		v.fail(v.describe(), "a whole number, 0 or more", "")
		return 0, false
	}
	return n, true
}

func (v value) texts() []string {
	var all []string
	for _, item := range v.items() {
		all = append(all, item.text())
	}
	return all
}

// textMap is a mapping of texts.
func (v value) textMap() map[string]string {
	pairs := v.pairs()
	if len(pairs) == 0 {
		return nil
	}
	all := map[string]string{}
	for _, e := range v.n.entries {
		all[e.name] = v.key(e.name).text()
	}
	return all
}

// word is a text that is one of some.
func (v value) word(allowed ...string) string {
	s := v.text()
	if s != "" && !slices.Contains(allowed, s) {
		v.fail(v.describe(), oneOf(allowed), didYouMean(s, allowed))
	}
	return s
}

func (v value) raw() json.RawMessage { return v.n.json() }

// at is "wrangler.jsonc:9:14".
func (v value) at() string { return v.r.src.short(v.n.at) }
