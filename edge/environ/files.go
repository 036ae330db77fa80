package environ

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/internal/private"
)

// Paths are the files that variables point at, absolute.
type Paths struct {
	CA     string // ca.pem: the CA alone
	Bundle string // bundle.pem: roots and the CA
	Cert   string // cert.pem: cloudflared's account certificate
}

// Contents is what Materialize writes. An empty part is not written and has
// no path.
type Contents struct {
	CA   []byte // PEM
	Cert *Cert  // nil: none
	// Inherited is the environment that says which roots the user trusts (see
	// Bundle). nil: the system's.
	Inherited []string
}

// replacing are the variables whose file a client trusts alone.
var replacing = [...]string{"SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO", "AWS_CA_BUNDLE"}

// systemRoots are where systems keep their roots as one file; the first that
// exists is taken.
var systemRoots = [...]string{
	"/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Arch
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora, RHEL
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem", // openSUSE
	"/etc/ssl/cert.pem",      // Alpine, macOS, BSD
}

// Materialize writes ca.pem, bundle.pem (0644) and cert.pem (0600, it holds a
// token) into dir, which is made 0700 if it is missing and must belong to
// this user alone otherwise. Each file is renamed into place. Warnings name
// files of the user's that could not be read into the bundle.
func Materialize(dir string, c Contents) (p Paths, warnings []string, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return p, nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return p, nil, err
	}
	if err := private.CheckDir(dir); err != nil {
		return p, nil, err
	}
	write := func(path *string, name string, data []byte, mode os.FileMode) {
		if err != nil {
			return
		}
		*path = filepath.Join(dir, name)
		err = private.Replace(*path, data, mode)
	}
	if len(c.CA) > 0 {
		write(&p.CA, "ca.pem", c.CA, 0o644)
		bundle, notes := Bundle(c.CA, c.Inherited)
		warnings = notes
		write(&p.Bundle, "bundle.pem", bundle, 0o644)
	}
	if c.Cert != nil {
		data, perr := c.Cert.PEM()
		if perr != nil {
			return p, warnings, perr
		}
		write(&p.Cert, "cert.pem", data, 0o600)
	}
	return p, warnings, err
}

// Bundle is the roots that the inherited environment's replacing variables
// name, or the system's where they name none, followed by ca. Certificates
// that the variables name are taken once. Where there are no roots as a file, it is ca alone.
func Bundle(ca []byte, inherited []string) (bundle []byte, warnings []string) {
	var files []string
	for _, want := range replacing {
		for _, kv := range inherited {
			if name, value, _ := strings.Cut(kv, "="); name == want && value != "" {
				files = append(files, value)
			}
		}
	}
	seen := map[[sha256.Size]byte]bool{}
	var out bytes.Buffer
	add := func(data []byte) (n int) {
		out.Grow(len(data))
		for {
			var block *pem.Block
			if block, data = pem.Decode(data); block == nil {
				return n
			}
			if sum := sha256.Sum256(block.Bytes); block.Type == "CERTIFICATE" && !seen[sum] {
				seen[sum] = true
				pem.Encode(&out, &pem.Block{Type: block.Type, Bytes: block.Bytes})
				n++
			}
		}
	}
	for i, file := range files {
		if slices.Contains(files[:i], file) {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			warnings = append(warnings, fmt.Sprintf("the bundle lacks the roots of %s: %v", file, err))
			continue
		}
		add(data)
	}
	if out.Len() == 0 { // the system's file is taken as it is: to look at each of its roots takes longer than all else here
		for _, file := range systemRoots {
			if data, err := os.ReadFile(file); err == nil && bytes.Contains(data, []byte("-----BEGIN CERTIFICATE-----\n")) {
				out.Write(bytes.TrimRight(data, "\n"))
				out.WriteByte('\n')
				break
			}
		}
	}
	add(ca)
	return out.Bytes(), warnings
}

// Cert is what cloudflared's cert.pem holds. It never names an endpoint: that
// would override TUNNEL_API_URL.
type Cert struct {
	ZoneID    string // 32 hex digits, required
	AccountID string // 32 hex digits, required
	APIToken  string // required
}

// PEM is the file's content, one block.
func (c *Cert) PEM() ([]byte, error) {
	if c.ZoneID == "" || c.AccountID == "" || c.APIToken == "" {
		return nil, errors.New("cert.pem needs a zone id, an account id and a token: cloudflared takes none without")
	}
	data, err := json.Marshal(struct {
		ZoneID    string `json:"zoneID"`
		AccountID string `json:"accountID"`
		APIToken  string `json:"apiToken"`
	}{c.ZoneID, c.AccountID, c.APIToken})
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "ARGO TUNNEL TOKEN", Bytes: data}), nil
}
