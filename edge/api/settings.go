package api

import (
	"encoding/json"
	"mime"
	"net/http"

	"github.com/sundog-edge/sundog/edge/world"
)

func (c *call) settingsObject(w *world.Worker) object {
	v := c.current(w)
	o := object{
		"bindings": shown(v.Bindings), "compatibility_date": v.CompatibilityDate, "compatibility_flags": append([]string{}, v.CompatibilityFlags...),
		"usage_model": "standard", "tags": append([]string{}, w.Tags...), "logpush": false, "tail_consumers": []any{},
		"placement": object{}, // the Terraform provider ends in a panic without it
	}
	if w.MigrationTag != "" {
		o["migration_tag"] = w.MigrationTag
	}
	return withKept(o, w.Kept, "limits", "observability", "cache_options")
}

func (c *call) scriptSettings() (any, error) {
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	return c.settingsObject(w), nil
}

// patchSettings makes and deploys a version with other bindings or another compatibility, and the same code.
func (c *call) patchSettings() (any, error) {
	in, err := c.sentSettings()
	if err != nil {
		return nil, err
	}
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	v, err := c.revised(w, nil, nil, in.Annotations)
	if err != nil {
		return nil, err
	}
	if in.Bindings != nil {
		var errs []apiError
		v.Bindings, errs = c.bindings(w, c.latest(w), in.Bindings, in.KeepBindings)
		if errs = append(errs, c.checkTargets(w, v.Bindings, v.Classes)...); len(errs) > 0 {
			return nil, &failure{status: http.StatusBadRequest, errs: errs}
		}
	}
	if in.CompatibilityDate != "" {
		v.CompatibilityDate = in.CompatibilityDate
	}
	if in.CompatibilityFlags != nil {
		v.CompatibilityFlags = in.CompatibilityFlags
	}
	if in.Tags != nil {
		w.Tags = in.Tags
	}
	w.Kept = keep(w.Kept, in.sent, fleetSettings)
	if _, err := c.enforce(w, []world.Share{{VersionID: v.ID, Percentage: 100}}, nil, "settings"); err != nil {
		return nil, err
	}
	if _, err := c.deployed(w, v); err != nil {
		return nil, err
	}
	return c.settingsObject(w), nil
}

// sentSettings are JSON, alone or in a form's field settings.
func (c *call) sentSettings() (in metadata, err error) {
	text := json.RawMessage(c.body)
	if kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		parts, err := readParts(c.r.Header.Get("Content-Type"), c.body)
		if err != nil {
			return in, err
		}
		var inLeaves bool
		if text, inLeaves, _, err = formField(parts, "settings"); err != nil {
			return in, err
		}
		if text == nil {
			return in, badRequest(10021, `the form has no part "settings"`)
		}
		if inLeaves {
			c.toldInLeaves("settings")
		}
	}
	if err := json.Unmarshal(text, &in); err != nil {
		return in, notJSON(err)
	}
	return in, nil
}

// ownSettings are those of no version.
func (c *call) ownSettings() (any, error) {
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	return ownSettingsObject(w), nil
}

func ownSettingsObject(w *world.Worker) object {
	return withKept(object{"logpush": false, "tags": append([]string{}, w.Tags...), "tail_consumers": []any{}, "observability": object{"enabled": false}}, w.Kept)
}

// patchOwnSettings changes what no version has; logs and traces go nowhere here.
func (c *call) patchOwnSettings() (any, error) {
	var sent map[string]json.RawMessage
	if err := c.decode(&sent); err != nil {
		return nil, err
	}
	w := c.worker()
	if w == nil {
		return nil, noScript()
	}
	if text, ok := sent["tags"]; ok && string(text) != "null" {
		w.Tags = nil
		if err := json.Unmarshal(text, &w.Tags); err != nil {
			return nil, notJSON(err)
		}
	}
	w.Kept = keep(w.Kept, sent, []string{"logpush", "observability", "tail_consumers"})
	if err := c.edit(put(w)); err != nil {
		return nil, err
	}
	return ownSettingsObject(w), nil
}
