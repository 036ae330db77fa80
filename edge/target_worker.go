package edge

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/problem"
	"github.com/sundog-edge/sundog/edge/worker"
)

// workerTarget is a Worker, or a Pages project.
type workerTarget request

func (t *workerTarget) Serve(w http.ResponseWriter, r *http.Request) error {
	q := (*request)(t)
	q.answered(&byWorker)
	count, open := q.edge.nesting.enter(q.sub)
	defer count.Add(-1)
	if open > 0 {
		return problem.WorkerLoop(strconv.FormatInt(open, 10) + " requests of the Worker " + q.sub.worker + " to Workers are open at once: it asks for itself, or for one that asks for it")
	}
	c := &q.route.code
	call := worker.Call{Worker: c.runs(), CF: q.requestCF(r)}
	if c.preview() {
		call.Version, call.Alias = c.versionOrAlias()
	} else if c.worker != nil {
		if !q.edge.deployed(c.worker) {
			return q.workerProblem(&worker.NotFoundError{Worker: c.worker.Name})
		}
		call.Version = q.snap.sharedBy(c.worker, r.Header, q.ray)
	}
	if q.guard.Verdict == accessemu.Forward {
		if aud, claims := q.guard.Claims(); aud != "" {
			call.Access = &worker.Access{AUD: aud, Claims: claims}
		}
	}
	r.Header["Accept-Encoding"] = encodingWorker
	delete(r.Header, "X-Real-Ip")
	err := q.edge.code.engine.Serve(w, r, call)
	var none *worker.NotFoundError
	if call.Version != "" && !c.preview() && errors.As(err, &none) { // too old a version to be kept running
		call.Version = ""
		err = q.edge.code.engine.Serve(w, r, call)
	}
	if err == nil {
		return nil
	}
	if r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // nobody reads an answer
	}
	return q.workerProblem(err)
}

// runs is the name that the engine has for the code.
func (c *code) runs() string {
	if c.project != nil {
		return pagesName(c.project.Name)
	}
	return c.worker.Name
}

// pagesName is what a Pages project runs as. No Worker can have that name.
func pagesName(project string) string { return project + "." + pagesDev }

// versionOrAlias reads what stands before the name in a preview host: eight hexadecimal digits begin a version's id, and
// anything else is an alias, or of Pages a branch.
func (c *code) versionOrAlias() (version, alias string) {
	if len(c.version) == 8 && strings.Trim(c.version, "0123456789abcdef") == "" {
		return c.version, ""
	}
	return "", c.version
}

// workerProblem is what the client of a Worker that gave no answer sees.
func (q *request) workerProblem(err error) *problem.Problem {
	c := &q.route.code
	where := q.snap.codeMark(c)
	var (
		threw   *worker.ThrewError
		hung    *worker.HungError
		none    *worker.NotFoundError
		build   *worker.BuildError
		start   *worker.StartError
		absence *worker.UnavailableError
	)
	switch {
	case errors.As(err, &threw):
		p := problem.WorkerThrew("the Worker "+c.name()+" threw an exception", "sundog logs "+c.runs()+" has what it threw, with the lines", where)
		p.Aside = threw.Name + ": " + threw.Message
		return p
	case errors.As(err, &hung) && !hung.Held:
		return problem.WorkerThrew("the Worker "+c.name()+" gave no answer: "+hung.Why, "await what answers the request, and keep no promise of another request", where)
	case errors.As(err, &hung):
		return problem.WorkerLimit("the Worker "+c.name()+" gave no answer: "+hung.Why, "sundog logs "+c.runs()+" has what it logged until then")
	case errors.As(err, &none) && none.What == "":
		return problem.NoWorker("nothing is deployed as "+c.name()+" yet", "deploy it: sundog exec -- npx wrangler deploy, or pages deploy", where)
	case errors.As(err, &none):
		return problem.NoWorker("the Worker "+c.name()+" has no version or alias "+c.version, "sundog exec -- npx wrangler versions list shows those there are", where)
	case errors.As(err, &build):
		return problem.NoRuntime("the Worker "+c.name()+" does not build: "+firstLine(build.Error()), "mend the file; it is read again by itself", where)
	case errors.As(err, &start):
		return problem.NoRuntime("the Worker "+c.name()+" does not start: "+firstLine(start.Text), "mend the code; it is read again by itself", where)
	case errors.As(err, &absence):
		return problem.NoRuntime("the Worker "+c.name()+" cannot run: "+firstLine(absence.Err.Error()), "", where)
	}
	return problem.NoRuntime("the Worker "+c.name()+" gave no answer: "+firstLine(err.Error()), "", where)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}
