package tunnelemu

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/sundog-edge/sundog/internal/lazyregexp"
)

// warpTag is one header that the connector adds to every request.
type warpTag struct {
	name   string
	values []string
}

var tagForm = lazyregexp.New(`^([A-Za-z0-9_.-]+)=([^\x00-\x1f\x7f]+)$`)

// warpTags are the connector's id and the `tag` flag's entries.
func (c *Config) warpTags(connector string) ([]warpTag, Errors) {
	tags := []warpTag{{"Cf-Warp-Tag-Id", []string{connector}}}
	list, _ := c.Settings["tag"].([]any)
	var errs Errors
	for i, entry := range list {
		m := tagForm.FindStringSubmatch(fmt.Sprint(entry))
		if m == nil {
			field := fmt.Sprintf("tag[%d]", i)
			errs = append(errs, c.errorAt(field, &Error{Class: ClassTag, Found: quoted(fmt.Sprint(entry)), Allowed: "NAME=VALUE, a name of letters, digits, dot, dash and underscore"}))
			continue
		}
		name := http.CanonicalHeaderKey("Cf-Warp-Tag-" + m[1])
		if same := slices.IndexFunc(tags, func(t warpTag) bool { return t.name == name }); same >= 0 {
			tags[same].values = append(tags[same].values, m[2])
		} else {
			tags = append(tags, warpTag{name, []string{m[2]}})
		}
	}
	return tags, errs
}
