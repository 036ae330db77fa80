package api

import (
	"slices"
	"sync"
)

// asked are names that were asked for lately, a few of them.
type asked struct {
	mu   sync.Mutex
	last []string
}

const maxAsked = 256

func (a *asked) add(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if slices.Contains(a.last, name) {
		return
	}
	if len(a.last) == maxAsked {
		a.last = a.last[1:]
	}
	a.last = append(slices.Clip(a.last), name)
}

func (a *asked) names() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.last)
}
