// Package wrangler reads the configuration files of wrangler: wrangler.json, wrangler.jsonc and
// wrangler.toml, with the environments and the local secrets beside them.
package wrangler
