package forge

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Member is one member of a JSON object.
type Member struct {
	Name  string
	Value any // what json.Marshal takes
}

// Members are a JSON object whose order is kept and in which a name may stand twice. Its
// methods answer changed copies.
type Members []Member

// Get is the value of the first member of a name; nil when there is none.
func (m Members) Get(name string) any {
	for _, x := range m {
		if x.Name == name {
			return x.Value
		}
	}
	return nil
}

// Text is the value of a member that is a string, or the one string of a list; else empty.
func (m Members) Text(name string) string {
	raw, ok := m.Get(name).(json.RawMessage)
	if !ok {
		s, _ := m.Get(name).(string)
		return s
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var list []string
	if json.Unmarshal(raw, &list) == nil && len(list) == 1 {
		return list[0]
	}
	return ""
}

// With has a value in the place of the first member of that name, or else at the end.
func (m Members) With(name string, value any) Members {
	list := append(Members(nil), m...)
	for i := range list {
		if list[i].Name == name {
			list[i].Value = value
			return list
		}
	}
	return append(list, Member{name, value})
}

// Twice has one more member at the end, whatever stands there already.
func (m Members) Twice(name string, value any) Members {
	return append(append(Members(nil), m...), Member{name, value})
}

// Without has no member of that name.
func (m Members) Without(names ...string) Members {
	var list Members
next:
	for _, x := range m {
		for _, name := range names {
			if x.Name == name {
				continue next
			}
		}
		list = append(list, x)
	}
	return list
}

// MarshalJSON writes the object.
func (m Members) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, x := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(x.Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(x.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", x.Name, err)
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// UnmarshalJSON reads an object; the values become json.RawMessage.
func (m *Members) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return errors.Join(errors.New("not a JSON object"), err)
	}
	*m = nil
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		text, ok := name.(string)
		if !ok {
			return fmt.Errorf("%v is no name", name)
		}
		*m = append(*m, Member{text, value})
	}
	return nil
}

// Parse reads the header and the claims of a compact token. It checks nothing else.
func Parse(token string) (header, claims Members, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, nil, fmt.Errorf("a token has three parts, not %d", len(parts))
	}
	for i, into := range []*Members{&header, &claims} {
		data, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err == nil {
			err = json.Unmarshal(data, into)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("part %d of the token: %w", i+1, err)
		}
	}
	return header, claims, nil
}
