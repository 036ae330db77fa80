package edge

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/internal/derive"
)

// quickZone is where quick tunnels have their names.
const quickZone = "trycloudflare.com"

// maxQuick bounds the quick tunnels of an edge.
const maxQuick = 64

// quicks are the quick tunnels of an edge. Each is a tunnel and a record of the world, for as long as somebody
// wants it.
type quicks struct {
	mu   sync.Mutex // guards what follows
	byID map[string]*quick
}

type quick struct {
	id, host, key string
	secret        []byte
	record        world.Key
}

// words make names that can be read aloud.
var words = strings.Fields(`amber autumn basin birch breeze bright brook canyon cedar clear clover copper coral crisp dawn delta
dune early echo ember fern field flint forest frost garden glade grove harbor hazel heron hollow island ivory jasper juniper
kelp lagoon lark linden lunar maple marsh meadow mellow mesa misty moss north ocean olive opal orchard otter pebble pine
quartz quiet rapid river sable sierra silver slate`)

// Quick makes a quick tunnel: a host below trycloudflare.com that a connector dials in for, until EndQuick.
func (e *Edge) Quick() (admin.Quick, error) {
	e.quick.mu.Lock()
	defer e.quick.mu.Unlock()
	if len(e.quick.byID) >= maxQuick {
		return admin.Quick{}, fmt.Errorf("there are %d quick tunnels already", maxQuick)
	}
	var b [16 + 32 + 16 + 4]byte
	if _, err := io.ReadFull(e.random, b[:]); err != nil {
		return admin.Quick{}, err
	}
	id := hex.EncodeToString(b[:16])
	q := &quick{
		id:     id[:8] + "-" + id[8:12] + "-4" + id[13:16] + "-8" + id[17:20] + "-" + id[20:],
		secret: append([]byte(nil), b[16:48]...), key: hex.EncodeToString(b[48:64]),
	}
	label := make([]string, 0, 4)
	for _, n := range b[64:] {
		label = append(label, words[int(n)%len(words)])
	}
	name := strings.Join(label, "-")
	q.host = name + "." + quickZone
	edits, err := e.quickDocuments(q, name)
	if err != nil {
		return admin.Quick{}, err
	}
	if err := e.Edit(edits...); err != nil {
		return admin.Quick{}, err
	}
	if e.quick.byID == nil {
		e.quick.byID = map[string]*quick{}
	}
	e.quick.byID[q.id] = q
	return admin.Quick{ID: q.id, Hostname: q.host, URL: "https://" + q.host, Service: "/quick/" + q.key}, nil
}

func (e *Edge) quickDocuments(q *quick, name string) (edits []world.Edit, err error) {
	s := e.snap.Load()
	zone := derive.Hex32("", "zone", quickZone)
	found := false
	for doc := range s.layers.All(world.KindZone) {
		if z := doc.Value.(*dnsemu.Zone); z.Name == quickZone {
			zone, found = z.ID, true
		}
	}
	rec := world.Record{ZoneID: zone, Record: dnsemu.Record{
		ID: derive.Hex32("", "dns_record", q.host), Type: "CNAME", Name: q.host, Content: q.id + tunnelSuffix, Proxied: true,
	}}
	values := []any{
		world.Tunnel{ID: q.id, Name: name, Secret: base64.StdEncoding.EncodeToString(q.secret), UUID: q.id}, rec,
	}
	if !found {
		values = append([]any{dnsemu.Zone{ID: zone, Name: quickZone}}, values...)
	}
	for _, v := range values {
		doc, err := world.NewDocument(v)
		if err != nil {
			return nil, err
		}
		if doc.Key.Kind == world.KindRecord {
			q.record = doc.Key
		}
		edits = append(edits, world.Edit{Put: doc})
	}
	return edits, nil
}

// EndQuick ends a quick tunnel and its name. It tells whether there was one.
func (e *Edge) EndQuick(id string) (bool, error) {
	e.quick.mu.Lock()
	defer e.quick.mu.Unlock()
	q := e.quick.byID[id]
	if q == nil {
		return false, nil
	}
	delete(e.quick.byID, id)
	edits := []world.Edit{{Delete: q.record}, {Delete: world.Key{Kind: world.KindTunnel, ID: q.id}}}
	zone := world.Key{Kind: world.KindZone, ID: derive.Hex32("", "zone", quickZone)}
	if doc, ok := e.snap.Load().layers.Get(zone); ok && len(e.quick.byID) == 0 && doc.Mark == (world.Mark{}) {
		edits = append(edits, world.Edit{Delete: zone}) // which no file has
	}
	return true, e.Edit(edits...)
}

// quickService answers cloudflared, which asks for a quick tunnel at a URL that only its starter knows.
func (e *Edge) quickService(key string) (http.HandlerFunc, error) {
	e.quick.mu.Lock()
	defer e.quick.mu.Unlock()
	for _, q := range e.quick.byID {
		if subtle.ConstantTimeCompare([]byte(q.key), []byte(key)) == 1 {
			account := e.snap.Load().settings.AccountID
			return func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				json.NewEncoder(w).Encode(quickAnswer{Success: true, Errors: []string{}, Result: quickResult{
					ID: q.id, Name: "qt-" + q.key[:8], Hostname: q.host, AccountTag: account, Secret: q.secret,
				}})
			}, nil
		}
	}
	return nil, errors.New("there is no such quick tunnel, or it has ended")
}

// quickAnswer is what the real service answers.
type quickAnswer struct {
	Success bool        `json:"success"`
	Result  quickResult `json:"result"`
	Errors  []string    `json:"errors"`
}

type quickResult struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Hostname   string `json:"hostname"`
	AccountTag string `json:"account_tag"`
	Secret     []byte `json:"secret"`
}
