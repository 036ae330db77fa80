package tunnelemu

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sundog-edge/sundog/internal/lazyregexp"
	"github.com/sundog-edge/sundog/internal/nearest"
)

// ParseConfig parses a connector's config.yml; file is used in messages only. Findings are legal but probably wrong and
// come with a nil error too. The error is Errors, all of them at once; the Config is then nil.
//
// Keys are exact and case-sensitive, durations are Go strings, and booleans may be the words of YAML 1.1, even quoted.
// An empty document is a Config without rules, for which New answers every request with 503.
func ParseConfig(file string, data []byte) (*Config, []Finding, error) {
	root, err := parseYAML(file, data)
	if err != nil {
		return nil, nil, err
	}
	return parseRoot(file, root, false)
}

// ParseJSON parses the configuration object of the REST API (the value of "config"): keys in any case, durations in
// whole seconds, no rules needed.
func ParseJSON(file string, data []byte) (*Config, []Finding, error) {
	root, err := parseJSON(file, data)
	if err != nil {
		return nil, nil, err
	}
	return parseRoot(file, root, true)
}

// ParseObject is ParseJSON for an object that stands inside another document, such as an inline `config:`. Positions
// are those of the node.
func ParseObject(file string, node *yaml.Node) (*Config, []Finding, error) {
	return parseRoot(file, node, true)
}

func parseRoot(file string, root *yaml.Node, api bool) (*Config, []Finding, error) {
	cfg, d := decode(file, root, api)
	if cfg != nil {
		_, errs := cfg.compile()
		d.errs = append(d.errs, without(errs, d.errs)...)
	}
	if len(d.errs) > 0 {
		sortErrors(d.errs)
		return nil, d.findings, d.errs
	}
	d.findings = append(d.findings, cfg.Findings()...)
	sortFindings(d.findings)
	return cfg, d.findings, nil
}

// decode reads the document without judging the rules. The Config is nil when keys stand there twice.
func decode(file string, root *yaml.Node, api bool) (*Config, *decoder) {
	if root.Kind == yaml.DocumentNode && len(root.Content) > 0 {
		root = root.Content[0]
	}
	d := &decoder{file: file, api: api}
	if d.unique(nil, root); len(d.errs) > 0 {
		return nil, d
	}
	cfg := &Config{File: file, root: root, api: api}
	d.document(cfg, root)
	return cfg, d
}

// document decodes the top level, where keys that are not typed are settings of the command line.
func (d *decoder) document(cfg *Config, root *yaml.Node) {
	root = deref(root)
	if isNull(root) {
		return
	}
	if root.Kind != yaml.MappingNode {
		d.fail(nil, root, ClassType, describe(root), "a mapping with keys such as tunnel and ingress", "")
		return
	}
	list, bad := pairs(root, 0)
	if bad != nil {
		d.fail(nil, bad, ClassType, describe(bad), "a mapping to merge", "")
	}
	typed := keysOf(reflect.TypeFor[Config]())
	out := reflect.ValueOf(cfg).Elem()
	for _, p := range list {
		name := p.key.Value
		i, known := typed.index[name]
		if !known && d.api {
			i, known = typed.folded[strings.ToLower(name)]
		}
		switch {
		case known:
			d.value(&trail{key: typed.names[i]}, p.value, out.Field(typed.fields[i]))
		case d.api:
			d.nearMiss(p.key, typed.names)
		case name == "tunnel":
			d.value(&trail{key: name}, p.value, reflect.ValueOf(&cfg.Tunnel).Elem())
		default:
			d.setting(cfg, p)
		}
	}
}

// nearMiss speaks up for a top-level key that cloudflared silently takes for some flag's name.
func (d *decoder) nearMiss(key *yaml.Node, typed []string) {
	if near := nearest.Word(key.Value, typed); near != "" {
		d.findings = append(d.findings, Finding{File: d.file, Line: key.Line, Column: key.Column, Field: key.Value,
			Text: "unknown key, which cloudflared ignores without a word", Mend: "did you mean " + near + "?"})
	}
}

func parseYAML(file string, data []byte) (*yaml.Node, error) {
	var root yaml.Node
	err := yaml.NewDecoder(bytes.NewReader(data)).Decode(&root)
	if errors.Is(err, io.EOF) {
		return &root, nil
	}
	if err != nil {
		return nil, Errors{syntaxError(file, data, err)}
	}
	return &root, nil
}

var (
	yamlLine = lazyregexp.New(`line (\d+): (.*)`)
	// An alias where a value or a list entry begins.
	yamlAlias   = lazyregexp.New(`(?:^|[:\-\[{,])\s+(\*[^\s,\]}]*)`)
	yamlNoAlias = lazyregexp.New(`unknown anchor '(.*)' referenced|expected alphabetic or numeric character`)
)

// syntaxError gives the YAML library's message a place. An unquoted "*.example.com" begins an alias to YAML: the likeliest
// cause of trouble with anchors in this file.
func syntaxError(file string, data []byte, err error) *Error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	e := &Error{File: file, Class: ClassSyntax, Found: text, Allowed: "YAML"}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		e.Line, _ = strconv.Atoi(m[1])
		e.Found = m[2]
	}
	if m := yamlNoAlias.FindStringSubmatch(text); m != nil {
		for i, line := range strings.Split(string(data), "\n") {
			at := yamlAlias.FindStringSubmatchIndex(line)
			if at == nil {
				continue
			}
			if alias := line[at[2]:at[3]]; m[1] != "" && alias == "*"+m[1] || m[1] == "" && strings.Contains(alias, ".") {
				e.Line, e.Column = i+1, at[2]+1
				e.Found = alias + " without quotes, which YAML takes for a reference to an anchor"
				e.Hint = "write " + strconv.Quote(alias)
				break
			}
		}
	}
	if strings.Contains(text, "cannot start any token") {
		e.Hint = "tabs cannot indent; a value that begins with @, ` or % needs quotes"
	}
	return e
}

// unique finds keys given twice and keys that are no scalars, in the whole document. The API's form takes the last of
// several, as JSON decoders do.
func (d *decoder) unique(at *trail, n *yaml.Node) {
	if d.api {
		return
	}
	switch n.Kind {
	case yaml.SequenceNode:
		for i, e := range n.Content {
			d.unique(&trail{up: at, index: i}, e)
		}
	case yaml.MappingNode:
		seen := make(map[string]*yaml.Node, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			here := &trail{up: at, key: key.Value}
			switch first := seen[key.Value]; {
			case deref(key).Kind != yaml.ScalarNode:
				d.fail(at, key, ClassSyntax, describe(key)+" as a key", "a plain word as a key", "")
			case first != nil && !isMerge(key):
				d.fail(here, key, ClassSyntax, "the key "+key.Value+" a second time, after line "+strconv.Itoa(first.Line), "each key once", "")
			default:
				seen[key.Value] = key
			}
			d.unique(here, n.Content[i+1])
		}
	}
}

// without drops errors about fields whose value could not be read at all, and of what stands inside or around them.
func without(errs, decoding Errors) Errors {
	var kept Errors
	for _, e := range errs {
		covered := false
		for _, d := range decoding {
			covered = covered || inside(e.Field, d.Field) || inside(d.Field, e.Field)
		}
		if !covered {
			kept = append(kept, e)
		}
	}
	return kept
}

// inside reports whether a field path is another one, or stands below it.
func inside(field, outer string) bool {
	rest, ok := strings.CutPrefix(field, outer)
	return ok && (outer == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}
