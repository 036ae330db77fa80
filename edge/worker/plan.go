package worker

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/workerd"
)

// oldestDate is the compatibility date of an upload that has none.
const oldestDate = "2021-11-02"

// unit is one version of one Worker, which is one service of the runtime. A start that is refused changes it:
// a binding becomes a thrower, the date is clamped, the version is dropped or gives way to the last good one.
type unit struct {
	worker  *Worker
	version *version.Version // nil: it is not code for the runtime, or could not be built
	service string           // "api", of a preview "api@0a1b2c3d-…"
	preview bool
	date    string // compatibility date
	kept    bool   // version is an older one than was given
	err     error  // what is wrong with the given one

	inputs   []string
	warnings []string
	cached   bool              // as Built has it
	learned  map[string]string // binding → text: what a refused start said of it
	throwers []Thrower         // of the last compilation
}

// runs says that the unit is a service of the runtime's.
func (u *unit) runs() bool { return u.version != nil || u.worker.Go != nil && u.worker.URL == "" }

// plan is a set with its versions at hand.
type plan struct {
	units []*unit
	live  map[string]*unit // what production serves, by name of the Worker; units that do not run among them
	date  string           // compatibility date of the engine's own scripts; empty: ownDate
}

func (p *plan) own() string {
	if p.date == "" {
		return ownDate
	}
	return p.date
}

// fits refuses a name that could be taken for another service.
func fits(name string) error {
	if name == "" {
		return fmt.Errorf("a Worker has no name")
	}
	if i := strings.IndexFunc(name, func(r rune) bool { return strings.ContainsRune("@:\"/\\", r) || r <= ' ' || r == 0x7f }); i >= 0 {
		return fmt.Errorf("the name %q of a Worker has %q in it", name, name[i])
	}
	return nil
}

// add appends the unit of what production serves, and those of the other versions.
func (p *plan) add(w *Worker, v *version.Version, err error) *unit {
	u := &unit{worker: w, service: w.Name, err: err}
	if err == nil {
		err = fits(w.Name)
	}
	if err == nil && p.live[w.Name] != nil {
		err = fmt.Errorf("the name %s is taken: an earlier Worker of the set has it", w.Name)
	}
	p.units = append(p.units, u)
	if u.err = err; err == nil || p.live[w.Name] == nil {
		p.live[w.Name] = u
	}
	if err == nil {
		u.use(v)
	}
	if p.live[w.Name] != u || fits(w.Name) != nil {
		return u
	}
	for _, other := range newest(w.Others, v) {
		o := &unit{worker: w, service: w.Name + "@" + other.ID, preview: true}
		o.use(other)
		p.units = append(p.units, o)
	}
	return u
}

// maxOthers is how many versions of a Worker are served as previews; each costs milliseconds at every start.
const maxOthers = 10

// newest are the versions that are served as previews, newest first: production's is not among them.
func newest(others []*version.Version, main *version.Version) []*version.Version {
	list := slices.Clone(others)
	slices.SortStableFunc(list, func(a, b *version.Version) int { return b.Number - a.Number })
	seen := map[string]bool{}
	if main != nil {
		seen[main.ID] = true
	}
	list = slices.DeleteFunc(list, func(v *version.Version) bool {
		defer func() { seen[v.ID] = true }()
		return seen[v.ID]
	})
	return list[:min(len(list), maxOthers)]
}

func (u *unit) use(v *version.Version) {
	u.version, u.learned, u.date = v, nil, ""
	if v == nil {
		return
	}
	if u.date = v.CompatibilityDate; u.date == "" {
		u.date = oldestDate
	}
	if err := sound(v); err != nil {
		u.version, u.err = nil, err
	}
}

// sound refuses what the runtime has no word for.
func sound(v *version.Version) error {
	for _, m := range v.Modules {
		switch {
		case m.Kind == version.Python:
			return fmt.Errorf("module %s is Python, which does not run here", m.Name)
		case !workerd.Runs(m.Kind):
			return fmt.Errorf("module %s is of the kind %q, which does not run here", m.Name, m.Kind)
		}
	}
	if v.Assets != nil {
		for _, f := range v.Assets.Files {
			if !filepath.IsLocal(filepath.FromSlash(strings.TrimPrefix(f.Path, "/"))) {
				return fmt.Errorf("the asset %q lies outside of its folder", f.Path)
			}
		}
	} else if len(v.Modules) == 0 {
		return errors.New("the version has neither modules nor assets")
	}
	return nil
}

// bindings are the version's own with the secrets over them.
func (u *unit) bindings() []version.Binding {
	list := u.version.Bindings
	if len(u.worker.Secrets) == 0 {
		return list
	}
	put := map[string]bool{}
	for _, s := range u.worker.Secrets {
		put[s.Name] = true
	}
	list = slices.DeleteFunc(slices.Clone(list), func(b version.Binding) bool { return put[b.Name] })
	return append(list, u.worker.Secrets...)
}

// crons are the Worker's, or those of its version.
func (u *unit) crons() []string {
	if u.worker.Crons != nil {
		return u.worker.Crons
	}
	return u.version.Crons
}

// consumers are the Worker's, and those of its version.
func (u *unit) consumers() []version.Consumer {
	list := slices.Clone(u.worker.Consumers)
	for _, own := range u.version.Consumers {
		if !slices.ContainsFunc(u.worker.Consumers, func(o version.Consumer) bool { return o.Queue == own.Queue }) {
			list = append(list, own)
		}
	}
	return list
}

// owner is the unit that the fault of a service is a fault of; nil: of none.
func (p *plan) owner(service string) *unit {
	service = strings.TrimSuffix(service, assetsSuffix)
	for _, u := range p.units {
		if u.runs() && u.service == service {
			return u
		}
	}
	return nil
}

// learn changes the units that a refused start blames, so that the next start can do without what is broken.
// It says whether it changed anything. today clamps a date that the binary only says is too late.
func (p *plan) learn(faults []workerd.Fault, today string, good map[string]*version.Version, clamped func(u *unit, to string)) (changed bool) {
	blamed := map[*unit][]string{}
	for _, f := range faults {
		u := p.owner(f.Service)
		if f.Service == engineService && f.Entrypoint != "" { // a way in that the engine made
			u, f.Binding = p.owner(f.Target), "entrypoint "+f.Entrypoint
		}
		switch {
		case u == nil && f.Date && f.Newest != "" && f.Newest < p.own():
			p.date, changed = f.Newest, true
		case u == nil:
		case f.Binding != "":
			if _, known := u.learned[f.Binding]; known {
				continue
			}
			if u.learned == nil {
				u.learned = map[string]string{}
			}
			u.learned[f.Binding] = f.Text
			if f.Entrypoint != "" {
				u.learned[f.Binding] = f.Target + " has no entrypoint " + f.Entrypoint
			}
			changed = true
		case f.Date:
			to := today
			if f.Newest != "" && f.Newest < to {
				to = f.Newest
			}
			if to < u.date {
				clamped(u, to)
				u.date = to
				changed = true
			} else {
				blamed[u] = append(blamed[u], f.Text)
			}
		default:
			blamed[u] = append(blamed[u], f.Text)
		}
	}
	units := slices.SortedFunc(maps.Keys(blamed), func(a, b *unit) int { return strings.Compare(a.service, b.service) })
	for _, u := range units {
		if u.refused(strings.Join(blamed[u], "\n"), good[u.worker.Name]) {
			changed = true
		}
	}
	return changed
}

// refused takes the version back; the last good one serves in its place if there is one that was not refused.
// It says whether there was a version.
func (u *unit) refused(text string, last *version.Version) bool {
	bad := u.version
	if bad == nil {
		return false
	}
	err := &StartError{Worker: u.worker.Name, Text: mapped(bad, text)}
	again := u.kept
	u.version = nil
	if !again {
		u.err = err
	}
	u.kept = false
	if !u.preview && !again && last != nil && last != bad {
		u.use(last)
		u.kept = u.version != nil
	}
	return true
}
