package admin

import (
	"net/http"
	"slices"
	"strings"
)

// paths are what the port answers. They are remembered, for whoever asks for something else.
type paths struct {
	*http.ServeMux
	patterns []string // "GET /v1/traces/{ray}"
}

func (p *paths) Handle(pattern string, h http.Handler) {
	p.patterns = append(p.patterns, pattern)
	p.ServeMux.Handle(pattern, h)
}

func (p *paths) HandleFunc(pattern string, h http.HandlerFunc) { p.Handle(pattern, h) }

// known is the paths in a line, by method: "GET /v1/ready, /v1/traces/RAY; POST /v1/clock".
func (p *paths) known() string {
	var methods []string
	byMethod := map[string][]string{}
	for _, pattern := range p.patterns {
		method, path, _ := strings.Cut(pattern, " ")
		if strings.HasPrefix(path, "/quick/") {
			continue // whose key only its starter knows
		}
		if byMethod[method] == nil {
			methods = append(methods, method)
		}
		for before, rest := "", path; ; {
			head, tail, ok := strings.Cut(rest, "{")
			if !ok {
				path = before + rest
				break
			}
			name, after, _ := strings.Cut(tail, "}")
			before, rest = before+head+strings.ToUpper(name), after
		}
		byMethod[method] = append(byMethod[method], path)
	}
	groups := make([]string, 0, len(methods))
	for _, m := range methods {
		slices.Sort(byMethod[m])
		groups = append(groups, m+" "+strings.Join(byMethod[m], ", "))
	}
	return strings.Join(groups, "; ")
}
