// Package world knows what exists: it reads sundog.yaml, cloudflared's
// config.yml and wrangler's files, or a folder of them, and yields documents that the edge compiles.
//
// A [World] is an immutable set of documents. [Load] reads one from disk,
// [Parse] and [MustParse] from memory, [New] and [Of] make one of Go values:
//
//	w, err := world.Load("testdata/dual-endpoint")
//	w := world.MustParse("zones: [{name: example.com}]")
//	w := world.Of(dnsemu.Zone{Name: "example.com"}, world.Client{Name: "default"})
//
// # Files
//
// The keys of sundog.yaml are in [Schema]. Its objects have the field names of
// the REST API and are decoded by the json tags of the fakes' own types, so a
// field added to a fake is a key here. JSON is read by the same rules. ${NAME}
// in a value is a variable of the environment, and $${ the text itself. Aliases
// and merge keys work, within bounds.
//
// What a file leaves out is inferred where another file says it: a cloudflared
// config.yml alone is a world, with a zone for each registrable domain of its
// hostnames and a proxied CNAME record for each hostname; beside a sundog.yaml
// that has no zones, or zones without records, or no tunnels, the same happens
// for that part. Inferred documents say so.
//
// A folder with a wrangler file is a Worker, or a Pages project; such folders one level
// down are found where sundog.yaml does not speak of them. A Custom Domain brings its
// record, as on the platform; a Route is given one in a zone that says nothing of records.
// Bindings are led to VPC services and tunnels by name or id, under services as well.
//
// Where the services of config.yml are containers of a compose file, origins_from names
// that file: an origin is made of each published TCP port, for every name by which other
// containers know the service. Compose's variables work there, from the environment and
// from .env. A rule that dials a port which is not published is a finding.
//
// Ids that no file gives derive from the account and the object's name, and are
// the same on every run. Record names are made absolute here.
//
// # Errors and findings
//
// Everything wrong is reported at once, as [Errors]: place, path of the field,
// what is there, what may be there, and a hint. Errors that only compiling finds
// get their places from [Document.Errors] and [Layers.Errors]. What is legal
// but probably a mistake is a [Finding]: it does not keep a world from loading.
//
// # Layers
//
// [Layers] are the documents of the files with edits over them, made by the API
// or by Go code. They are persistent: an edit costs the same whether there are
// ten documents or ten thousand.
//
// # Not modelled
//
// Wrangler files that appear in a folder beside the known ones are seen at the next load. Of compose files, include and extends from another file are not
// followed, which is a finding; links and network_mode: service are not looked at. Credentials files are never opened. Of findings about
// records only names and tunnels are looked at, not what origins outside answer.
package world
