package bundle

import "slices"

// metafile is what is read of esbuild's account of a build.
type metafile struct {
	Inputs map[string]struct {
		Format string `json:"format"`
	} `json:"inputs"`
	Outputs map[string]struct {
		EntryPoint string   `json:"entryPoint"`
		Exports    []string `json:"exports"`
	} `json:"outputs"`
}

// entry is what the main module exports, sorted, and its format ("esm", "cjs"; empty: neither shows).
func (m metafile) entry() (exports []string, format string) {
	for _, o := range m.Outputs {
		if o.EntryPoint != "" {
			slices.Sort(o.Exports)
			return o.Exports, m.Inputs[o.EntryPoint].Format
		}
	}
	return nil, ""
}
