package environ

import (
	"encoding/json"
	"io"
)

// writeJSON writes an object, keys sorted. unset is never null.
func writeJSON(w io.Writer, p *Plan) error {
	doc := struct {
		Set   map[string]string `json:"set"`
		Unset []string          `json:"unset"`
	}{map[string]string{}, []string{}}
	for _, v := range p.Set {
		doc.Set[v.Name] = v.Value
	}
	for _, r := range p.Removed {
		doc.Unset = append(doc.Unset, r.Name)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}
