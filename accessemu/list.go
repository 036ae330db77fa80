package accessemu

import (
	"cmp"
	"fmt"
	"net/netip"

	"github.com/sundog-edge/sundog/internal/derive"
)

// List is a list of addresses, with the REST API's field names. Rules refer to
// it by {"email_list": {"id": …}} or {"ip_list": {"id": …}}.
type List struct {
	ID    string     `json:"id,omitempty"` // UUID; empty: derived from the name
	Name  string     `json:"name"`
	Type  string     `json:"type"` // "EMAIL" or "IP"
	Items []ListItem `json:"items"`
}

// ListItem is one entry of a List.
type ListItem struct {
	Value       string `json:"value"` // an e-mail address; an IP address or range
	Description string `json:"description,omitempty"`
}

const (
	listEmail = "EMAIL"
	listIP    = "IP"
)

// list is a compiled list.
type list struct {
	doc      List
	emails   map[string]bool
	prefixes []netip.Prefix
}

func compileList(doc List, account string) (*list, error) {
	f := faults{kind: "list", id: doc.ID}
	if doc.Name == "" {
		f.add("name", `""`, "a name", "")
	}
	doc.ID = cmp.Or(doc.ID, derive.UUID(account, "list", doc.Name))
	f.id = doc.ID
	l := &list{doc: doc}
	switch doc.Type {
	case listEmail:
		l.emails = make(map[string]bool, len(doc.Items))
	case listIP:
	default:
		f.add("type", quote(doc.Type), either([]string{listEmail, listIP}), suggest(doc.Type, []string{listEmail, listIP}))
		return l, f.err()
	}
	for i, item := range doc.Items {
		at := fmt.Sprintf("items[%d].value", i)
		if doc.Type == listEmail {
			email, ok := canonicalEmail(item.Value)
			if !ok {
				f.add(at, quote(item.Value), `an e-mail address, as "alice@example.com"`, "")
			}
			l.emails[email] = true
		} else if p, ok := parsePrefix(item.Value); ok {
			l.prefixes = append(l.prefixes, p)
		} else {
			f.add(at, quote(item.Value), allowedPrefix, "")
		}
	}
	return l, f.err()
}

func (l *list) key() (id, name string) { return l.doc.ID, l.doc.Name }
