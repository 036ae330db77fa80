package api

import (
	"fmt"
	"net/http"
)

// failure is an answer that is not a success.
type failure struct {
	status int
	errs   []apiError
	final  bool // repeating the request does not help, although its status says so; any 409 and 429 is final
}

type apiError struct {
	Code    int        `json:"code"`
	Message string     `json:"message"`
	Chain   []apiError `json:"error_chain,omitempty"`
	Source  *source    `json:"source,omitempty"`
}

type source struct {
	Pointer string `json:"pointer"` // a JSON pointer into the body
}

func (f *failure) Error() string {
	if len(f.errs) == 0 {
		return http.StatusText(f.status)
	}
	return f.errs[0].Message
}

func fail(status, code int, format string, args ...any) *failure {
	return &failure{status: status, errs: []apiError{{Code: code, Message: fmt.Sprintf(format, args...)}}}
}

// badRequest is a body that does not say what it should; code is the product's.
func badRequest(code int, format string, args ...any) *failure {
	return fail(http.StatusBadRequest, code, format, args...)
}

func noRoute(path string) *failure {
	return &failure{status: http.StatusNotFound, errs: []apiError{
		{Code: 7003, Message: "Could not route to " + path + ", perhaps your object identifier is invalid?"},
		{Code: 7000, Message: "No route for that URI", Chain: []apiError{notServed(path)}},
	}}
}

func notAuthorized() *failure { return fail(http.StatusForbidden, 10000, "Authentication error") }

func tooLarge() *failure {
	return fail(http.StatusRequestEntityTooLarge, 7011, "Request entity is too large")
}

func noScript() *failure {
	return fail(http.StatusNotFound, 10007, "This Worker does not exist on your account.")
}

func noService() *failure {
	return fail(http.StatusNotFound, 10090, "workers.api.error.service_not_found")
}

func noVersion(id string) *failure {
	return fail(http.StatusNotFound, 10092, "workers.api.error.version_not_found: this Worker has no version %q", id)
}

func noZone() *failure {
	return fail(http.StatusForbidden, 9109, "Unauthorized to access requested resource")
}

func noProject(name string) *failure {
	return fail(http.StatusNotFound, 8000007, "Project not found. The specified project name does not match any of your existing projects: %q.", name)
}
