package api

import (
	"bytes"
	"encoding/base64"
	"io"
)

// assetsSession begins the upload of a Worker's static files.
func (c *call) assetsSession() (any, error) {
	var in struct {
		Manifest map[string]struct {
			Hash string `json:"hash"`
			Size int64  `json:"size"`
		} `json:"manifest"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	manifest := map[string]string{}
	for path, f := range in.Manifest {
		manifest[path] = f.Hash
	}
	if err := checkManifest(manifest); err != nil {
		return nil, err
	}
	token, missing, err := c.uploads.begin(manifest)
	if err != nil {
		return nil, err
	}
	buckets := [][]string{}
	if len(missing) > 0 {
		buckets = append(buckets, missing)
	}
	return object{"jwt": token, "buckets": buckets}, nil
}

// uploadAssets takes files of a session, a part each, named by its hash. The credential is the session's.
func (c *call) uploadAssets() (any, error) {
	token, f := bearer(c.r)
	if f != nil {
		return nil, f
	}
	s, err := c.uploads.session(token)
	if err != nil {
		return nil, err
	}
	parts, err := readParts(c.r.Header.Get("Content-Type"), c.body)
	if err != nil {
		return nil, err
	}
	expected := map[string]bool{}
	for _, hash := range s.manifest {
		expected[hash] = true
	}
	for _, p := range parts {
		if !expected[p.name] {
			return nil, badRequest(10021, "the file %q is not in the manifest of its session", p.name)
		}
		content := p.content
		if c.query.Get("base64") == "true" {
			if content, err = io.ReadAll(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(content))); err != nil {
				return nil, badRequest(10021, "the file %q is no base64: %v", p.name, err)
			}
		}
		media := p.contentType
		if media == "application/null" { // a file whose type is unknown
			media = ""
		}
		c.uploads.add(p.name, media, content)
	}
	return object{"jwt": token}, nil
}

func (c *call) pagesUploadToken() (any, error) {
	if c.project() == nil {
		return nil, noProject(c.arg("project"))
	}
	token, _, err := c.uploads.begin(nil)
	if err != nil {
		return nil, err
	}
	return object{"jwt": token}, nil
}

// pagesSession lets the holder of an upload token in.
func (c *call) pagesSession() error {
	token, f := bearer(c.r)
	if f != nil {
		return f
	}
	_, err := c.uploads.session(token)
	return err
}

type hashes struct {
	Hashes []string `json:"hashes"`
}

func (c *call) pagesMissing() (any, error) {
	if err := c.pagesSession(); err != nil {
		return nil, err
	}
	var in hashes
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	return c.uploads.ask(in.Hashes), nil
}

func (c *call) pagesUpload() (any, error) {
	if err := c.pagesSession(); err != nil {
		return nil, err
	}
	var in []struct {
		Key      string `json:"key"`
		Value    string `json:"value"`
		Base64   bool   `json:"base64"`
		Metadata struct {
			ContentType string `json:"contentType"`
		} `json:"metadata"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	for _, f := range in {
		content := []byte(f.Value)
		if f.Base64 {
			var err error
			if content, err = base64.StdEncoding.DecodeString(f.Value); err != nil {
				return nil, badRequest(8000000, "the file %q is no base64: %v", f.Key, err)
			}
		}
		if f.Key == "" {
			return nil, badRequest(8000000, "a file has no key")
		}
		c.uploads.add(f.Key, f.Metadata.ContentType, content)
	}
	return object{"successful_key_count": len(in), "unsuccessful_keys": []string{}}, nil
}

// pagesKeep says that files are still used.
func (c *call) pagesKeep() (any, error) {
	if err := c.pagesSession(); err != nil {
		return nil, err
	}
	var in hashes
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if missing := c.uploads.ask(in.Hashes); len(missing) > 0 {
		return nil, badRequest(8000000, "files are missing that were to be kept, %q among them", missing[0])
	}
	return true, nil
}
