package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

type envelope struct {
	Success    bool       `json:"success"`
	Errors     []apiError `json:"errors"`
	Messages   []string   `json:"messages"` // cloudflared reads a list of strings
	Result     any        `json:"result"`
	ResultInfo *pageInfo  `json:"result_info,omitempty"`
}

type pageInfo struct {
	Page       int `json:"page"`
	PerPage    int `json:"per_page"`
	Count      int `json:"count"`       // on this page
	TotalCount int `json:"total_count"` // on all of them
	TotalPages int `json:"total_pages"`
}

// list is a result that comes in pages.
type list struct {
	items any
	info  pageInfo
}

// paged is the page of items that the query asks for. A page past the end is empty: clients look for
// nothing else to know that they are done.
func paged[T any](query url.Values, items []T, perPage, maxPerPage int) list {
	page := max(number(query.Get("page")), 1)
	if n := number(query.Get("per_page")); n > 0 {
		perPage = min(n, maxPerPage)
	}
	info := pageInfo{Page: page, PerPage: perPage, TotalCount: len(items), TotalPages: (len(items) + perPage - 1) / perPage}
	rest := items[:0:0]
	if page <= info.TotalPages {
		from := (page - 1) * perPage
		rest = items[from:min(from+perPage, len(items))]
	}
	info.Count = len(rest)
	return list{append([]T{}, rest...), info} // never null
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

// stamp is a time as the API shows it; null: of what stands in a file.
func stamp(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// raw is a result that goes out as it is.
type raw struct {
	contentType string
	body        []byte
}

// answer sends what a handler returned. Clients compare the content type as a whole, so it has no charset.
func (s *server) answer(w http.ResponseWriter, result any, err error) {
	h := w.Header()
	h.Set("Cache-Control", "no-store, no-cache, must-revalidate, post-check=0, pre-check=0")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	if r, ok := result.(raw); ok && err == nil {
		h.Set("Content-Type", r.contentType)
		w.Write(r.body)
		return
	}
	status := http.StatusOK
	e := envelope{Success: true, Errors: []apiError{}, Messages: []string{}, Result: result}
	if l, ok := result.(list); ok {
		e.Result, e.ResultInfo = l.items, &l.info
	}
	if err != nil {
		f := s.failureOf(err)
		status = f.status
		e.Success, e.Errors, e.Result, e.ResultInfo = false, f.errs, nil, nil
		if f.final || status == http.StatusConflict || status == http.StatusTooManyRequests {
			h.Set("X-Should-Retry", "false")
		}
	}
	body, err := json.Marshal(e)
	if err != nil {
		panic(err) // results are made here
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body)
}
