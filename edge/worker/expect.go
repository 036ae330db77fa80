package worker

import "github.com/sundog-edge/sundog/edge/worker/workerd"

// Expect starts a process that waits for what the first [Engine.Apply] says, so that the program is loaded by then. Of
// the set it needs to know where the code is: nothing is built. What is wrong is left for Apply to say.
func (e *Engine) Expect(set Set) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state.Load().gen == nil && e.prepare() == nil {
		e.launch(set)
	}
}

// launch starts a process that waits for its config, if something of the set may need one. The next start takes it.
func (e *Engine) launch(set Set) {
	if e.waiting == nil && set.runs() && e.find(set) == nil {
		e.waiting = workerd.Launch(workerd.Command{Path: e.binary, Dir: e.dir, OnError: e.line})
	}
}

// dismiss ends the process that waits and is not needed.
func (e *Engine) dismiss() {
	if e.waiting != nil {
		e.waiting.Kill()
		e.waiting = nil
	}
}

// line is what the runtime says.
func (e *Engine) line(line string) { e.opts.Log.Debug("workerd", "line", line) }
