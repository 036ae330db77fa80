package api

import (
	"encoding/json"
	"testing"
)

func TestTailFilters(t *testing.T) {
	const event = `{"outcome":"exception","scriptVersion":{"id":"v1"},"logs":[{"message":["hello",{"who":"you"}],"level":"log"}],
		"event":{"request":{"method":"POST","headers":{"cf-connecting-ip":"192.0.2.7","x-a":"abc"}}}}`
	const scheduled = `{"outcome":"ok","logs":[],"event":{"cron":"* * * * *"}}`
	for filter, want := range map[string]bool{
		`{"outcome":["ok"]}`:                          false,
		`{"outcome":["ok","exception"]}`:              true,
		`{"method":["get"]}`:                          false,
		`{"method":["get","post"]}`:                   true,
		`{"header":{"key":"X-A"}}`:                    true,
		`{"header":{"key":"X-A","query":"b"}}`:        true,
		`{"header":{"key":"X-A","query":"z"}}`:        false,
		`{"header":{"key":"X-B"}}`:                    false,
		`{"client_ip":["192.0.2.7"]}`:                 true,
		`{"client_ip":["192.0.2.8"]}`:                 false,
		`{"query":"ell"}`:                             true,
		`{"query":"\"who\":\"you\""}`:                 true,
		`{"query":"bye"}`:                             false,
		`{"scriptVersion":"v1"}`:                      true,
		`{"scriptVersion":"v2"}`:                      false,
		`{"sampling_rate":0.6}`:                       true,
		`{"sampling_rate":0.4}`:                       false,
		`{"method":["POST"],"outcome":["canceled"]}`:  false,
		`{"outcome":["exception"],"query":"nothing"}`: false,
		`{}`: true,
	} {
		filters, err := tailFilters([]json.RawMessage{json.RawMessage(filter)})
		if err != nil {
			t.Fatal(err)
		}
		if got := passes(filters, json.RawMessage(event), func() float64 { return 0.5 }); got != want {
			t.Errorf("%s: %v", filter, got)
		}
		if want = filter == `{"outcome":["ok"]}` || filter == `{"outcome":["ok","exception"]}` || filter == `{"sampling_rate":0.6}` || filter == `{}`; passes(filters, json.RawMessage(scheduled), func() float64 { return 0.5 }) != want {
			t.Errorf("%s: an event that is no request: %v", filter, !want)
		}
		if filter != `{}` && passes(filters, json.RawMessage(`[]`), func() float64 { return 0 }) {
			t.Errorf("%s: what is no event passes", filter)
		}
	}
}

func FuzzTailFilter(f *testing.F) {
	f.Add(`{"header":{"key":"a"}}`, `{"event":{"request":{"headers":{"a":"b"}}}}`)
	f.Add(`{"query":"a"}`, `{"logs":[{"message":[1,null,"a"]}]}`)
	f.Fuzz(func(t *testing.T, filter, event string) {
		if filters, err := tailFilters([]json.RawMessage{json.RawMessage(filter)}); err == nil {
			passes(filters, json.RawMessage(event), func() float64 { return 0 })
		}
	})
}
