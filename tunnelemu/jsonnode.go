package tunnelemu

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// parseJSON reads a JSON document into the nodes that the YAML form has, so that both share one decoder and have
// positions.
func parseJSON(file string, data []byte) (*yaml.Node, error) {
	r := &jsonReader{data: data, dec: json.NewDecoder(bytes.NewReader(data)), line: 1, column: 1}
	r.dec.UseNumber()
	root, err := r.value(0)
	if err == nil {
		if _, more := r.dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("text after the document")
		}
	}
	if err == nil {
		return root, nil
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the document ends too early")
	}
	offset := r.dec.InputOffset()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = max(offset, syntax.Offset-1)
	}
	line, column := r.position(int(offset))
	return nil, Errors{{File: file, Line: line, Column: column, Class: ClassSyntax, Found: err.Error(), Allowed: "JSON"}}
}

type jsonReader struct {
	data         []byte
	dec          *json.Decoder
	at           int // offset that line and column stand for
	line, column int
}

// maxJSONDepth is encoding/json's own limit for values it decodes whole.
const maxJSONDepth = 10000

func (r *jsonReader) value(depth int) (*yaml.Node, error) {
	if depth > maxJSONDepth {
		return nil, errors.New("nested too deeply")
	}
	line, column := r.position(r.next())
	token, err := r.dec.Token()
	if err != nil {
		return nil, err
	}
	n := &yaml.Node{Kind: yaml.ScalarNode, Line: line, Column: column}
	switch v := token.(type) {
	case json.Delim:
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
		if v == '[' {
			n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
		}
		for r.dec.More() {
			child, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, child)
		}
		_, err = r.dec.Token()
		return n, err
	case string:
		n.Tag, n.Value, n.Style = "!!str", v, yaml.DoubleQuotedStyle
	case json.Number:
		n.Tag, n.Value = "!!float", v.String()
		if _, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
			n.Tag = "!!int"
		}
	case bool:
		n.Tag, n.Value = "!!bool", strconv.FormatBool(v)
	case nil:
		n.Tag, n.Value = "!!null", "null"
	}
	return n, nil
}

// next is the offset of the token that follows.
func (r *jsonReader) next() int {
	i := int(r.dec.InputOffset())
	for i < len(r.data) {
		switch r.data[i] {
		case ' ', '\t', '\r', '\n', ',', ':':
			i++
			continue
		}
		break
	}
	return i
}

// position turns an offset into line and column (in bytes, from 1). Offsets come in rising order but for errors.
func (r *jsonReader) position(offset int) (line, column int) {
	if offset < r.at {
		r.at, r.line, r.column = 0, 1, 1
	}
	for ; r.at < offset && r.at < len(r.data); r.at++ {
		if r.data[r.at] == '\n' {
			r.line, r.column = r.line+1, 1
		} else {
			r.column++
		}
	}
	return r.line, r.column
}
