// Package cookies writes the cookies of a login as other programs read them: Playwright
// ([StorageState]) and curl, wget and all that read Netscape's cookies.txt ([Netscape]).
package cookies

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/internal/private"
)

// StorageState is Playwright's storageState: {"cookies": […], "origins": []}.
func StorageState(list []admin.Cookie) []byte {
	if list == nil {
		list = []admin.Cookie{}
	}
	data, err := json.MarshalIndent(struct {
		Cookies []admin.Cookie `json:"cookies"`
		Origins []struct{}     `json:"origins"`
	}{list, []struct{}{}}, "", "  ")
	if err != nil {
		panic("cookies: " + err.Error()) // texts and numbers always have a JSON form
	}
	return append(data, '\n')
}

// Netscape is a cookies.txt. A cookie of one host has no dot before it and FALSE behind it; HttpOnly
// is a word before the line, which readers that do not know it take for a comment.
func Netscape(list []admin.Cookie) []byte {
	var b bytes.Buffer
	b.WriteString("# Netscape HTTP Cookie File\n")
	for _, c := range list {
		if c.HTTPOnly {
			b.WriteString("#HttpOnly_")
		}
		expires := int64(c.Expires)
		if expires < 0 {
			expires = 0 // with the session
		}
		fmt.Fprintf(&b, "%s\tFALSE\t%s\t%s\t%d\t%s\t%s\n", c.Domain, c.Path, truth(c.Secure), expires, c.Name, c.Value)
	}
	return b.Bytes()
}

func truth(b bool) string {
	if b {
		return "TRUE"
	}
	return "FALSE"
}

// WriteFile puts cookies, which open doors, into a file that only this user may read, whole or not at
// all. What is there is replaced, if it is a file or a link; anything else is an error.
func WriteFile(path string, data []byte) error {
	if fi, err := os.Lstat(path); err == nil && !fi.Mode().IsRegular() && fi.Mode().Type() != os.ModeSymlink {
		return fmt.Errorf("%s is %v: want a path for a file", path, fi.Mode().Type())
	}
	return private.Replace(path, data, 0o600)
}
