package worker

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// trace is one invocation as the runtime's tail tells it.
type trace struct {
	Outcome string `json:"outcome"`
	Logs    []struct {
		Level     string            `json:"level"`
		Message   []json.RawMessage `json:"message"`
		Timestamp int64             `json:"timestamp"`
		Errors    []*struct {
			Stack string `json:"stack"`
		} `json:"errorInfo"` // of the messages that are errors
	} `json:"logs"`
	Exceptions []struct {
		Name      string `json:"name"`
		Message   string `json:"message"`
		Stack     string `json:"stack"`
		Timestamp int64  `json:"timestamp"`
	} `json:"exceptions"`
	Event struct {
		Request *struct {
			URL     string            `json:"url"`
			Method  string            `json:"method"`
			Headers map[string]string `json:"headers"`
		} `json:"request"`
	} `json:"event"`
}

// maxTail bounds what the tail may say at once.
const maxTail = 16 << 20

// tail takes what the tail Worker tells.
func (e *Engine) tail(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusNoContent)
	var told struct {
		From struct {
			Worker  string `json:"worker"`
			Version string `json:"version"`
		} `json:"from"`
		Events []json.RawMessage `json:"events"`
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, maxTail)).Decode(&told); err != nil {
		e.opts.Log.Warn("a trace cannot be read", "error", err)
		return
	}
	for _, raw := range told.Events {
		var t trace
		if json.Unmarshal(raw, &t) == nil {
			e.traced(told.From.Worker, told.From.Version, &t)
		}
		if e.opts.OnTail != nil {
			e.opts.OnTail(told.From.Worker, told.From.Version, raw)
		}
	}
}

// TailAll says whether Options.OnTail hears of invocations that neither logged nor threw, too. To tell every one
// doubles the cost of a small request, so it is worth turning off while nobody listens.
func (e *Engine) TailAll(on bool) {
	e.less.Store(!on)
	if g := e.state.Load().gen; g != nil {
		e.tailAsAsked(g)
	}
}

// tailAsAsked tells the process, if it does not know yet.
func (e *Engine) tailAsAsked(g *generation) {
	g.told.Lock()
	defer g.told.Unlock()
	if e.opts.OnTail == nil || g.less == e.less.Load() {
		return
	}
	g.less = !g.less
	ctx, cancel := context.WithTimeout(e.ctx, e.opts.Stall)
	defer cancel()
	body := `{"all":true}`
	if g.less {
		body = `{"all":false}`
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://call/", strings.NewReader(body))
	if err != nil {
		return
	}
	if res, err := g.proxy.RoundTrip(r); err == nil { // a process that does not answer is another's matter
		res.Body.Close()
	}
}

// traced makes events of a trace.
func (e *Engine) traced(worker, version string, t *trace) {
	ev := Event{Worker: worker, Version: version}
	if q := t.Event.Request; q != nil {
		ev.Method, ev.URL, ev.Ray = q.Method, q.URL, q.Headers["cf-ray"]
	}
	maps := sync.OnceValue(func() *sources { return e.maps(worker, version) })
	for _, l := range t.Logs {
		said := ev
		said.Kind, said.Level, said.Time = Log, l.Level, time.UnixMilli(l.Timestamp)
		said.Message = console(l.Message)
		for _, x := range l.Errors {
			if x != nil && said.Stack == nil {
				said.Stack = maps().frames(x.Stack)
			}
		}
		e.events.add(said)
	}
	if len(t.Exceptions) > 0 {
		x := t.Exceptions[0] // the others are of what went on
		e.thrown.tell(exception{worker, version, ev.Ray, x.Name, x.Message})
	}
	for _, x := range t.Exceptions {
		thrown := ev
		thrown.Kind, thrown.Time, thrown.Message = Exception, time.UnixMilli(x.Timestamp), cut(x.Name+": "+x.Message)
		thrown.Stack = maps().frames(x.Stack)
		e.events.add(thrown)
	}
}

// maxMessage bounds what is kept of one message.
const maxMessage = 64 << 10

// console is what a console shows of logged values: text as it is, all else as JSON, and the directives of a first
// text filled in.
func console(values []json.RawMessage) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = word(v)
	}
	if len(words) > 1 && values[0][0] == '"' {
		words = filled(words[0], words[1:])
	}
	return cut(strings.Join(words, " "))
}

func cut(line string) string {
	if len(line) > maxMessage {
		return strings.ToValidUTF8(line[:maxMessage], "") + "…"
	}
	return line
}

// filled puts words in the place of a format's directives; those that are left follow.
func filled(format string, words []string) []string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(format, "%")
		b.WriteString(before)
		if !found {
			break
		}
		switch {
		case strings.HasPrefix(after, "%"):
			b.WriteByte('%')
		case after == "" || !strings.Contains("sdifoOjc", after[:1]) || len(words) == 0:
			b.WriteByte('%')
			format = after
			continue
		default:
			if after[0] != 'c' { // which is style
				b.WriteString(words[0])
			}
			words = words[1:]
		}
		format = after[1:]
	}
	return append([]string{b.String()}, words...)
}

// word is one logged value.
func word(m json.RawMessage) string {
	var s *string
	if json.Unmarshal(m, &s) == nil && s != nil {
		return *s
	}
	return string(m)
}
