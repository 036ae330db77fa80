package attack

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/sundog-edge/sundog/accessemu/forge"
)

// Way is one way to the origin.
type Way struct {
	Name string // "edge", "origin" or "worker"
	To   string // what is asked, for people: a URL
	URL  string // of the requests
	Send func(*http.Request) (*http.Response, error)
}

// Verdict is what became of a forgery.
type Verdict string

const (
	Refused Verdict = "refused"
	LetIn   Verdict = "let in"
	Unclear Verdict = "unclear" // the answer is as much like the one as like the other
)

// Report is what an attack found.
type Report struct {
	URL    string      `json:"url"`
	App    string      `json:"app"`    // name of the application
	Issuer string      `json:"issuer"` // TEAM_DOMAIN of the origin
	AUD    string      `json:"aud"`    // POLICY_AUD of the origin
	As     string      `json:"as"`     // whose the genuine tokens are
	Ways   []WayReport `json:"ways"`
}

// WayReport is what was found on one way.
type WayReport struct {
	Way     string   `json:"way"`
	To      string   `json:"to"`
	State   State    `json:"state"`
	Why     string   `json:"why,omitempty"` // of a state other than Checks
	Genuine int      `json:"genuine_status,omitempty"`
	Without int      `json:"anonymous_status,omitempty"`
	Results []Result `json:"results"` // of State Checks
}

// Result is one forgery on one way.
type Result struct {
	forge.Forgery
	Verdict Verdict `json:"verdict"`
	Status  int     `json:"status,omitempty"` // 0: no answer came
	Note    string  `json:"note,omitempty"`   // what else is odd about the answer
}

// LetIn are the forgeries that one way or another were let in.
func (r *Report) LetIn() (list []Result) {
	for _, w := range r.Ways {
		for _, x := range w.Results {
			if x.Verdict == LetIn {
				list = append(list, x)
			}
		}
	}
	return list
}

// Sound tells whether every way could be judged, and no forgery was let in.
func (r *Report) Sound() bool {
	for _, w := range r.Ways {
		if w.State != Checks {
			return false
		}
	}
	return len(r.Ways) > 0 && len(r.LetIn()) == 0
}

// patience is how long one answer may take.
const patience = 10 * time.Second

// Run tries one way. The two genuine tokens of the materials are of the same person, and
// forgeries are made of the first. An error is of ctx or of the material.
func Run(ctx context.Context, way Way, materials [2]forge.Material) (WayReport, error) {
	r := WayReport{Way: way.Name, To: way.To, Results: []Result{}}
	var b baseline
	for i, m := range materials {
		b.anonymous[i] = way.ask(ctx, func(*http.Request) {})
		b.genuine[i] = way.ask(ctx, func(r *http.Request) { forge.Put(r, m.Genuine) })
	}
	if err := ctx.Err(); err != nil {
		return r, err
	}
	r.Genuine, r.Without = b.genuine[0].status, b.anonymous[0].status
	if r.State, r.Why = b.judge(); r.State != Checks {
		return r, nil
	}
	for _, f := range forge.All() {
		forged, err := f.Make(materials[0])
		if err != nil {
			return r, err
		}
		a := way.ask(ctx, forged.Put)
		if err := ctx.Err(); err != nil {
			return r, err
		}
		x := Result{Forgery: f, Status: a.status, Verdict: b.letsIn(a)}
		if f.Kind == forge.Believe {
			x.Verdict, x.Note = believes(&b, a, forged, materials[0])
		}
		switch {
		case a.failed != nil:
			x.Note = "no answer came"
		case a.status >= 500:
			x.Note = fmt.Sprintf("the origin broke over it: %d", a.status)
		}
		r.Results = append(r.Results, x)
	}
	return r, nil
}

func (w Way) ask(ctx context.Context, put func(*http.Request)) answer {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.URL, nil)
	if err != nil {
		return answer{failed: err}
	}
	r.Header.Set("User-Agent", "sundog-attack")
	put(r)
	resp, err := w.Send(r)
	return read(resp, err, r.Header)
}

// believes judges a forgery beside a genuine token, by whom the answer names.
func believes(b *baseline, a answer, forged forge.Forged, m forge.Material) (Verdict, string) {
	_, claims, err := forge.Parse(m.Genuine)
	if err != nil {
		return Unclear, err.Error()
	}
	email := claims.Text("email")
	switch in := b.letsIn(a); {
	case strings.Contains(a.text, forged.Claimed):
		return LetIn, "the answer names " + forged.Claimed
	case in == Refused:
		return Refused, ""
	case strings.Contains(a.text, email):
		return Refused, "answered as for the genuine person"
	}
	return Unclear, "the answer names nobody, so that it does not tell who was believed"
}
