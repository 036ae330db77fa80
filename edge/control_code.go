package edge

import (
	"encoding/json"
	"strings"

	"github.com/sundog-edge/sundog/edge/worker"
)

func (b *backend) CodeLog(name string) (lines []json.RawMessage, known bool) {
	e := (*Edge)(b)
	if !e.snap.Load().runs(name) {
		return nil, false
	}
	for _, ev := range e.CodeLog(name) {
		lines = append(lines, eventJSON(ev))
	}
	return lines, true
}

func (b *backend) FollowCode(name string, tell func(json.RawMessage)) (stop func()) {
	return (*Edge)(b).FollowCode(func(ev worker.Event) {
		if name == "" || ev.Worker == name {
			tell(eventJSON(ev))
		}
	})
}

func eventJSON(ev worker.Event) json.RawMessage {
	line, err := json.Marshal(ev)
	if err != nil {
		panic(err) // of texts and numbers
	}
	return line
}

// runs tells whether there is a Worker, or with its prefix a Pages project, of that name; empty is all of them.
func (s *snapshot) runs(name string) bool {
	if name == "" {
		return true
	}
	if _, ok := find(s.scripts.workers, name); ok {
		return true
	}
	project, ok := strings.CutSuffix(name, pagesName(""))
	if ok {
		_, ok = find(s.scripts.projects, project)
	}
	return ok
}
