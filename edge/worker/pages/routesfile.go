package pages

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
)

// ParseRoutes reads a _routes.json; name is how errors call it. All errors come at once.
func ParseRoutes(name string, data []byte) (*Routes, []bundle.Problem) {
	p := routesParser{text: text{name: name, data: data}}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(data, &top); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, []bundle.Problem{p.problem(int(syntax.Offset)-1, 1, "this is not JSON: "+syntax.Error(), "")}
		}
		return nil, []bundle.Problem{p.problem(0, 1, "this is not an object", `{"version": 1, "include": ["/*"], "exclude": []}`)}
	}
	if err := p.walk(); err != nil {
		return nil, []bundle.Problem{p.problem(0, 1, err.Error(), "")}
	}
	if p.version != "1" {
		p.add(p.versionAt, len(p.version), `"version" has to be 1`, "")
	}
	for _, field := range []string{"include", "exclude"} {
		if _, ok := top[field]; !ok {
			p.add(0, 1, strconv.Quote(field)+" is missing: it is a list of rules", "")
		}
	}
	rules := map[string][]string{}
	for _, r := range p.rules {
		rules[r.field] = append(rules[r.field], r.rule)
		p.check(r)
	}
	if _, ok := top["include"]; ok && len(rules["include"]) == 0 && len(p.errs) == 0 {
		p.add(p.includeAt, 1, `"include" has to have a rule`, "")
	}
	if len(p.rules) > most {
		p.add(p.rules[most].at, len(p.rules[most].rule), fmt.Sprintf("there are %d rules in include and exclude; %d are allowed", len(p.rules), most), "")
	}
	if len(p.errs) > 0 {
		return nil, p.errs
	}
	return newRoutes(rules["include"], rules["exclude"]), nil
}

type routesParser struct {
	text
	errs                 []bundle.Problem
	version              string
	versionAt, includeAt int
	rules                []placedRule
}

type placedRule struct {
	field, rule string
	at          int
}

func (p *routesParser) add(at, length int, text, hint string) {
	p.errs = append(p.errs, p.problem(at, length, text, hint))
}

func (p *routesParser) check(r placedRule) {
	switch {
	case !strings.HasPrefix(r.rule, "/"):
		p.add(r.at, len(r.rule)+2, "the rule "+strconv.Quote(r.rule)+" has to begin with a slash", "")
	case utf8.RuneCountInString(r.rule) > most:
		p.add(r.at, len(r.rule)+2, fmt.Sprintf("the rule has %d characters; %d are allowed", utf8.RuneCountInString(r.rule), most), "")
	}
	for _, other := range p.rules {
		if other.field == r.field && other.rule != r.rule && strings.HasSuffix(other.rule, "/*") && strings.HasPrefix(r.rule, strings.TrimSuffix(other.rule, "*")) {
			p.add(r.at, len(r.rule)+2, strconv.Quote(other.rule)+" has what the rule "+strconv.Quote(r.rule)+" has, which the platform refuses", "take this one out")
			return
		}
	}
}

// walk finds the places of what is checked. The data is an object of JSON.
func (p *routesParser) walk() error {
	d := json.NewDecoder(bytes.NewReader(p.data))
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		at := p.next(int(d.InputOffset()))
		var value json.RawMessage
		field, _ := key.(string)
		switch field {
		case "include", "exclude":
			if at >= len(p.data) || p.data[at] != '[' {
				p.add(at, 1, strconv.Quote(field)+" has to be a list of rules", "")
				break
			}
			if field == "include" {
				p.includeAt = at
			}
			if err := p.list(d, field); err != nil {
				return err
			}
			continue
		case "version":
			p.versionAt = at
			if err := d.Decode(&value); err != nil {
				return err
			}
			p.version = string(bytes.TrimSpace(value))
			continue
		}
		if err := d.Decode(&value); err != nil {
			return err
		}
	}
	return nil
}

func (p *routesParser) list(d *json.Decoder, field string) error {
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		at := p.next(int(d.InputOffset()))
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		var rule string
		if err := json.Unmarshal(value, &rule); err != nil || len(value) == 0 || value[0] != '"' {
			p.add(at, len(value), "a rule has to be a string", "")
			continue
		}
		p.rules = append(p.rules, placedRule{field, rule, at})
	}
	_, err := d.Token()
	return err
}

// next is where the value begins that a colon, a comma and spaces come before.
func (p *routesParser) next(at int) int {
	for at < len(p.data) && strings.IndexByte(" \t\r\n:,", p.data[at]) >= 0 {
		at++
	}
	return at
}
