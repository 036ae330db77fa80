package api

// rollbackPages makes production serve an older deployment of its branch.
func (c *call) rollbackPages() (any, error) {
	p, i, err := c.pagesDeployment()
	if err != nil {
		return nil, err
	}
	d := p.Deployments[i]
	if d.Branch != productionBranch(p) {
		return nil, badRequest(8000000, "The deployment %q is a preview of the branch %q: only one of production (%q) can be rolled back to.", d.ID, d.Branch, productionBranch(p))
	}
	if live := p.Live(); live != nil && live.ID == d.ID {
		return nil, badRequest(8000000, "The deployment %q is the one that is live in production already.", d.ID)
	}
	p.RolledTo = d.ID
	if err := c.deploy(p.Name, put(p)); err != nil {
		return nil, err
	}
	return c.pagesDeploymentObject(p, d), nil
}

// retryPages deploys the same files and code once more.
func (c *call) retryPages() (any, error) {
	p, i, err := c.pagesDeployment()
	if err != nil {
		return nil, err
	}
	id, err := c.newUUID()
	if err != nil {
		return nil, err
	}
	d := p.Deployments[i]
	v := *d.Version
	v.ID, v.Created, v.Source = id, c.Now().UTC(), c.source()
	d.ID, d.Created, d.Version = id, v.Created, &v
	return c.addPagesDeployment(p, d)
}

// purgeBuildCache has nothing to purge: nothing is built from a repository here.
func (c *call) purgeBuildCache() (any, error) {
	if c.project() == nil {
		return nil, noProject(c.arg("project"))
	}
	return nil, nil
}
