package workerd

import (
	"strings"

	"github.com/sundog-edge/sundog/internal/lazyregexp"
)

// StartError says why a process did not start.
type StartError struct {
	Faults []Fault // by service, in the order of the text; empty: none could be told
	Stderr string  // as the runtime wrote it
}

func (e *StartError) Error() string {
	if text := strings.TrimSpace(e.Stderr); text != "" {
		return "workerd did not start: " + text
	}
	return "workerd did not start, and did not say why"
}

// Fault is what is wrong with one service.
type Fault struct {
	Service string
	Text    string // the runtime's words, without the prefix; may have several lines
	// Binding, Target and Entrypoint are set when a binding points at what does not exist.
	Binding, Target, Entrypoint string
	// Newest is set when the compatibility date is too late: the newest that the binary knows, if it says so.
	Newest string
	Date   bool // the compatibility date is at fault
}

var (
	ofService  = lazyregexp.New(`^service ([^\s:]+(?::[^\s:]+)*): (.*)$`)
	ofBinding  = lazyregexp.New(`^(?:service \S+: )?(Worker "([^"]+)"'s binding "([^"]+)" refers to .*)$`)
	ofTarget   = lazyregexp.New(`service "([^"]+)"`)
	entrypoint = lazyregexp.New(`named entrypoint "([^"]+)"`)
	newest     = lazyregexp.New(`newest date supported by this (?:server )?binary is "?(\d{4}-\d{2}-\d{2})`)
)

// blame reads what the runtime wrote before it gave up.
func blame(stderr string) (faults []Fault) {
	at := map[string]int{}
	current := -1
	for line := range strings.Lines(stderr) {
		line = strings.TrimRight(line, "\r\n")
		if m := ofBinding.FindStringSubmatch(line); m != nil {
			f := Fault{Service: m[2], Binding: m[3], Text: m[1]}
			if t := ofTarget.FindStringSubmatch(m[1]); t != nil {
				f.Target = t[1]
			}
			if e := entrypoint.FindStringSubmatch(m[1]); e != nil {
				f.Entrypoint = e[1]
			}
			faults = append(faults, f)
			current = -1
			continue
		}
		m := ofService.FindStringSubmatch(line)
		if m == nil {
			if current >= 0 && strings.HasPrefix(line, " ") {
				faults[current].Text += "\n" + line
			} else {
				current = -1
			}
			continue
		}
		i, ok := at[m[1]]
		if !ok {
			i = len(faults)
			at[m[1]] = i
			faults = append(faults, Fault{Service: m[1], Text: m[2]})
		} else {
			faults[i].Text += "\n" + m[2]
		}
		current = i
	}
	for i := range faults {
		f := &faults[i]
		if m := newest.FindStringSubmatch(f.Text); m != nil {
			f.Newest, f.Date = m[1], true
		}
		if strings.Contains(f.Text, "compatibility date in the future") {
			f.Date = true
		}
	}
	return faults
}
