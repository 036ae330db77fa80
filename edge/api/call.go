package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/sundog-edge/sundog/edge/world"
)

// maxBody is the most that a request may carry, as at the real edge.
const maxBody = 100 << 20

// call is one request on its way through a handler.
type call struct {
	*server
	r       *http.Request
	ctx     context.Context
	layers  world.Layers // as the request found them; nobody else writes while a handler that writes runs
	account string       // the one account of the world
	query   url.Values
	body    []byte // all of it
}

// arg is a part of the path.
func (c *call) arg(name string) string { return c.r.PathValue(name) }

// decode reads the body as JSON, whatever the request says that it is.
func (c *call) decode(v any) error {
	dec := json.NewDecoder(bytes.NewReader(c.body))
	if err := dec.Decode(v); err != nil {
		return notJSON(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return badRequest(6007, "Malformed JSON in request body: there is more after the first value")
	}
	return nil
}

func notJSON(err error) *failure {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		f := badRequest(6007, "Malformed JSON in request body: %s is of type %s, and should be of type %s", kind.Field, kind.Value, jsonType(kind.Type.Kind()))
		f.errs[0].Source = &source{Pointer: "/" + strings.ReplaceAll(kind.Field, ".", "/")}
		return f
	}
	if errors.Is(err, io.EOF) {
		return badRequest(6007, "Malformed JSON in request body: it is empty")
	}
	return badRequest(6007, "Malformed JSON in request body: %v", err)
}

func jsonType(k reflect.Kind) string {
	switch k {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Slice, reflect.Array:
		return "array"
	case reflect.Map, reflect.Struct:
		return "object"
	}
	return "number"
}

// readBody reads the whole body, so that no slow client holds up others once its handler runs.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > maxBody {
		return nil, tooLarge()
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, tooLarge()
	case err != nil:
		return nil, badRequest(6007, "The request body ends early: %v", err)
	}
	return body, nil
}

// edit writes.
func (c *call) edit(edits ...world.Edit) error { return c.Store.Edit(c.ctx, edits...) }

// deploy writes what makes a Worker or a Pages project run other code.
func (c *call) deploy(name string, edits ...world.Edit) error {
	return c.Store.Deploy(c.ctx, name, edits...)
}

// failureOf is what an error of a handler or of the Store is to a client.
func (s *server) failureOf(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	var invalid *InvalidError
	if errors.As(err, &invalid) {
		return badRequest(10021, "%s", invalid.Text)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return &failure{status: http.StatusServiceUnavailable, errs: []apiError{{Code: 10001, Message: err.Error()}}, final: true}
	}
	var wrong world.Errors
	if errors.As(err, &wrong) {
		f := &failure{status: http.StatusBadRequest}
		for _, e := range wrong {
			f.errs = append(f.errs, apiError{Code: 10001, Message: e.Error()})
		}
		return f
	}
	s.Log.Error("the API could not write", "error", err)
	return &failure{status: http.StatusInternalServerError, errs: []apiError{{Code: 10013, Message: "An unknown error has occurred. " + err.Error()}}, final: true}
}
