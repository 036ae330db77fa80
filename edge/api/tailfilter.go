package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// tailFilter is one condition on the events of a tail. An event passes when it meets all of a tail's.
type tailFilter struct {
	SamplingRate  float64     `json:"sampling_rate"` // the share that passes; 0: no such condition
	Outcome       []string    `json:"outcome"`
	Method        []string    `json:"method"`
	Header        *tailHeader `json:"header"`
	ClientIP      []string    `json:"client_ip"`
	Query         string      `json:"query"` // a text that the Worker logged
	ScriptVersion string      `json:"scriptVersion"`
}

type tailHeader struct {
	Key   string `json:"key"`
	Query string `json:"query"` // empty: the header is there
}

// tailFilters reads conditions; one that is not known is refused by name.
func tailFilters(sent []json.RawMessage) ([]tailFilter, error) {
	var filters []tailFilter
	for i, text := range sent {
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.DisallowUnknownFields()
		var f tailFilter
		if err := dec.Decode(&f); err != nil {
			return nil, badRequest(10021, "filters[%d]: %v", i, err)
		}
		switch {
		case f.SamplingRate < 0 || f.SamplingRate > 1:
			return nil, badRequest(10021, "filters[%d].sampling_rate is %g, and should be between 0 and 1", i, f.SamplingRate)
		case slices.Contains(f.ClientIP, "self"):
			return nil, badRequest(10021, `filters[%d].client_ip: "self" is not supported yet: name an address`, i)
		}
		filters = append(filters, f)
	}
	return filters, nil
}

// traceEvent is what filters look at.
type traceEvent struct {
	Outcome string `json:"outcome"`
	Version struct {
		ID string `json:"id"`
	} `json:"scriptVersion"`
	Logs []struct {
		Message json.RawMessage `json:"message"`
	} `json:"logs"`
	Event struct {
		Request *struct {
			Method  string            `json:"method"`
			Headers map[string]string `json:"headers"`
		} `json:"request"`
	} `json:"event"`
}

// passes tells whether an event meets all conditions. chance is a number from 0 up to 1.
func passes(filters []tailFilter, event json.RawMessage, chance func() float64) bool {
	if len(filters) == 0 {
		return true
	}
	var e traceEvent
	if json.Unmarshal(event, &e) != nil {
		return false
	}
	return !slices.ContainsFunc(filters, func(f tailFilter) bool { return !f.takes(&e, chance) })
}

func (f *tailFilter) takes(e *traceEvent, chance func() float64) bool {
	header := func(name string) (value string, ok bool) {
		if e.Event.Request != nil {
			for key, value := range e.Event.Request.Headers {
				if strings.EqualFold(key, name) {
					return value, true
				}
			}
		}
		return "", false
	}
	switch {
	case f.SamplingRate > 0 && chance() >= f.SamplingRate:
	case len(f.Outcome) > 0 && !slices.Contains(f.Outcome, e.Outcome):
	case len(f.Method) > 0 && (e.Event.Request == nil || !slices.ContainsFunc(f.Method, func(m string) bool { return strings.EqualFold(m, e.Event.Request.Method) })):
	case f.ScriptVersion != "" && f.ScriptVersion != e.Version.ID:
	case f.Query != "" && !e.logged(f.Query):
	default:
		if len(f.ClientIP) > 0 {
			if ip, _ := header("cf-connecting-ip"); !slices.Contains(f.ClientIP, ip) {
				return false
			}
		}
		if f.Header != nil {
			value, ok := header(f.Header.Key)
			return ok && strings.Contains(value, f.Header.Query)
		}
		return true
	}
	return false
}

// logged tells whether a text is in what was logged: in its texts, and in the JSON of its other values.
func (e *traceEvent) logged(text string) bool {
	for _, l := range e.Logs {
		var parts []any
		if json.Unmarshal(l.Message, &parts) != nil {
			continue
		}
		for _, part := range parts {
			said, ok := part.(string)
			if !ok {
				said = fmt.Sprint(part)
				if b, err := json.Marshal(part); err == nil {
					said = string(b)
				}
			}
			if strings.Contains(said, text) {
				return true
			}
		}
	}
	return false
}
