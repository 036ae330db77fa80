package worker

import "net/http"

func (c *compiler) goWorker(u *unit) {}

func (e *Engine) fromGo(w http.ResponseWriter, r *http.Request, p *endpoint) {}
