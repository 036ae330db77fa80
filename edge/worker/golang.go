package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/workerd"
)

// goWorker is a service that stands for Go code, so that bindings lead to it as to any Worker.
func (c *compiler) goWorker(u *unit) {
	w := c.own("golang.js", "codec.js", "events.js")
	w.Bindings = []workerd.Binding{text("name", u.worker.Name)}
	for name, kind := range map[string]int{"call": fromCall, "fetch": fromFetch} {
		service := "sundog:go:" + name + ":" + u.service
		c.external(service, u.endpoint(kind), u.caller())
	}
	for _, name := range []string{"call", "fetch"} {
		w.Bindings = append(w.Bindings, workerd.Binding{Name: name, Service: &workerd.Designator{Service: "sundog:go:" + name + ":" + u.service}})
	}
	if _, ok := u.worker.Go.(http.Handler); ok {
		w.Bindings = append(w.Bindings, workerd.Binding{Name: "handles", JSON: "true"})
	}
	c.service(u.service, w)
}

// maxCall bounds the arguments of one call.
const maxCall = 32 << 20

// fromGo takes what a Worker asks of one that is written in Go.
func (e *Engine) fromGo(w http.ResponseWriter, r *http.Request, p *endpoint) {
	var value any
	if n := e.state.Load().entries[p.key.worker]; n != nil {
		value = n.unit.worker.Go
	}
	if p.key.kind == fromFetch {
		h, ok := value.(http.Handler)
		if !ok {
			http.Error(w, "the Go Worker "+p.key.worker+" takes no fetch() any more", http.StatusServiceUnavailable)
			return
		}
		r.URL.Scheme, r.URL.Host = "http", r.Host
		if r.Header.Get(schemeHeader) == "https" {
			r.URL.Scheme = "https"
		}
		dropOwn(r.Header)
		_ = http.NewResponseController(w).EnableFullDuplex()
		h.ServeHTTP(w, r)
		return
	}
	var call struct {
		Method string            `json:"method"`
		Args   []json.RawMessage `json:"args"`
	}
	type failure struct {
		Name    string `json:"name"`
		Message string `json:"message"`
	}
	var answer struct {
		Value json.RawMessage `json:"value,omitempty"`
		Error *failure        `json:"error,omitempty"`
	}
	err := json.NewDecoder(io.LimitReader(r.Body, maxCall)).Decode(&call)
	if err == nil {
		answer.Value, err = invoke(r.Context(), value, p.key.worker, call.Method, call.Args)
	}
	if err != nil {
		answer.Error = &failure{"Error", err.Error()}
		if _, ok := err.(*typeError); ok {
			answer.Error.Name = "TypeError"
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // a runtime that is gone does not listen
}

// typeError is a call that the Go code cannot take.
type typeError struct{ text string }

func (e *typeError) Error() string { return e.text }

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// invoke calls the method of a Go value whose name is the one asked for, but for the case of its letters.
func invoke(ctx context.Context, value any, worker, name string, args []json.RawMessage) (result json.RawMessage, err error) {
	m := method(value, name)
	if !m.IsValid() {
		return nil, &typeError{fmt.Sprintf("the Go Worker %s has no method %q", worker, name)}
	}
	t := m.Type()
	var in []reflect.Value
	if t.NumIn() > 0 && t.In(0) == contextType {
		in = append(in, reflect.ValueOf(ctx))
	}
	first := len(in)
	if !t.IsVariadic() && len(args) > t.NumIn()-first {
		return nil, &typeError{fmt.Sprintf("%s takes %d arguments, not %d", name, t.NumIn()-first, len(args))}
	}
	for i := 0; i < len(args) || len(in) < t.NumIn() && (!t.IsVariadic() || len(in) < t.NumIn()-1); i++ {
		at := t.In(min(len(in), t.NumIn()-1))
		if t.IsVariadic() && len(in) >= t.NumIn()-1 {
			at = at.Elem()
		}
		v := reflect.New(at)
		if i < len(args) {
			if err := fromJS(args[i], v.Interface()); err != nil {
				return nil, &typeError{fmt.Sprintf("argument %d of %s: %v", i+1, name, err)}
			}
		}
		in = append(in, v.Elem())
	}
	defer func() {
		if p := recover(); p != nil {
			result, err = nil, fmt.Errorf("panic: %v", p)
		}
	}()
	out := m.Call(in)
	if n := len(out); n > 0 && out[n-1].Type().Implements(errorType) {
		if !out[n-1].IsNil() {
			return nil, out[n-1].Interface().(error)
		}
		out = out[:n-1]
	}
	switch len(out) {
	case 0:
		return json.RawMessage("null"), nil
	case 1:
		return toJS(out[0].Interface())
	}
	return nil, &typeError{fmt.Sprintf("%s gives %d results; a method that is called from JavaScript gives one, and an error", name, len(out))}
}

// method is the exported method of that name; ServeHTTP is none.
func method(value any, name string) (m reflect.Value) {
	if value == nil {
		return m
	}
	v := reflect.ValueOf(value)
	for i := range v.NumMethod() {
		if n := v.Type().Method(i).Name; n != "ServeHTTP" && strings.EqualFold(n, name) {
			if m = v.Method(i); n == name {
				break
			}
		}
	}
	return m
}
