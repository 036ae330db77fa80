// Package sdk drives the REST API with the official Go client, cloudflare-go v7. It is a module of its own, so that
// nobody who uses sundog gets that client with it, and it has the client's packages of Workers and Pages alone: the
// whole of it compiles for minutes.
package sdk

import (
	"fmt"
	"reflect"
)

// fields are those of a request's parameters, by their Go names: values, and fields of structs in them.
type fields map[string]any

// with is parameters of a request. The client's own helper for it, cloudflare.F, is in the package that imports all
// others, and the type that it returns cannot be named outside of the client. It panics when a name or a type is wrong.
func with[T any](given fields) (params T) {
	fill(reflect.ValueOf(&params).Elem(), given)
	return params
}

func fill(to reflect.Value, given any) {
	if to.Kind() == reflect.Struct {
		if present := to.FieldByName("Present"); present.IsValid() { // a field that tells absent from empty
			present.SetBool(true)
			fill(to.FieldByName("Value"), given)
			return
		}
	}
	inner, ok := given.(fields)
	if !ok {
		value := reflect.ValueOf(given)
		if to.Kind() == reflect.String {
			value = value.Convert(to.Type()) // an enumeration
		}
		to.Set(value)
		return
	}
	for name, value := range inner {
		field := to.FieldByName(name)
		if !field.IsValid() {
			panic(fmt.Sprintf("%s has no field %s", to.Type(), name))
		}
		fill(field, value)
	}
}
