package api

import (
	"net/http"
	"slices"

	"github.com/sundog-edge/sundog/edge/world"
)

func (c *call) deployments() (any, error) {
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	return object{"deployments": append([]world.Deployment{}, w.Deployments...)}, nil
}

// postDeployment makes versions that were uploaded take the requests: a deploy, and a rollback.
func (c *call) postDeployment() (any, error) {
	var in struct {
		Strategy    string            `json:"strategy"`
		Versions    []world.Share     `json:"versions"`
		Annotations map[string]string `json:"annotations"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	if in.Strategy != "percentage" {
		return nil, badRequest(10021, `strategy is %q, and should be "percentage"`, in.Strategy)
	}
	if n := len(in.Versions); n < 1 || n > 2 {
		return nil, badRequest(10021, "a deployment has one or two versions, and not %d", n)
	}
	sum := 0.0
	for i, share := range in.Versions {
		if c.version(w.Name, share.VersionID) == nil {
			return nil, noVersion(share.VersionID)
		}
		if share.Percentage < 0 || i > 0 && share.VersionID == in.Versions[0].VersionID {
			return nil, badRequest(10021, "versions[%d]: each version is named once, with a percentage from 0 to 100", i)
		}
		sum += share.Percentage
	}
	if sum < 99.99 || sum > 100.01 {
		return nil, badRequest(10021, "the percentages of the versions sum to %g, and should to 100", sum)
	}
	d, err := c.enforce(w, in.Versions, in.Annotations, "deployment")
	if err != nil {
		return nil, err
	}
	if err := c.deploy(w.Name, append(c.forget(w, 0), put(w))...); err != nil {
		return nil, err
	}
	return d, nil
}

// deployment is the Worker that the path names, and which of its deployments.
func (c *call) deployment() (*world.Worker, int, error) {
	w := c.worker()
	if w == nil {
		return nil, 0, noScript()
	}
	i := slices.IndexFunc(w.Deployments, func(d world.Deployment) bool { return d.ID == c.arg("deployment") })
	if i < 0 {
		return nil, 0, fail(http.StatusNotFound, 10092, "workers.api.error.deployment_not_found: this Worker has no deployment %q", c.arg("deployment"))
	}
	return w, i, nil
}

func (c *call) oneDeployment() (any, error) {
	w, i, err := c.deployment()
	if err != nil {
		return nil, err
	}
	return w.Deployments[i], nil
}

// deleteDeployment forgets one that is over.
func (c *call) deleteDeployment() (any, error) {
	w, i, err := c.deployment()
	if err != nil {
		return nil, err
	}
	if i == 0 {
		return nil, badRequest(10021, "The deployment %q is in force, and cannot be deleted.", w.Deployments[i].ID)
	}
	w.Deployments = slices.Delete(slices.Clone(w.Deployments), i, i+1)
	return nil, c.edit(put(w))
}
