package edge

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"

	"github.com/sundog-edge/sundog/edge/worker"
)

// tails are who watches what Workers do.
type tails struct {
	telling sync.Mutex // one word to the engine at a time

	mu     sync.Mutex // guards what follows
	next   int
	events map[int]func(worker.Event)
	traces map[int]tail
}

type tail struct {
	worker string
	tell   func(trace json.RawMessage)
}

// tell passes on one invocation of a Worker.
func (t *tails) tell(name, version string, trace json.RawMessage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	named := sync.OnceValue(func() json.RawMessage { return withScript(trace, name, version) })
	for _, one := range t.traces {
		if one.worker == name {
			one.tell(named())
		}
	}
}

// withScript is an invocation with the name and the version of its Worker, which the runtime does not know.
func withScript(trace json.RawMessage, name, version string) json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(trace, &fields) != nil {
		return trace
	}
	put := func(field string, value any) {
		text, err := json.Marshal(value)
		if err != nil {
			panic(err) // of texts
		}
		fields[field] = text
	}
	put("scriptName", name)
	if version != "" {
		put("scriptVersion", map[string]string{"id": version})
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return trace
	}
	return text
}

// TailWorker calls tell with every invocation of a Worker from now on, as the runtime has it, until stop is called.
// tell must not block.
func (e *Edge) TailWorker(name string, tell func(trace json.RawMessage)) (stop func()) {
	t := &e.tails
	t.mu.Lock()
	if t.traces == nil {
		t.traces = map[int]tail{}
	}
	id := t.next
	t.next++
	t.traces[id] = tail{name, tell}
	t.mu.Unlock()
	e.tailAll()
	return func() {
		t.mu.Lock()
		delete(t.traces, id)
		t.mu.Unlock()
		e.tailAll()
	}
}

// tailAll tells the engine whether anybody listens. It holds no lock that an event of the engine needs.
func (e *Edge) tailAll() {
	t := &e.tails
	t.telling.Lock()
	defer t.telling.Unlock()
	t.mu.Lock()
	on := len(t.traces) > 0
	t.mu.Unlock()
	e.code.engine.TailAll(on)
}

// FollowCode calls tell with what happens in Workers from now on: what they log and throw, and what becomes of the
// processes that run them, until stop is called. tell must not block.
func (e *Edge) FollowCode(tell func(worker.Event)) (stop func()) {
	t := &e.tails
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.events == nil {
		t.events = map[int]func(worker.Event){}
	}
	id := t.next
	t.next++
	t.events[id] = tell
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.events, id)
	}
}

// CodeLog is what happened in Workers lately, the oldest first; of one, or with an empty name of all.
func (e *Edge) CodeLog(name string) []worker.Event {
	list := e.code.engine.Logs(name)
	for i := range list {
		list[i].URL = maskQuery(list[i].URL)
	}
	return list
}

// codeEvent tells everybody who watches, and the person at the terminal.
func (e *Edge) codeEvent(ev worker.Event) {
	ev.URL = maskQuery(ev.URL)
	t := &e.tails
	t.mu.Lock()
	for _, tell := range t.events {
		tell(ev)
	}
	t.mu.Unlock()
	level := slog.LevelInfo
	switch ev.Kind {
	case worker.Started, worker.Swapped:
		level = slog.LevelDebug
	case worker.Exception, worker.Crashed, worker.Hung:
		level = slog.LevelError
	case worker.Clamped:
		level = slog.LevelWarn
	case worker.Refused:
		return // the report tells of it
	}
	text := ev.Message
	if ev.Worker != "" {
		text = ev.Worker + ": " + text
	}
	if len(ev.Stack) > 0 {
		f := ev.Stack[0]
		text += fmt.Sprintf(" (%s:%d:%d)", f.File, f.Line, f.Column) // sundog logs has the others
	}
	e.log.Log(e.running, level, text)
}
