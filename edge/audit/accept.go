package audit

import (
	"slices"
	"time"

	"github.com/sundog-edge/sundog/internal/nearest"
)

// accept takes out what is accepted, and tells of entries that accept nothing. What the same line
// makes fail at several entrypoints is one failure.
func accept(a *auditor, accepted []Accepted, now time.Time) (failures, let []Failure) {
	failures, let = []Failure{}, []Failure{}
	used := make([]bool, len(accepted))
	for _, f := range a.found {
		if f.Rule == ForgedCredential {
			failures = join(failures, f.Failure)
			continue
		}
		passes, late := -1, ""
		for i, x := range accepted {
			if x.Host != f.host && x.Host != f.host+f.path {
				continue
			}
			used[i] = true
			switch last, err := time.ParseInLocation(time.DateOnly, x.Until, now.Location()); {
			case x.Reason == "":
			case x.Until == "":
				passes = i
			case err == nil && now.Before(last.AddDate(0, 0, 1)):
				passes = i
			case err == nil:
				late = x.Until
			}
		}
		switch {
		case passes >= 0:
			f.Reason, f.Until = accepted[passes].Reason, accepted[passes].Until
			let = join(let, f.Failure)
		default:
			if f.Until = late; late != "" {
				f.Text += "; it was accepted until " + late
			}
			failures = join(failures, f.Failure)
		}
	}
	for i, x := range accepted {
		if f, ok := a.unfit(x, used[i]); ok {
			failures = append(failures, f)
		}
	}
	return failures, let
}

// unfit tells what is wrong with an entry of audit.accept itself.
func (a *auditor) unfit(x Accepted, used bool) (f Failure, wrong bool) {
	f = Failure{Rule: AcceptIncomplete, URLs: []string{}, Where: x.Where}
	_, err := time.Parse(time.DateOnly, x.Until)
	switch {
	case x.Reason == "":
		f.Text, f.Mend = "audit.accept of \""+x.Host+"\" says no reason, so it accepts nothing", "say why, as reason:"
	case x.Until != "" && err != nil:
		f.Text, f.Mend = "audit.accept of \""+x.Host+"\" has the date \""+x.Until+"\", so it accepts nothing", "write the last day as 2027-01-31"
	case !used:
		f.Rule, f.Text, f.Mend = AcceptUnused, "audit.accept of \""+x.Host+"\" accepts nothing: nothing fails there", "take it out"
		if near := nearest.Word(x.Host, a.hosts()); near != "" && near != x.Host {
			f.Mend += "; or did you mean \"" + near + "\"?"
		}
	default:
		return Failure{}, false
	}
	return f, true
}

func (a *auditor) hosts() (list []string) {
	for i := range a.points {
		if h := a.points[i].Host; !slices.Contains(list, h) {
			list = append(list, h)
		}
	}
	return list
}

// join adds a failure, to one that differs only in its URL if there is one.
func join(list []Failure, f Failure) []Failure {
	for i := range list {
		l := &list[i]
		if l.Rule == f.Rule && l.Where == f.Where && l.Text == f.Text && l.Mend == f.Mend && l.Reason == f.Reason && l.Until == f.Until && f.Where != "" {
			l.URLs = append(l.URLs, f.URLs...)
			return list
		}
	}
	return append(list, f)
}
