package wrangler

// loadPages reads a Pages project: production is the top level, or what env.production says, and
// preview the top level, or what env.preview says.
func (l *loader) loadPages(environments map[string]value) {
	l.cfg.Env = ""
	if main := l.top.key("main"); main.given() {
		main.fail("both main and pages_build_output_dir", "one of them", "main is of a Worker, pages_build_output_dir of a Pages project")
	}
	for _, name := range sortedNames(environments) {
		if name != "production" && name != "preview" {
			environments[name].fail("the environment "+quote(name), "production or preview, in a Pages project", didYouMean(name, []string{"production", "preview"}))
		}
	}
	if name := l.top.key("name"); !name.given() {
		l.top.fail("no name", "name", "a Pages project is known by it")
	} else {
		l.cfg.At = l.src.mark(name.n.at)
	}
	l.name = l.top.key("name").text()
	l.cfg.Name = l.name
	l.env = environments["production"]
	l.cfg.Version = l.one()
	l.cfg.Bundling = l.bundling()
	preview, says := environments["preview"]
	if !says && l.env.n == nil {
		return
	}
	l.env = preview
	v := l.one()
	l.cfg.Preview = &v
}
