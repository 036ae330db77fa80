package api

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxDepth is how deep a form's names may lead.
const maxDepth = 32

// leafPath is the way to a leaf of a form's field root, by the name of its part: "root.a.0.b" and
// "root[a][][b]" are [a 0 b] and [a "" b]. Empty and not nil: the part is the field as a whole. Nil:
// the part is none of it.
func leafPath(name, root string) []string {
	rest, ok := strings.CutPrefix(name, root)
	switch {
	case !ok:
		return nil
	case rest == "":
		return []string{}
	case rest[0] == '.':
		return strings.Split(rest[1:], ".")
	case rest[0] == '[' && strings.HasSuffix(rest, "]"):
		return strings.Split(rest[1:len(rest)-1], "][")
	}
	return nil
}

// isIndex tells whether a step is a place in a list: a number, or "" for the next.
func isIndex(step string) bool {
	_, err := strconv.ParseUint(step, 10, 16)
	return err == nil || step == ""
}

// plant puts a leaf into a tree of maps, lists and texts, and returns the tree. A step "" is an item of
// a list: the last one, or a new one if that has the leaf already.
func plant(tree any, steps []string, leaf string) (any, error) {
	if len(steps) > maxDepth {
		return nil, fmt.Errorf("its name leads deeper than %d steps", maxDepth)
	}
	if len(steps) == 0 {
		if tree != nil {
			return nil, fmt.Errorf("it is there twice")
		}
		return leaf, nil
	}
	step, rest := steps[0], steps[1:]
	items, isList := tree.([]any)
	if tree == nil && isIndex(step) || isList {
		if tree != nil && !isIndex(step) {
			return nil, fmt.Errorf("%q is a field of what is a list already", step)
		}
		i := len(items)
		if step != "" {
			i, _ = strconv.Atoi(step)
			if i > len(items) {
				return nil, fmt.Errorf("item %d comes before item %d", i, len(items))
			}
		} else if i > 0 && len(rest) > 0 && !has(items[i-1], rest) {
			i--
		}
		if i == len(items) {
			items = append(items, nil)
		}
		next, err := plant(items[i], rest, leaf)
		items[i] = next
		return items, err
	}
	fields, isMap := tree.(map[string]any)
	if tree != nil && !isMap {
		return nil, fmt.Errorf("%q is a field of what is a text already", step)
	}
	if fields == nil {
		fields = map[string]any{}
	}
	next, err := plant(fields[step], rest, leaf)
	fields[step] = next
	return fields, err
}

// has tells whether a leaf would be there twice.
func has(tree any, steps []string) bool {
	for _, step := range steps {
		fields, ok := tree.(map[string]any)
		if !ok || step == "" {
			return ok && step != ""
		}
		if tree, ok = fields[step]; !ok {
			return false
		}
	}
	return true
}

// retype makes truth values of the texts that stand for them, and numbers in settings that have no texts that
// read like one. Forms have only texts; what may be a text that reads "true" is the value of a binding.
func retype(tree any) any {
	fields, ok := tree.(map[string]any)
	if !ok {
		return tree
	}
	fields = maps.Clone(fields)
	for name, v := range fields {
		if name != "bindings" && name != "annotations" && name != "tags" {
			fields[name] = retyped(v, slices.Contains([]string{"limits", "observability", "placement"}, name))
		}
	}
	return fields
}

func retyped(v any, numbers bool) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, field := range v {
			out[name] = retyped(field, numbers)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = retyped(item, numbers)
		}
		return out
	case string:
		switch v {
		case "true":
			return true
		case "false":
			return false
		}
		if n, err := strconv.ParseFloat(v, 64); numbers && err == nil && !math.IsNaN(n) && !math.IsInf(n, 0) {
			return n
		}
	}
	return v
}
