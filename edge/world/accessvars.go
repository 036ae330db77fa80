package world

import (
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/internal/lazyregexp"
)

// accessDomain is below what the Access hosts of all teams are.
const accessDomain = ".cloudflareaccess.com"

var hex64 = lazyregexp.New(`^[0-9a-f]{64}$`)

// isAUD tells a variable with audience tags by its name, which some write in other ways than the guides.
func isAUD(name string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(strings.ToUpper(name), func(r rune) bool { return r == '_' || r == '-' }), func(word string) bool {
		return word == "AUD" || word == "AUDTAG" || word == "AUDIENCE" && strings.Contains(strings.ToUpper(name), "ACCESS")
	})
}

// isTeam tells a variable with the team's domain by its name, or by its value.
func isTeam(b version.Binding) bool {
	return strings.HasSuffix(b.Name, "TEAM_DOMAIN") || teamOf(b.Text) != ""
}

// teamOf is the team of a team's host or URL; empty: the text is neither.
func teamOf(s string) string {
	s = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(s), "https://"), "http://"), "/")
	team, ok := strings.CutSuffix(s, accessDomain)
	if !ok || !label.MatchString(team) {
		return ""
	}
	return team
}

// teamOfVars is the team that the Workers take tokens of, when all of them agree.
func (d *draft) teamOfVars() string {
	team := ""
	for _, doc := range d.code {
		_, lists := bindingsOf(doc.Value)
		for _, list := range lists {
			for _, b := range list {
				of := teamOf(b.Text)
				if of == "" || of == team || b.Type != "plain_text" && b.Type != "secret_text" {
					continue
				}
				if team != "" {
					return ""
				}
				team = of
			}
		}
	}
	return team
}

// reviewAccessVar looks at what a Worker checks tokens with: the team's domain, and audience tags.
func (d *draft) reviewAccessVar(doc *Document, b version.Binding, find func(text, mend string)) {
	says := b.Name
	if b.Type == "plain_text" {
		says += " says " + quote(b.Text) + ", and"
	} else {
		says += " is not right:"
	}
	team := d.settings.Value.(*Settings).Team
	switch {
	case isTeam(b):
		right := "https://" + team + accessDomain
		switch {
		case b.Text == right, b.Text == team+accessDomain, b.Text == team:
		case teamOf(b.Text) == team && strings.HasPrefix(strings.ToLower(b.Text), "http"):
			find(says+" the issuer of tokens is "+quote(right)+", letter for letter", "write "+right)
		default:
			if !strings.Contains(b.Text, "://") && teamOf(b.Text) != "" {
				right = team + accessDomain
			}
			find(says+" the team of this world is "+quote(team)+d.teamPlace()+", so no token passes", "write "+right)
		}
	case isAUD(b.Name):
		d.reviewAUD(doc, b, says, find)
	}
}

func (d *draft) reviewAUD(doc *Document, b version.Binding, says string, find func(text, mend string)) {
	var auds, titles []string
	guards := ""
	hosts := d.hostsOf(doc)
	for _, a := range d.apps {
		app := a.Value.(*accessemu.Application)
		auds = append(auds, app.AUD)
		titles = append(titles, app.AUD+" of "+a.Title())
		for _, p := range placesOf(a) {
			if slices.Contains(hosts, p.host) && guards == "" {
				guards = titles[len(titles)-1]
			}
		}
	}
	for _, one := range strings.FieldsFunc(b.Text, func(r rune) bool { return r == ',' || r == ' ' }) {
		if slices.Contains(auds, one) {
			return
		}
	}
	text := says + " no application of this world has that audience tag, so no token passes"
	switch {
	case len(d.apps) == 0 && hex64.MatchString(b.Text) && len(hosts) > 0:
		find(text, "sundog protect "+hosts[0]+" --allow EMAIL makes one that has it")
	case len(d.apps) == 0 && len(hosts) > 0:
		find(text, "sundog protect "+hosts[0]+" --allow EMAIL makes one")
	case guards != "":
		find(text, "write "+guards)
	case len(titles) == 1:
		find(text, "write "+titles[0])
	case len(titles) > 1 && len(titles) <= 4:
		find(text, "write "+strings.Join(titles, ", or "))
	default:
		find(text, "sundog up lists the audience tag of each application")
	}
}

// hostsOf are the hosts that a Worker or a Pages project is served at.
func (d *draft) hostsOf(doc *Document) []string {
	var hosts []string
	switch v := doc.Value.(type) {
	case *Worker:
		if v.WorkersDev {
			hosts = append(hosts, v.Name+"."+d.settings.Value.(*Settings).WorkersSubdomain+".workers.dev")
		}
		for _, other := range d.code {
			switch o := other.Value.(type) {
			case *WorkerDomain:
				if o.Service == v.Name && !o.Pages {
					hosts = append(hosts, o.Hostname)
				}
			case *WorkerRoute:
				if _, host, _ := split(o.Pattern); o.Script == v.Name && !strings.HasPrefix(host, "*") {
					hosts = append(hosts, host)
				}
			}
		}
	case *PagesProject:
		hosts = append(hosts, v.Name+".pages.dev")
		for _, other := range d.code {
			if o, ok := other.Value.(*WorkerDomain); ok && o.Pages && o.Service == v.Name {
				hosts = append(hosts, o.Hostname)
			}
		}
	}
	return hosts
}

// hostsOf are the hosts that a Worker is served at.
func (w *World) hostsOf(v *Worker) []string {
	hosts := []string{v.Name + "." + w.Settings().WorkersSubdomain + ".workers.dev"}
	for doc := range w.All(KindWorkerDomain) {
		if o := doc.Value.(*WorkerDomain); o.Service == v.Name && !o.Pages {
			hosts = append(hosts, o.Hostname)
		}
	}
	for doc := range w.All(KindWorkerRoute) {
		if o := doc.Value.(*WorkerRoute); o.Script == v.Name {
			_, host, _ := split(o.Pattern)
			hosts = append(hosts, host)
		}
	}
	return hosts
}

func placesOf(doc *Document) []place { return places(doc.Value.(*accessemu.Application)) }
