package accessemu

import (
	"bytes"
	"encoding/json"
)

// UnmarshalJSON reads {"selector": value}. What it does not understand it
// keeps for the compiler to report.
func (r *Rule) UnmarshalJSON(data []byte) error {
	var keys map[string]json.RawMessage
	err := json.Unmarshal(data, &keys)
	if _, nameless := keys[""]; err != nil || len(keys) != 1 || nameless {
		*r = Rule{Value: json.RawMessage(bytes.Clone(data))}
		return nil
	}
	for name, raw := range keys {
		*r = Rule{Selector: name, Value: raw}
		if sel, ok := selectors[name]; ok {
			var ignore faults
			if value := sel.parse(raw, "", &ignore); len(ignore.list) == 0 {
				r.Value = value
			}
		}
	}
	return nil
}

// MarshalJSON writes {"selector": value}.
func (r Rule) MarshalJSON() ([]byte, error) {
	if raw, ok := r.Value.(json.RawMessage); ok && r.Selector == "" {
		return raw, nil
	}
	value := r.Value
	if value == nil {
		value = struct{}{}
	}
	return json.Marshal(map[string]any{r.Selector: value})
}

// UnmarshalJSON reads an inline policy, or a reference: a string, or an object
// that has "id" and neither "decision" nor "include".
func (p *PolicyRef) UnmarshalJSON(data []byte) error {
	*p = PolicyRef{}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte(`"`)) {
		return json.Unmarshal(data, &p.Ref)
	}
	if err := json.Unmarshal(data, &p.Policy); err != nil {
		return err
	}
	p.adoptRef()
	return nil
}

// adoptRef turns an object that only names a policy into a reference to it.
func (p *PolicyRef) adoptRef() {
	if p.ID != "" && p.Decision == "" && p.Include == nil {
		*p = PolicyRef{Ref: p.ID, Policy: Policy{Precedence: p.Precedence}}
	}
}

// MarshalJSON writes what UnmarshalJSON reads.
func (p PolicyRef) MarshalJSON() ([]byte, error) {
	switch {
	case p.Ref == "":
		return json.Marshal(p.Policy)
	case p.Precedence != 0:
		return json.Marshal(map[string]any{"id": p.Ref, "precedence": p.Precedence})
	}
	return json.Marshal(p.Ref)
}
