package api

import (
	"cmp"
	"net/http"

	"github.com/sundog-edge/sundog/edge/world"
)

// putContent deploys other code with the bindings and settings that are in force.
func (c *call) putContent() (any, error) {
	up, err := c.uploaded()
	if err != nil {
		return nil, err
	}
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	up.meta.MainModule = cmp.Or(c.r.Header.Get("CF-Worker-Main-Module-Part"), up.meta.MainModule)
	up.meta.BodyPart = cmp.Or(c.r.Header.Get("CF-Worker-Body-Part"), up.meta.BodyPart)
	mods, sourceMap, errs := up.modules()
	if len(errs) > 0 {
		return nil, &failure{status: http.StatusBadRequest, errs: errs}
	}
	base := c.current(w)
	v, err := c.successor(w, base, up.meta.Annotations)
	if err != nil {
		return nil, err
	}
	v.Modules, v.SourceMap, v.Exports = mods, sourceMap, nil
	leaveFolder(w, base)
	if _, err := c.enforce(w, []world.Share{{VersionID: v.ID, Percentage: 100}}, v.Annotations, "upload"); err != nil {
		return nil, err
	}
	if _, err := c.deployed(w, v); err != nil {
		return nil, err
	}
	return c.scriptObject(w), nil
}
