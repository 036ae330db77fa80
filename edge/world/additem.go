package world

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// item is an entry of a list to be written: in lines of its own, without the dash and indented from its
// first key, or in one line as JSON, where the list is so.
type item struct {
	lines []string
	json  string
}

// addItem writes an item at the end of a list of a file, and leaves every other byte as it is. steps lead to the
// list from the top: keys, and places in lists. Keys that are not there are made, but nothing below a place.
func addItem(src *source, steps []string, it item) ([]byte, error) {
	root, problem := parse(src)
	if problem != nil {
		if len(bytes.TrimSpace(src.data)) > 0 && !onlyComments(src.data) {
			return nil, problem
		}
		return atEnd(src.data, nested(steps, it, 0)), nil
	}
	at, n := 0, root
	for ; at < len(steps); at++ {
		next := child(n, steps[at], 0)
		if next == nil {
			break
		}
		if n = next; n.Kind == yaml.AliasNode {
			return nil, cannotEdit(src, n, "an alias, which stands for something elsewhere")
		}
	}
	rest := steps[at:]
	flow := n.Style&yaml.FlowStyle != 0
	switch {
	case null(n) && at > 0:
		return underKey(src, root, steps[:at], nested(rest, it, 0))
	case n.Kind == yaml.MappingNode && len(rest) > 0 && flow:
		return inFlow(src, n, nestedJSON(rest, it, true))
	case n.Kind == yaml.MappingNode && len(rest) > 0 && n == root:
		return atEnd(src.data, indented(nested(rest, it, 0), n.Column-1)), nil
	case n.Kind == yaml.MappingNode && len(rest) > 0:
		return after(src.data, endOf(src.data, n, n.Column-1), indented(nested(rest, it, 0), n.Column-1)), nil
	case n.Kind == yaml.SequenceNode && len(rest) == 0 && flow:
		return inFlow(src, n, it.json)
	case n.Kind == yaml.SequenceNode && len(rest) == 0:
		return after(src.data, endOf(src.data, n, n.Column-1), indented(dashed(it.lines), n.Column-1)), nil
	}
	return nil, cannotEdit(src, n, "neither a list nor a mapping")
}

func cannotEdit(src *source, n *yaml.Node, what string) error {
	return &Error{Mark: src.mark(n), Found: "there is " + what + ", and so nothing can be added here"}
}

// nested are the lines of an item below keys.
func nested(keys []string, it item, depth int) []string {
	if len(keys) == 0 {
		return indented(dashed(it.lines), depth)
	}
	return append(indented([]string{keys[0] + ":"}, depth), nested(keys[1:], it, depth+2)...)
}

// nestedJSON is the same in one line; without braces around it where it joins a mapping.
func nestedJSON(keys []string, it item, bare bool) string {
	if len(keys) == 0 {
		return "[" + it.json + "]"
	}
	text := fmt.Sprintf("%q: %s", keys[0], nestedJSON(keys[1:], it, false))
	if bare {
		return text
	}
	return "{" + text + "}"
}

func dashed(lines []string) []string {
	out := indented(lines, 2)
	out[0] = "- " + lines[0]
	return out
}

func indented(lines []string, by int) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = strings.Repeat(" ", by) + line
	}
	return out
}

// inFlow puts text behind the bracket that opens n.
func inFlow(src *source, n *yaml.Node, text string) ([]byte, error) {
	offset := lineStart(src.data, n.Line)
	for range n.Column - 1 {
		r := bytes.Runes(src.data[offset:min(len(src.data), offset+4)])
		if len(r) == 0 {
			break
		}
		offset += len(string(r[0]))
	}
	// An anchor or a tag may stand before it.
	open := bytes.IndexAny(src.data[offset:], "[{")
	if open < 0 {
		return nil, cannotEdit(src, n, "no bracket")
	}
	offset += open + 1
	if len(n.Content) > 0 {
		text += ", "
	}
	return append(append(append([]byte{}, src.data[:offset]...), text...), src.data[offset:]...), nil
}

// underKey puts lines below a key that has no value.
func underKey(src *source, root *yaml.Node, steps []string, lines []string) ([]byte, error) {
	parent := root
	for _, step := range steps[:len(steps)-1] {
		parent = child(parent, step, 0)
	}
	for i := 0; i+1 < len(parent.Content) && parent.Kind == yaml.MappingNode; i += 2 {
		key, value := parent.Content[i], parent.Content[i+1]
		if key.Value != steps[len(steps)-1] {
			continue
		}
		if value.Value != "" || parent.Style&yaml.FlowStyle != 0 {
			return nil, cannotEdit(src, key, "a key whose value is null")
		}
		return after(src.data, key.Line, indented(lines, key.Column+1)), nil
	}
	return nil, cannotEdit(src, parent, "no such key")
}

// endOf is the last line of a block: what is indented deeper than indent, from the last line that the parser
// tells. Comments before what comes next are not of it.
func endOf(data []byte, n *yaml.Node, indent int) int {
	last := lastLine(n)
	lines := bytes.Split(data, []byte("\n"))
	for i := last; i < len(lines); i++ {
		text := bytes.TrimRight(lines[i], " \t\r")
		bare := bytes.TrimLeft(text, " ")
		if len(bare) == 0 {
			continue
		}
		if len(text)-len(bare) <= indent {
			break
		}
		last = i + 1
	}
	return last
}

func lastLine(n *yaml.Node) int {
	last := n.Line
	if n.Kind == yaml.AliasNode {
		return last
	}
	for _, c := range n.Content {
		last = max(last, lastLine(c))
	}
	return last
}

// after puts lines behind a line, which counts from 1.
func after(data []byte, line int, lines []string) []byte {
	offset := lineStart(data, line+1)
	if offset == len(data) {
		return atEnd(data, lines)
	}
	return append(append(append([]byte{}, data[:offset]...), joined(data, lines)...), data[offset:]...)
}

func atEnd(data []byte, lines []string) []byte {
	out := append([]byte{}, data...)
	if len(out) > 0 && out[len(out)-1] != '\n' {
		out = append(out, newline(data)...)
	}
	return append(out, joined(data, lines)...)
}

func joined(data []byte, lines []string) string {
	nl := newline(data)
	return strings.Join(lines, nl) + nl
}

// newline is what ends the lines of a file.
func newline(data []byte) string {
	if bytes.Contains(data, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// lineStart is where a line begins, which counts from 1; the end of the data behind the last.
func lineStart(data []byte, line int) int {
	offset := 0
	for range line - 1 {
		i := bytes.IndexByte(data[offset:], '\n')
		if i < 0 {
			return len(data)
		}
		offset += i + 1
	}
	return offset
}

func onlyComments(data []byte) bool {
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return false
		}
	}
	return true
}
