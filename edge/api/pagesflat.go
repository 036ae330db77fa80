package api

import "encoding/json"

func (c *call) flatEnvironment() (any, error) {
	p := c.project()
	if p == nil {
		return nil, noProject(c.arg("project"))
	}
	cfg := environment(p, c.arg("environment"))
	if cfg == nil {
		return nil, c.lost(c.r)
	}
	return envVars(*cfg), nil
}

// patchFlatEnvironment takes variables alone: texts, {type, value}, null, or those under env_vars or vars.
func (c *call) patchFlatEnvironment() (any, error) {
	c.Log.Warn("the real API has no such route: PATCH the project, with deployment_configs", "path", c.r.URL.Path,
		"body", `{"deployment_configs":{"`+c.arg("environment")+`":{"env_vars":{"NAME":{"type":"plain_text","value":"..."}}}}}`)
	var in map[string]json.RawMessage
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	for _, field := range []string{"env_vars", "vars"} {
		var nested map[string]json.RawMessage
		if len(in) == 1 && json.Unmarshal(in[field], &nested) == nil && nested != nil {
			in = nested
			break
		}
	}
	p := c.project()
	if p == nil {
		return nil, noProject(c.arg("project"))
	}
	cfg := environment(p, c.arg("environment"))
	if cfg == nil {
		return nil, c.lost(c.r)
	}
	vars := map[string]*envVar{}
	for name, text := range in {
		var plain string
		switch {
		case string(text) == "null":
			vars[name] = nil
		case json.Unmarshal(text, &plain) == nil:
			vars[name] = &envVar{Value: plain}
		default:
			if err := json.Unmarshal(text, new(envVar)); err != nil {
				return nil, badRequest(8000000, "%s is neither a text nor {type, value} nor null", name)
			}
			vars[name] = new(envVar)
			json.Unmarshal(text, vars[name])
		}
	}
	if err := mergeVars(cfg, c.arg("environment"), vars); err != nil {
		return nil, err
	}
	if err := c.deploy(p.Name, put(p)); err != nil {
		return nil, err
	}
	return c.projectObject(p), nil
}
