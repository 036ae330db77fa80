package worker

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/sundog-edge/sundog/edge/worker/js"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/workerd"
)

// Headers between the engine and the runtime.
const (
	schemeHeader   = "Sundog-Scheme"
	cfHeader       = "Sundog-Cf"
	threwHeader    = "Sundog-Threw"
	answeredHeader = "Sundog-Answered" // on what a Worker answered by itself
)

// dropOwn takes away what only the engine may say, or hear: of a client's request before it goes in, and of a
// Worker's before it goes out.
func dropOwn(h http.Header) {
	for name := range h {
		if strings.HasPrefix(name, "Sundog-") {
			delete(h, name)
		}
	}
}

// The engine's own services. A Worker's name has no colon.
const (
	engineService = "sundog:engine"
	intakeService = "sundog:intake"
	missingModule = "sundog:missing"
	// internet is what the runtime calls its own way out. It makes one where there is none, and reads every authority
	// that browsers trust for it, at each start; nothing here goes out by it.
	internet     = "internet"
	assetsSuffix = ":assets"
)

// Entrypoints of the engine's own Worker beside the default one, through which requests come.
const (
	tailEntrypoint     = "Tail"
	identityEntrypoint = "Identity"
	probeEntrypoint    = "Probe"
	vpcEntrypoint      = "VPC"
	callEntrypoint     = "Call"
	hopEntrypoint      = "Hop"
	serverEntrypoint   = "Server"
)

// ownDate is the compatibility date of the engine's own scripts, if the binary is not older: from it on errors
// keep their own properties on the way.
const ownDate = "2026-05-01"

// target is a way into a unit: a socket of the process.
type target struct {
	socket     string
	unit       *unit
	entrypoint string
	host       string          // authority that the transport dials the socket by
	binding    string          // of the engine's own Workers
	access     string          // the header that makes ctx.access
	direct     bool            // the socket leads to the code itself; false: the front Worker stands before it
	sources    func() *sources // of the unit; read once
}

// compiled is what a plan is to the runtime.
type compiled struct {
	config    workerd.Config
	targets   []*target
	endpoints map[endpointKey]bool // the sockets that the Workers' requests come out at
	stores    bool                 // something is kept on disk, so that two processes must not run at once
}

// compiler makes one.
type compiler struct {
	*compiled
	plan    *plan
	mark    string // no Worker knows it
	trial   bool   // nothing is to happen by itself
	storage string
	address func(endpointKey, *Caller) (string, error)
	files   func(u *unit) (string, error) // the folder of the unit's assets

	engine  workerd.Worker
	vpcs    int
	hops    int
	servers int
	shared  map[string]bool // services of storage that are there
	queues  map[string]queue
	queueIn []workerd.Binding
	crons   map[string][]string
	cronIn  []workerd.Binding
	err     error
}

func (c *compiler) compile() (*compiled, error) {
	c.compiled = &compiled{endpoints: map[endpointKey]bool{}}
	c.shared, c.queues, c.crons = map[string]bool{}, map[string]queue{}, map[string][]string{}
	c.engine = c.own("engine.js", "front.js", "tail.js", "identity.js", "probe.js", "vpc.js", "call.js", "codec.js", "hop.js", "server.js", "events.js")
	c.engine.Flags = []string{"service_binding_extra_handlers"}
	for _, u := range c.plan.units {
		if u.runs() {
			c.unit(u)
		}
	}
	c.around()
	c.socket("probe", workerd.Designator{Service: engineService, Entrypoint: probeEntrypoint})
	c.socket("call", workerd.Designator{Service: engineService, Entrypoint: callEntrypoint})
	return c.compiled, c.err
}

func text(name, value string) workerd.Binding { return workerd.Binding{Name: name, Text: &value} }

// own is a Worker of the engine's; the first script is the main one.
func (c *compiler) own(scripts ...string) workerd.Worker {
	w := workerd.Worker{Date: c.plan.own(), Outbound: intakeService}
	for _, name := range scripts {
		w.Modules = append(w.Modules, workerd.Module{Name: name, Kind: version.ESModule, Content: js.Content(name)})
	}
	return w
}

func (c *compiler) service(name string, w workerd.Worker) {
	c.config.Services = append(c.config.Services, workerd.Service{Name: name, Worker: &w})
}

// external is a service that leads to an endpoint of the engine's.
func (c *compiler) external(name string, key endpointKey, caller *Caller) {
	if c.shared[name] {
		return
	}
	c.shared[name] = true
	address, err := c.address(key, caller)
	if err != nil && c.err == nil {
		c.err = err
	}
	c.endpoints[key] = true
	c.config.Services = append(c.config.Services, workerd.Service{Name: name, External: &workerd.External{
		Address: address, HTTP: workerd.HTTP{SchemeHeader: schemeHeader, CFHeader: cfHeader},
	}})
}

func (c *compiler) socket(name string, to workerd.Designator, answers ...workerd.Header) {
	c.config.Sockets = append(c.config.Sockets, workerd.Socket{
		Name: name, Service: to, HTTP: workerd.HTTP{SchemeHeader: schemeHeader, CFHeader: cfHeader, InjectResponse: answers},
	})
}

// unit writes the services of a unit, and the ways into it.
func (c *compiler) unit(u *unit) {
	u.throwers = nil
	outbound := "sundog:out:" + u.service
	c.external(outbound, u.endpoint(fromWorker), u.caller())
	switch {
	case u.worker.Go != nil:
		c.goWorker(u)
	case len(u.version.Modules) > 0:
		c.code(u, outbound)
	}
	if u.version != nil && u.version.Assets != nil {
		c.assets(u)
	}
	c.target(u, "")
	if u.preview {
		return
	}
	for _, name := range u.worker.Entrypoints {
		if name != "" && name != "default" && u.exports(name) {
			c.target(u, name)
		}
	}
}

// endpoint is where requests of the unit come out.
func (u *unit) endpoint(kind int) endpointKey {
	return endpointKey{kind: kind, worker: u.worker.Name, version: u.id()}
}

func (u *unit) id() string {
	if u.version == nil {
		return ""
	}
	return u.version.ID
}

// caller is what Outbound hears of the unit's requests.
func (u *unit) caller() *Caller {
	return &Caller{Worker: u.worker.Name, Version: u.id(), Zone: u.worker.Zone}
}

// exports says whether the main module may have the entrypoint.
func (u *unit) exports(name string) bool {
	if _, refused := u.learned["entrypoint "+name]; refused {
		return false
	}
	return u.version == nil || u.version.Exports == nil || contains(u.version.Exports, name)
}

func (c *compiler) target(u *unit, entrypoint string) {
	n := strconv.Itoa(len(c.targets))
	to := c.entry(u, entrypoint)
	c.engine.Bindings = append(c.engine.Bindings, workerd.Binding{Name: "T" + n, Service: &to})
	t := &target{
		socket: "t" + n, unit: u, entrypoint: entrypoint, host: "t" + n, binding: "T" + n, access: c.accessHeader(u), direct: u.worker.Go == nil,
		sources: sync.OnceValue(func() *sources { return sourcesOf(u.version) }),
	}
	c.targets = append(c.targets, t)
	if !t.direct {
		c.socket(t.socket, workerd.Designator{Service: engineService, Props: props("to", t.binding)})
		return
	}
	c.socket(t.socket, to, workerd.Header{Name: answeredHeader, Value: "yes"}, workerd.Header{Name: t.access, Remove: true})
}

// accessHeader is what the runtime makes ctx.access of in one Worker, wherever the request comes from. A Worker can
// put any header on what it sends through a binding, so each has a name of its own, of which the others know nothing:
// what opens a Worker is in the requests to that Worker alone.
func (c *compiler) accessHeader(u *unit) string {
	h := hmac.New(sha256.New, []byte(c.mark))
	h.Write([]byte(u.service))
	return http.CanonicalHeaderKey("Sundog-Access-" + hex.EncodeToString(h.Sum(nil)[:16]))
}

// entry is the service that a request for the unit goes to first.
func (c *compiler) entry(u *unit, entrypoint string) workerd.Designator {
	if entrypoint == "" && u.version != nil && u.version.Assets != nil {
		return workerd.Designator{Service: u.service + assetsSuffix}
	}
	return workerd.Designator{Service: u.service, Entrypoint: entrypoint}
}

// code is the user's Worker.
func (c *compiler) code(u *unit, outbound string) {
	v := u.version
	w := workerd.Worker{
		Date: u.date, Flags: v.CompatibilityFlags, Outbound: outbound,
		AccessHeader:   c.accessHeader(u),
		AccessIdentity: &workerd.Designator{Service: engineService, Entrypoint: identityEntrypoint},
		Tails:          []workerd.Designator{{Service: engineService, Entrypoint: tailEntrypoint, Props: props("worker", u.worker.Name, "version", v.ID)}},
	}
	for _, m := range v.Modules {
		w.Modules = append(w.Modules, workerd.Module{Name: m.Name, Kind: m.Kind, Content: m.Content})
	}
	for _, b := range u.bindings() {
		w.Bindings = append(w.Bindings, c.binding(u, b))
	}
	c.objects(u, &w)
	c.service(u.service, w)
	if !u.preview {
		c.events(u)
	}
}

// around adds the services that stand around the Workers.
func (c *compiler) around() {
	c.storageServices()
	c.external(intakeService, endpointKey{kind: fromTail}, nil)
	if c.plan.owner(internet) == nil { // a Worker may have the name
		c.external(internet, endpointKey{kind: fromTail}, nil)
	}
	c.engine.Bindings = append(c.engine.Bindings, text("mark", c.mark),
		workerd.Binding{Name: "engine", Service: &workerd.Designator{Service: intakeService}})
	c.service(engineService, c.engine)
	c.config.Extensions = []workerd.Extension{{Name: missingModule, Content: string(js.Content("missing.js"))}}
}

// props is a JSON object of pairs.
func props(pairs ...string) string {
	object := make(map[string]string, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		object[pairs[i]] = pairs[i+1]
	}
	b, _ := json.Marshal(object) // strings have a form always
	return string(b)
}
