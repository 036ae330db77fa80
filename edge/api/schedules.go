package api

import (
	"github.com/sundog-edge/sundog/edge/world"
)

func (c *call) schedulesObject(w *world.Worker) object {
	crons := w.Crons
	if crons == nil {
		crons = c.current(w).Crons
	}
	items := []object{}
	for _, cron := range crons {
		items = append(items, object{"cron": cron, "created_on": stamp(w.Modified), "modified_on": stamp(w.Modified)})
	}
	return object{"schedules": items}
}

func (c *call) schedules() (any, error) {
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	return c.schedulesObject(w), nil
}

// putSchedules replaces the cron triggers of a Worker.
func (c *call) putSchedules() (any, error) {
	var in []struct {
		Cron string `json:"cron"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	w.Crons = []string{}
	for _, one := range in {
		if err := checkCron(one.Cron); err != nil {
			return nil, err
		}
		w.Crons = append(w.Crons, one.Cron)
	}
	w.Modified = c.Now().UTC()
	if err := c.deploy(w.Name, put(w)); err != nil {
		return nil, err
	}
	return c.schedulesObject(w), nil
}
