package api

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/sundog-edge/sundog/edge/worker/version"
)

const esm = "application/javascript+module"

// encodings are the same upload as three clients send it.
var encodings = map[string][]sent{
	"wrangler": {
		{name: "metadata", content: `{"main_module":"index.js","compatibility_flags":["nodejs_compat","x"],"keep_assets":true,
			"bindings":[{"type":"plain_text","name":"A","text":"true"},{"type":"service","name":"B","service":"b"}]}`},
		{"./index.js", "index.js", esm, "code"},
		{"sub/text.txt", "sub/text.txt", "text/plain", "text"},
		{"index.js.map", "index.js.map", "application/source-map", "{}"},
	},
	"cloudflare-go": {
		{name: "metadata.bindings.0.type", content: "plain_text"},
		{name: "metadata.bindings.0.name", content: "A"},
		{name: "metadata.bindings.0.text", content: "true"},
		{name: "metadata.bindings.1.type", content: "service"},
		{name: "metadata.bindings.1.name", content: "B"},
		{name: "metadata.bindings.1.service", content: "b"},
		{name: "metadata.compatibility_flags.0", content: "nodejs_compat"},
		{name: "metadata.compatibility_flags.1", content: "x"},
		{name: "metadata.keep_assets", content: "true"},
		{name: "metadata.main_module", content: "index.js"},
		{"files.0", "index.js", esm, "code"},
		{"files.1", "sub/text.txt", "text/plain", "text"},
		{"files.2", "index.js.map", "application/source-map", "{}"},
	},
	"npm": {
		{name: "metadata[main_module]", content: "index.js"},
		{name: "metadata[bindings][][type]", content: "plain_text"},
		{name: "metadata[bindings][][name]", content: "A"},
		{name: "metadata[bindings][][text]", content: "true"},
		{name: "metadata[bindings][][type]", content: "service"},
		{name: "metadata[bindings][][name]", content: "B"},
		{name: "metadata[bindings][][service]", content: "b"},
		{name: "metadata[compatibility_flags][]", content: "nodejs_compat"},
		{name: "metadata[compatibility_flags][]", content: "x"},
		{name: "metadata[keep_assets]", content: "true"},
		{"files[]", "index.js", esm, "code"},
		{"files[]", "sub/text.txt", "text/plain", "text"},
		{"files[]", "index.js.map", "application/source-map", "{}"},
	},
}

func TestEncodings(t *testing.T) {
	for name, parts := range encodings {
		t.Run(name, func(t *testing.T) {
			up, err := decodeUpload(form(t, parts...))
			if err != nil {
				t.Fatal(err)
			}
			mods, sourceMap, errs := up.modules()
			if len(errs) > 0 || string(sourceMap) != "{}" {
				t.Fatal(errs, string(sourceMap))
			}
			want := []version.Module{
				{Name: "index.js", Kind: version.ESModule, Content: []byte("code")},
				{Name: "sub/text.txt", Kind: version.Text, Content: []byte("text")},
			}
			if diff := cmp.Diff(want, mods); diff != "" {
				t.Error(diff)
			}
			bindings := []sentBinding{
				{Binding: version.Binding{Type: "plain_text", Name: "A", Text: "true"}},
				{Binding: version.Binding{Type: "service", Name: "B", Service: "b"}},
			}
			if diff := cmp.Diff(bindings, up.meta.Bindings, cmpopts.IgnoreFields(version.Binding{}, "Sent")); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]string{"nodejs_compat", "x"}, up.meta.CompatibilityFlags); diff != "" || !up.meta.KeepAssets {
				t.Error(diff, up.meta.KeepAssets)
			}
		})
	}
}

func TestMalformedUploads(t *testing.T) {
	whole := sent{name: "metadata", content: meta}
	index := sent{"index.js", "index.js", esm, "code"}
	for _, tt := range []struct {
		name  string
		parts []sent
		want  string
	}{
		{"no metadata", []sent{index}, `the upload has no part "metadata"`},
		{"twice", []sent{whole, whole, index}, `two parts "metadata"`},
		{"whole and in parts", []sent{whole, {name: "metadata.main_module", content: "x"}, index}, "and parts of it beside"},
		{"no JSON", []sent{{name: "metadata", content: "{"}, index}, "Malformed JSON"},
		{"wrong type", []sent{{name: "metadata", content: `{"main_module":1}`}, index}, "main_module is of type number, and should be of type string"},
		{"no main module", []sent{{name: "metadata", content: "{}"}, index}, "no main_module"},
		{"main module is not there", []sent{{name: "metadata", content: `{"main_module":"x.js"}`}, index}, `main_module "x.js" is none of the uploaded modules: index.js`},
		{"service-worker syntax", []sent{{name: "metadata", content: `{"body_part":"script"}`}, {"script", "script", "application/javascript", "x"}}, "service-worker syntax"},
		{"unknown module", []sent{whole, index, {"x.pdf", "x.pdf", "application/pdf", "x"}}, `module "x.pdf" has the type "application/pdf"`},
		{"python", []sent{whole, index, {"x.py", "x.py", "text/x-python", "x"}}, "Python Workers are not supported yet"},
		{"module twice", []sent{whole, index, index}, `two modules are named "index.js"`},
		{"main is text", []sent{whole, {"index.js", "index.js", "text/plain", "code"}}, "should be an application/javascript+module"},
		{"dotted: index out of order", []sent{{name: "metadata.bindings.7.name", content: "A"}, index}, "item 7 comes before item 0"},
		{"dotted: huge index", []sent{{name: "metadata.bindings.999999999999.name", content: "A"}, index}, "bindings is of type object, and should be of type array"},
		{"dotted: text and map", []sent{{name: "metadata.a", content: "A"}, {name: "metadata.a.b", content: "A"}, index}, `part "metadata.a.b": "b" is a field of what is a text already`},
		{"dotted: leaf twice", []sent{{name: "metadata.a", content: "A"}, {name: "metadata.a", content: "A"}, index}, "it is there twice"},
		{"dotted: too deep", []sent{{name: "metadata" + strings.Repeat(".a", 40), content: "A"}, index}, "deeper than 32 steps"},
		{"brackets: list and map", []sent{{name: "metadata[a][]", content: "A"}, {name: "metadata[a][b]", content: "A"}, index}, `"b" is a field of what is a list already`},
		{"no name", []sent{{name: "", content: "A"}}, "has no name"},
		{"nothing", nil, "has no parts"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, newMemory(t))
			a := c.upload("PUT", "A/workers/scripts/w", tt.parts...)
			if a.Status != 400 || !strings.Contains(a.text, strings.ReplaceAll(tt.want, `"`, `\"`)) {
				t.Errorf("got %d %s", a.Status, a.text)
			}
			c.refused("GET", "A/workers/services/w", nil, 404, 10090)
		})
	}
	c := newClient(t, newMemory(t))
	for _, tt := range []struct{ contentType, body, want string }{
		{"", "x", "should be multipart/form-data"},
		{"multipart/form-data", "x", "no boundary"},
		{"multipart/form-data; boundary=a; boundary=b", "x", "cannot be read"},
		{"multipart/form-data; boundary=a", "--a\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{}", "ends early"},
		{"application/javascript", "addEventListener()", "service-worker syntax"},
		{"application/json", "{}", "should be multipart/form-data"},
	} {
		a := c.send("PUT", "A/workers/scripts/w", tt.contentType, strings.NewReader(tt.body))
		if a.Status != 400 || !strings.Contains(a.text, tt.want) {
			t.Errorf("%s: got %d %s", tt.contentType, a.Status, a.text)
		}
	}
}

// endless is a body that never ends.
type endless struct{ read int64 }

func (e *endless) Read(b []byte) (int, error) {
	e.read += int64(len(b))
	return len(b), nil
}

func TestBodyIsLimited(t *testing.T) {
	c := newClient(t, newMemory(t))
	body := new(endless)
	a := c.send("PUT", "A/workers/scripts/w", "multipart/form-data; boundary=a", body)
	if a.Status != 413 || len(a.Errors) != 1 || a.Errors[0].Code != 7011 {
		t.Errorf("got %d %s", a.Status, a.text)
	}
	if body.read > maxBody+1<<20 {
		t.Errorf("%d bytes were read", body.read)
	}
	c.ok("GET", "A/workers/scripts", nil)
}

func FuzzUpload(f *testing.F) {
	for _, parts := range encodings {
		contentType, body := form(f, parts...)
		f.Add(contentType, body)
	}
	f.Add("multipart/form-data; boundary=a", []byte("--a\r\nContent-Disposition: form-data; name=\"metadata[a][][b][]\"\r\n\r\n1\r\n--a--"))
	f.Add("multipart/form-data; boundary=a", []byte("--a\r\nContent-Disposition: form-data; name=\"metadata.0.0\"\r\n\r\n1\r\n--a--"))
	f.Add("multipart/form-data; boundary=a", []byte("--a\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\nnull\r\n--a--"))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		up, err := decodeUpload(contentType, body)
		if err != nil {
			return
		}
		mods, _, errs := up.modules()
		if len(errs) == 0 && up.meta.MainModule != "" && (len(mods) == 0 || mods[0].Name != strings.TrimPrefix(up.meta.MainModule, "./")) {
			t.Errorf("the first module is not the main one: %q", up.meta.MainModule)
		}
		if _, err := up.meta.Migrations.migrate(nil); err != nil {
			return
		}
		shown(nil)
	})
}

// A module may have a name that begins as metadata does.
func TestModuleNamedMetadata(t *testing.T) {
	up, err := decodeUpload(form(t, sent{name: "metadata", content: `{"main_module":"metadata.js"}`}, sent{"metadata.js", "metadata.js", esm, "code"}))
	if err != nil {
		t.Fatal(err)
	}
	if mods, _, errs := up.modules(); len(errs) > 0 || len(mods) != 1 || mods[0].Name != "metadata.js" {
		t.Error(mods, errs)
	}
}
