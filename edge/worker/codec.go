package worker

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// toJS writes a Go value as js/codec.js reads it: JSON, with bytes and times as objects of their own. Struct fields
// are named as encoding/json names them.
func toJS(v any) (json.RawMessage, error) {
	tree, err := plain(reflect.ValueOf(v), "the result")
	if err != nil {
		return nil, err
	}
	return json.Marshal(tree)
}

var (
	timeType = reflect.TypeFor[time.Time]()
	jsonType = reflect.TypeFor[json.Marshaler]()
	textType = reflect.TypeFor[encoding.TextMarshaler]()
)

// plain is the value as json.Marshal can write it.
func plain(v reflect.Value, at string) (any, error) {
	if !v.IsValid() {
		return nil, nil
	}
	t := v.Type()
	switch {
	case t == timeType:
		return map[string]any{"$date": v.Interface().(time.Time).UTC().Format(time.RFC3339Nano)}, nil
	case t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface:
		if v.IsNil() {
			return nil, nil
		}
		if !t.Implements(jsonType) || v.Elem().Type() == timeType || t.Kind() == reflect.Interface {
			return plain(v.Elem(), at)
		}
		return v.Interface(), nil
	case t.Implements(jsonType):
		return v.Interface(), nil
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		if v.IsNil() {
			return nil, nil
		}
		return map[string]any{"$bytes": base64.StdEncoding.EncodeToString(v.Bytes())}, nil
	case t.Implements(textType):
		return v.Interface(), nil
	}
	switch t.Kind() {
	case reflect.Func, reflect.Chan, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return nil, &typeError{fmt.Sprintf("RPC between Go and JavaScript carries JSON, bytes and dates, but %s is a %s", at, t)}
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, &typeError{fmt.Sprintf("RPC between Go and JavaScript carries JSON, bytes and dates, but %s is the number %v", at, f)}
		}
	case reflect.Slice, reflect.Array:
		if t.Kind() == reflect.Slice && v.IsNil() {
			return nil, nil
		}
		list := make([]any, v.Len())
		for i := range list {
			item, err := plain(v.Index(i), at+"["+strconv.Itoa(i)+"]")
			if err != nil {
				return nil, err
			}
			list[i] = item
		}
		return list, nil
	case reflect.Map:
		if v.IsNil() {
			return nil, nil
		}
		object := map[string]any{}
		for key, item := range v.Seq2() {
			name := fmt.Sprint(key.Interface())
			p, err := plain(item, at+"."+name)
			if err != nil {
				return nil, err
			}
			object[escaped(name)] = p
		}
		return object, nil
	case reflect.Struct:
		object := map[string]any{}
		return object, fields(object, v, at)
	}
	return v.Interface(), nil
}

// escaped keeps a key of the user's from being taken for a tag.
func escaped(key string) string {
	if strings.HasPrefix(key, "$") {
		return "$" + key
	}
	return key
}

// fields adds those of a struct, and of what it embeds.
func fields(object map[string]any, v reflect.Value, at string) error {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		inner := v.Field(i)
		if f.Anonymous && name == "" {
			if inner.Kind() == reflect.Pointer {
				if inner.IsNil() {
					continue
				}
				inner = inner.Elem()
			}
			if inner.Kind() == reflect.Struct && inner.Type() != timeType {
				if err := fields(object, inner, at); err != nil {
					return err
				}
				continue
			}
		}
		if !f.IsExported() || name == "-" && options == "" {
			continue
		}
		if strings.Contains(options, "omitempty") && empty(inner) || strings.Contains(options, "omitzero") && inner.IsZero() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		p, err := plain(inner, at+"."+name)
		if err != nil {
			return err
		}
		object[escaped(name)] = p
	}
	return nil
}

// empty is what omitempty leaves out.
func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Array, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// fromJS reads what js/codec.js wrote into the value that out points at. Bytes fit []byte and string, dates
// time.Time and string; into any they come as []byte and time.Time.
func fromJS(raw json.RawMessage, out any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return err
	}
	tree, err := native(tree)
	if err != nil {
		return err
	}
	if any, ok := out.(*any); ok {
		*any = numbers(tree)
		return nil
	}
	clean, err := json.Marshal(tree) // []byte and time.Time have the forms that they are read from
	if err != nil {
		return err
	}
	return json.Unmarshal(clean, out)
}

// native puts bytes and times in the place of their tags.
func native(v any) (any, error) {
	switch v := v.(type) {
	case []any:
		for i := range v {
			item, err := native(v[i])
			if err != nil {
				return nil, err
			}
			v[i] = item
		}
	case map[string]any:
		if date, ok := v["$date"].(string); ok {
			return time.Parse(time.RFC3339Nano, date)
		}
		if b, ok := v["$bytes"].(string); ok {
			return base64.StdEncoding.DecodeString(b)
		}
		object := make(map[string]any, len(v))
		for key, item := range v {
			p, err := native(item)
			if err != nil {
				return nil, err
			}
			object[strings.TrimPrefix(key, "$")] = p
		}
		return object, nil
	}
	return v, nil
}

// numbers makes floats of numbers, as encoding/json does for any.
func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		f, err := v.Float64()
		if err != nil {
			return v.String()
		}
		return f
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for key, item := range v {
			v[key] = numbers(item)
		}
	}
	return v
}
