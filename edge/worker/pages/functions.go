package pages

import (
	"cmp"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
)

// Function is one entry of the route table that functions/ is compiled to.
type Function struct {
	Route      string // "/api/:id", "/:path*"
	Mount      string // the folder's route: "/api"
	Method     string // "GET"; empty: every one
	Module     string // "api/[id].ts:onRequestGet"; empty: middleware alone
	Middleware string // "api/_middleware.ts:onRequest"; may be empty
}

var methods = map[string]string{
	"onRequest": "", "onRequestGet": "GET", "onRequestPost": "POST", "onRequestPut": "PUT", "onRequestPatch": "PATCH",
	"onRequestDelete": "DELETE", "onRequestOptions": "OPTIONS", "onRequestHead": "HEAD",
}

// scan reads a folder of functions: its route table, in the order in which routes are tried, and
// the folders in it.
func scan(root string) (table []Function, dirs []string, warnings, errs []bundle.Problem) {
	type file struct{ abs, rel string }
	var files []file
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "node_modules":
			return filepath.SkipDir
		case d.IsDir():
			dirs = append(dirs, name)
			return nil
		}
		switch filepath.Ext(name) {
		case ".js", ".mjs", ".ts", ".tsx", ".jsx":
		default:
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if info, statErr := os.Stat(name); err == nil && statErr == nil && info.Mode().IsRegular() && !strings.HasSuffix(name, ".d.ts") {
			files = append(files, file{name, filepath.ToSlash(rel)})
		}
		return err
	})
	if err != nil {
		return nil, dirs, nil, []bundle.Problem{{File: filepath.ToSlash(root), Path: root, Text: err.Error()}}
	}
	depth := func(f file) int { return strings.Count(f.rel, "/") }
	slices.SortStableFunc(files, func(a, b file) int { return cmp.Compare(depth(a), depth(b)) })

	abs := make([]string, len(files))
	for i, f := range files {
		abs[i] = f.abs
	}
	dir := filepath.Dir(root)
	exports, err := bundle.Exports(dir, abs)
	if err != nil {
		if es, ok := err.(bundle.Errors); ok {
			return nil, dirs, nil, es
		}
		return nil, dirs, nil, []bundle.Problem{{Text: err.Error()}}
	}
	for _, f := range files {
		here := bundle.Problem{File: path.Join(filepath.Base(root), f.rel), Path: f.abs}
		found, more, err := functionsOf(f.rel, exports[filepath.Clean(f.abs)])
		if err != nil {
			here.Text = err.Error()
			errs = append(errs, here)
			continue
		}
		for _, text := range more {
			here.Text = text
			warnings = append(warnings, here)
		}
		for _, fn := range found {
			if other := add(&table, fn); other != "" {
				here.Text = "it answers " + fn.Route + ", and so does " + other + ", which is never run"
				warnings = append(warnings, here)
			}
		}
	}
	slices.SortStableFunc(table, before)
	return table, dirs, warnings, errs
}

// functionsOf are the entries of one file.
func functionsOf(rel string, exports []string) (found []Function, warnings []string, err error) {
	name := strings.TrimSuffix(rel, path.Ext(rel))
	base := path.Base(name)
	middleware := base == "_middleware" || base == "_middleware_"
	mountFile := "/" + strings.TrimPrefix(path.Dir(name), ".")
	routeFile := "/" + name
	if middleware || base == "index" {
		routeFile = mountFile
	}
	for _, export := range exports {
		method, ok := methods[export]
		if !ok {
			if strings.HasPrefix(strings.ToLower(export), "onrequest") {
				warnings = append(warnings, strconv.Quote(export)+" handles nothing: the names are onRequest, onRequestGet, onRequestPost, onRequestPut, onRequestPatch, onRequestDelete, onRequestOptions, onRequestHead")
			}
			continue
		}
		f := Function{Method: method}
		if f.Route, err = routePath(routeFile); err != nil {
			return nil, nil, err
		}
		if f.Mount, err = routePath(mountFile); err != nil {
			return nil, nil, err
		}
		if middleware {
			f.Middleware = rel + ":" + export
		} else {
			f.Module = rel + ":" + export
		}
		found = append(found, f)
	}
	return found, warnings, nil
}

// add merges an entry into the table: one route and method has one entry. Other is the module that
// it takes the place of.
func add(table *[]Function, f Function) (other string) {
	for i := range *table {
		have := &(*table)[i]
		if have.Route != f.Route || have.Method != f.Method {
			continue
		}
		have.Mount = f.Mount
		if f.Middleware != "" {
			other, have.Middleware = have.Middleware, f.Middleware
		} else {
			other, have.Module = have.Module, f.Module
		}
		return other
	}
	*table = append(*table, f)
	return ""
}

// before orders routes as they are tried: longer ones first, text before parameters before those of
// many segments, one method before all.
func before(a, b Function) int {
	as, bs := segments(a.Route), segments(b.Route)
	if len(as) != len(bs) {
		return cmp.Compare(len(bs), len(as))
	}
	for i := range as {
		for _, sign := range []string{"*", ":"} {
			inA, inB := strings.Contains(as[i], sign), strings.Contains(bs[i], sign)
			if inA != inB {
				if inA {
					return 1
				}
				return -1
			}
		}
	}
	if (a.Method == "") != (b.Method == "") {
		if a.Method == "" {
			return 1
		}
		return -1
	}
	return cmp.Or(
		cmp.Compare(strings.ToLower(a.Route), strings.ToLower(b.Route)),
		cmp.Compare(b.Route, a.Route), // small letters first
		cmp.Compare(a.Method, b.Method),
	)
}

func segments(route string) []string {
	return strings.FieldsFunc(route, func(r rune) bool { return r == '/' })
}
