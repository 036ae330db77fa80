package api

import (
	"encoding/json"
	"maps"
)

// fleetSettings are those of a Worker that only the real platform's fleet has a use for. They come back as they were
// sent, so that clients that compare see what they want.
var fleetSettings = []string{"cache_options", "limits", "logpush", "observability", "placement", "previews_base_config", "tail_consumers"}

// keep is had with what was sent of some names over it; null ends one.
func keep(had, sent map[string]json.RawMessage, names []string) map[string]json.RawMessage {
	out := maps.Clone(had)
	for _, name := range names {
		value, ok := sent[name]
		switch {
		case !ok:
		case string(value) == "null":
			delete(out, name)
		default:
			if out == nil {
				out = map[string]json.RawMessage{}
			}
			out[name] = value
		}
	}
	return out
}

// withKept is an object with what was kept in the place of its own fields, and of more of them.
func withKept(o object, kept map[string]json.RawMessage, more ...string) object {
	for name := range o {
		if value, ok := kept[name]; ok {
			o[name] = value
		}
	}
	for _, name := range more {
		if value, ok := kept[name]; ok {
			o[name] = value
		}
	}
	return o
}
