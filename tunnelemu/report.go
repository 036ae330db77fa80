package tunnelemu

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Report is what a command prints and how it exits. Lines of standard output are the real command's, byte for byte,
// but for the list of unknown keys; standard error is in our own words, with every error at once.
type Report struct {
	Stdout, Stderr string
	Code           int
}

// ValidateReport is `tunnel --config PATH ingress validate`: exit 0 and OK, or a list of unknown keys; exit 1 for
// anything the connector would refuse.
func ValidateReport(path string, data []byte) Report {
	cfg, d, err := readFile(path, data)
	if err != nil {
		return Report{}.failed(err)
	}
	r := Report{Stdout: "Validating rules from " + path + "\n"}
	_, errs := cfg.compile()
	if u, _ := cfg.Settings["url"].(string); u != "" && len(cfg.Ingress) > 0 {
		errs = append(errs, cfg.errorAt("url", &Error{Class: ClassConflict, Found: "url beside ingress", Allowed: "one of them", Hint: "remove url: the last ingress rule is the catch-all"}))
	}
	if err := cfg.needRules(errs); err != nil {
		return r.failed(err)
	}
	if len(d.findings) == 0 {
		r.Stdout += "OK\n"
		return r
	}
	var unknown strings.Builder
	for _, f := range d.findings {
		if f.Unknown {
			unknown.WriteString("  " + f.String() + "\n")
		}
	}
	if unknown.Len() == 0 {
		r.Stdout += "OK\n"
		return r
	}
	r.Stdout += "Warning: keys that nothing reads:\n" + unknown.String()
	return r
}

// ValidateJSONReport is `tunnel ingress validate --json DOC`: the same for the API's object, whose unknown keys are
// ignored, and with them warp-routing.
func ValidateJSONReport(doc []byte) Report {
	r := Report{Stdout: "Validating rules from cmdline flag --json\n"}
	root, err := parseJSON("--json", doc)
	if err != nil {
		return r.failed(err)
	}
	kept := root.Content[:0:0]
	for i := 0; i+1 < len(root.Content) && root.Kind == yaml.MappingNode; i += 2 {
		if !strings.EqualFold(root.Content[i].Value, "warp-routing") {
			kept = append(kept, root.Content[i], root.Content[i+1])
		}
	}
	if root.Kind == yaml.MappingNode {
		root.Content = kept
	}
	cfg, d := decode("--json", root, true)
	if len(d.errs) > 0 {
		return r.failed(d.errs)
	}
	_, errs := cfg.compile()
	if err := cfg.needRules(errs); err != nil {
		return r.failed(err)
	}
	r.Stdout += "OK\n"
	return r
}

// RuleReport is `tunnel --config PATH ingress rule URL`: the number (from 0), hostname, path and service of the rule
// that takes a URL. Like the real command it leaves out the connector's own rule for its management host, and minds no
// url beside ingress.
func RuleReport(path string, data []byte, rawURL string) Report {
	cfg, _, err := readFile(path, data)
	var empty *Error
	if err != nil && !(errors.As(err, &empty) && empty.Class == ClassNoConfig) {
		return Report{}.failed(err)
	}
	u, bad := ruleURL(rawURL)
	if bad != nil {
		return Report{}.failed(bad)
	}
	if err != nil {
		return Report{Stdout: "Using rules from \n"}.failed(err)
	}
	r := Report{Stdout: "Using rules from " + path + "\n"}
	rules, errs := cfg.compile()
	if err := cfg.needRules(errs); err != nil {
		return r.failed(err)
	}
	// The command asks for the URL's host without brackets, so a rule for "[::1]" takes requests but no URL here.
	i := newIndex(rules).find(dropPort(u.Hostname()), u.Path)
	k := &rules[i]
	r.Stdout += fmt.Sprintf("Matched rule #%d\n", i)
	if k.rule.Hostname != "" {
		r.Stdout += "\thostname: " + k.rule.Hostname + "\n"
	}
	if k.path != nil {
		r.Stdout += "\tpath: " + k.rule.Path + "\n"
	}
	r.Stdout += "\tservice: " + k.service.text + "\n"
	return r
}

func ruleURL(text string) (*url.URL, *Error) {
	const allowed = `a URL with scheme and host, such as "https://app.example.com/path"`
	u, err := url.Parse(text)
	switch {
	case text == "":
		return nil, &Error{Class: ClassURL, Found: "no URL", Allowed: allowed}
	case err != nil:
		return nil, &Error{Class: ClassURL, Found: quoted(text) + " is no URL", Allowed: allowed}
	case u.Host == "" && u.Scheme == "":
		return nil, &Error{Class: ClassURL, Found: quoted(text) + " has no host", Allowed: allowed, Hint: "did you mean https://" + strings.TrimLeft(text, "/") + "?"}
	}
	return u, nil
}

// readFile parses a file for the commands, which insist on one that is not empty. The rules are not judged yet.
func readFile(path string, data []byte) (*Config, *decoder, error) {
	root, err := parseYAML(path, data)
	if err != nil {
		return nil, nil, err
	}
	if root.Kind == 0 {
		return nil, nil, &Error{File: path, Class: ClassNoConfig, Found: "the file is empty", Allowed: "a configuration with ingress rules"}
	}
	cfg, d := decode(path, root, false)
	if len(d.errs) > 0 {
		// All at once: what the rules have against them belongs to the same list.
		errs := d.errs
		if cfg != nil {
			_, more := cfg.compile()
			errs = append(errs, without(more, errs)...)
		}
		sortErrors(errs)
		return nil, d, errs
	}
	return cfg, d, nil
}

// needRules joins the rules' errors, or says that there are no rules.
func (c *Config) needRules(errs Errors) error {
	if len(c.Ingress) > 0 {
		sortErrors(errs)
		return errs.err()
	}
	return c.errorAt("ingress", &Error{Class: ClassNoRules, Found: "there are no ingress rules", Allowed: "at least one rule", Hint: "add ingress: with - service: http_status:404"})
}

func (r Report) failed(err error) Report {
	r.Stderr += "Validation failed:\n  " + strings.ReplaceAll(err.Error(), "\n", "\n  ") + "\n"
	r.Code = 1
	return r
}
