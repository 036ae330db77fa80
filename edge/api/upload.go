package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"path"
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// What an upload may hold.
const (
	maxParts    = 5000
	maxMetadata = 4 << 20 // bytes
)

// upload is a Worker as one of the clients sends it: metadata, and files.
type upload struct {
	meta  metadata
	files []file // in the order of the body

	inLeaves bool // metadata came as a part for each leaf, which the real API does not read
	asScript bool // the form came under the type of a script, which the real API takes it for
}

type file struct {
	name        string // what main_module and the code call it, without a leading "./"
	contentType string // the media type alone
	content     []byte
}

// decodeUpload reads a multipart body in any of the three shapes that clients send:
//
//	one part metadata, and a part a file, named as the file     wrangler, Terraform, curl
//	metadata.bindings.0.name, and files.0                       cloudflare-go from 7.8 on
//	metadata[bindings][][name], and files[]                     the npm package cloudflare from 7.0 on
//
// The real API reads the first alone.
func decodeUpload(contentType string, body []byte) (*upload, error) {
	asScript := false
	if kind, _, _ := mime.ParseMediaType(contentType); isScript(kind) {
		if form := boundaryOf(body); form != noBoundary {
			contentType, asScript = form, true
		}
	}
	parts, err := readParts(contentType, body)
	if err != nil {
		return nil, err
	}
	whole, inLeaves, rest, err := formField(parts, "metadata")
	if err != nil {
		return nil, err
	}
	if whole == nil {
		return nil, badRequest(10021, `the upload has no part "metadata"`)
	}
	up := &upload{inLeaves: inLeaves, asScript: asScript}
	for _, p := range rest {
		up.files = append(up.files, p.file())
	}
	if err := json.Unmarshal(whole, &up.meta); err != nil {
		f := notJSON(err)
		f.errs[0].Message = "metadata: " + f.errs[0].Message
		return nil, f
	}
	return up, nil
}

// formField is what the parts of a form say under a name, as JSON: in one part, or in a part for each leaf.
// rest are the other parts. Nil: the form says nothing under that name.
func formField(parts []part, name string) (whole json.RawMessage, inLeaves bool, rest []part, err error) {
	var tree any
	size := 0
	for _, p := range parts {
		at := leafPath(p.name, name)
		if len(at) > 0 && p.filename != "" { // metadata.js is a file, as metadata.a is none
			at = nil
		}
		if at == nil {
			rest = append(rest, p)
			continue
		}
		if size += len(p.content); size > maxMetadata {
			return nil, false, nil, badRequest(10021, "%s has more than %d bytes", name, maxMetadata)
		}
		switch {
		case len(at) > 0:
			if tree, err = plant(tree, at, string(p.content)); err != nil {
				return nil, false, nil, badRequest(10021, "part %q: %v", p.name, err)
			}
		case whole != nil:
			return nil, false, nil, badRequest(10021, "there are two parts %q", name)
		default:
			whole = p.content
		}
	}
	switch {
	case whole != nil && tree != nil:
		return nil, false, nil, badRequest(10021, "the upload has a part %q, and parts of it beside", name)
	case tree != nil:
		if whole, err = json.Marshal(retype(tree)); err != nil {
			return nil, false, nil, badRequest(10021, "%s: %v", name, err)
		}
	}
	return whole, tree != nil, rest, nil
}

type part struct {
	name, filename, contentType string
	content                     []byte
}

// file gives a part the name by which the code knows it: the part's own, unless that only says that it
// is one of the files.
func (p part) file() file {
	name := p.name
	if base, _, _ := strings.Cut(strings.Replace(p.name, "[", ".", 1), "."); base == "files" && p.filename != "" {
		if _, rest, _ := strings.Cut(p.name, "."); rest == "" || isIndex(rest) {
			name = p.filename
		}
	}
	return file{name: strings.TrimPrefix(name, "./"), contentType: p.contentType, content: p.content}
}

// isScript tells whether a media type is that of a script without metadata.
func isScript(kind string) bool { return kind == "application/javascript" || kind == "text/javascript" }

// noBoundary is the type of what is not known to be a form.
const noBoundary = "multipart/form-data"

// boundaryOf is the type of a multipart body that comes without one: its first line is the boundary, and its second
// says what the first part is.
func boundaryOf(body []byte) string {
	line, rest, _ := bytes.Cut(body, []byte("\r\n"))
	boundary, ok := bytes.CutPrefix(line, []byte("--"))
	if head := []byte("content-disposition:"); !ok || len(boundary) > 70 || len(rest) < len(head) || !bytes.EqualFold(rest[:len(head)], head) {
		return noBoundary
	}
	return noBoundary + `; boundary="` + string(boundary) + `"`
}

// readParts takes a multipart body apart.
func readParts(contentType string, body []byte) ([]part, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil && contentType != "":
		return nil, badRequest(10021, "Content-Type %q cannot be read: %v", contentType, err)
	case isScript(kind) && json.Valid(body):
		return nil, badRequest(10021, "the upload has no modules: it is JSON alone, under Content-Type %s; name them in files", kind)
	case isScript(kind):
		return nil, badRequest(10021, "a Worker in service-worker syntax, uploaded as one script, is not supported yet: upload modules as multipart/form-data")
	case kind != "multipart/form-data":
		return nil, badRequest(10021, "Content-Type is %q, and should be multipart/form-data", kind)
	case params["boundary"] == "":
		return nil, badRequest(10021, "Content-Type multipart/form-data has no boundary")
	}
	reader := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	var parts []part
	for {
		p, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			if len(parts) == 0 {
				return nil, badRequest(10021, "the multipart body has no parts")
			}
			return parts, nil
		}
		if err != nil {
			return nil, badRequest(10021, "the multipart body cannot be read after %d parts: %v", len(parts), err)
		}
		if len(parts) == maxParts {
			return nil, badRequest(10021, "the multipart body has more than %d parts", maxParts)
		}
		content, err := io.ReadAll(p)
		if err != nil {
			return nil, badRequest(10021, "part %q of the multipart body ends early: %v", p.FormName(), err)
		}
		// Part.FileName leaves only the last step of a path.
		_, disposition, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
		if err != nil || disposition["name"] == "" {
			return nil, badRequest(10021, "part %d of the multipart body has no name", len(parts)+1)
		}
		media, _, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil {
			media = p.Header.Get("Content-Type")
		}
		parts = append(parts, part{disposition["name"], disposition["filename"], media, content})
	}
}

// kindsOfModules are the modules by the media type of their part.
var kindsOfModules = map[string]version.Kind{
	"application/javascript+module": version.ESModule,
	"text/javascript+module":        version.ESModule,
	"application/javascript":        version.CommonJS,
	"text/javascript":               version.CommonJS,
	"text/plain":                    version.Text,
	"application/octet-stream":      version.Data,
	"application/wasm":              version.Wasm,
	"application/json":              version.JSON,
	"text/x-python":                 version.Python,
	"text/x-python-requirement":     version.Python,
}

// modules are the files as modules, the main one first, and the source map of that.
func (up *upload) modules() (mods []version.Module, sourceMap []byte, errs []apiError) {
	bad := func(format string, args ...any) { errs = append(errs, badRequest(10021, format, args...).errs...) }
	main := strings.TrimPrefix(up.meta.MainModule, "./")
	seen := map[string]bool{}
	var names []string
	for _, f := range up.files {
		if f.contentType == "application/source-map" {
			if f.name == main+".map" || path.Base(f.name) == path.Base(main)+".map" {
				sourceMap = f.content
			}
			continue
		}
		kind, known := kindsOfModules[f.contentType]
		switch {
		case !known:
			bad("module %q has the type %q, which is none that a module can have: application/javascript+module, application/javascript, text/plain, application/octet-stream, application/wasm or application/json", f.name, f.contentType)
			continue
		case kind == version.Python:
			bad("Python Workers are not supported yet: module %q", f.name)
			continue
		case seen[f.name]:
			bad("two modules are named %q", f.name)
			continue
		}
		seen[f.name] = true
		names = append(names, f.name)
		m := version.Module{Name: f.name, Kind: kind, Content: f.content}
		if f.name != main {
			mods = append(mods, m)
			continue
		}
		if kind != version.ESModule {
			bad("main_module %q has the type %q, and should be an application/javascript+module", f.name, f.contentType)
		}
		mods = append([]version.Module{m}, mods...)
	}
	switch {
	case up.meta.BodyPart != "":
		bad("a Worker in service-worker syntax (body_part %q) is not supported yet: export default { fetch() {} } from a main_module", up.meta.BodyPart)
	case main == "" && up.meta.Assets == nil:
		bad("metadata has no main_module")
	case main != "" && !seen[main] && len(errs) == 0:
		bad("main_module %q is none of the uploaded modules: %s", main, strings.Join(names, ", "))
	}
	return mods, sourceMap, errs
}
