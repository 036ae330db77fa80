package worker

import "fmt"

// ThrewError is a Worker that threw, or whose answer never came: Cloudflare's 1101. Nothing was written. Of a Worker
// that still does something beyond its answer, it is not known yet what it threw: the message says so, and the event
// comes later.
type ThrewError struct {
	Worker  string
	Name    string // "TypeError"
	Message string
}

func (e *ThrewError) Error() string {
	return fmt.Sprintf("Worker %s threw %s: %s", e.Worker, e.Name, e.Message)
}

// HungError is a Worker that held the runtime's thread, or that waits for what can never come. Nothing was
// written.
type HungError struct {
	Worker string
	Why    string
	Held   bool // the thread; false: it waited, and others went on
}

func (e *HungError) Error() string { return fmt.Sprintf("Worker %s hung: %s", e.Worker, e.Why) }

// UnavailableError is a Worker that cannot be asked: it never started, or the process that ran it ended under
// the request. Nothing was written.
type UnavailableError struct {
	Worker string
	Err    error
}

func (e *UnavailableError) Error() string {
	return fmt.Sprintf("Worker %s is not available: %v", e.Worker, e.Err)
}

func (e *UnavailableError) Unwrap() error { return e.Err }

// NotFoundError is a Worker, or a version, alias or entrypoint of one, that is not in the set.
type NotFoundError struct {
	Worker string
	What   string // "version 0a1b2c3d"; empty: the Worker itself
}

func (e *NotFoundError) Error() string {
	if e.What == "" {
		return "there is no Worker " + e.Worker
	}
	return "Worker " + e.Worker + " has no " + e.What
}

// StartError is a version that the runtime refuses: a syntax error, an exception at the top level, an unknown
// compatibility flag.
type StartError struct {
	Worker string
	Text   string // the runtime's words; places are in the user's files where a source map leads there
}

func (e *StartError) Error() string { return e.Text }

// BuildError is a version that could not be made of its files.
type BuildError struct {
	Worker string
	Err    error
}

func (e *BuildError) Error() string { return e.Err.Error() }
func (e *BuildError) Unwrap() error { return e.Err }
