package worker

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/workerd"
)

func contains(list []string, s string) bool { return slices.Contains(list, s) }

// binding is one name of env. What leads nowhere becomes a thrower: the Worker starts, and says what is missing
// once it uses it.
func (c *compiler) binding(u *unit, b version.Binding) workerd.Binding {
	if why, refused := u.learned[b.Name]; refused {
		return c.thrower(u, b, b.Name+" -> "+why+place(b))
	}
	switch b.Type {
	case "plain_text", "secret_text":
		return text(b.Name, b.Text)
	case "json":
		if !json.Valid(b.JSON) {
			return c.thrower(u, b, b.Name+" holds no JSON"+place(b))
		}
		return workerd.Binding{Name: b.Name, JSON: string(b.JSON)}
	case "service":
		return c.serviceBinding(u, b)
	case "vpc_service", "vpc_network":
		return c.vpcBinding(u, b)
	case "version_metadata":
		return workerd.Binding{Name: b.Name, JSON: metadata(u.version)}
	case "kv_namespace", "d1", "queue":
		return c.stored(u, b)
	case "durable_object_namespace":
		return c.object(u, b)
	case "assets":
		if u.version.Assets == nil {
			return c.thrower(u, b, b.Name+" -> the Worker has no assets"+place(b))
		}
		return workerd.Binding{Name: b.Name, Service: &workerd.Designator{Service: u.service + assetsSuffix, Entrypoint: "AssetWorker"}}
	}
	return c.thrower(u, b, fmt.Sprintf("%s -> nothing stands for a binding of type %s here%s", b.Name, b.Type, place(b)))
}

// place is where a binding is written, in brackets.
func place(b version.Binding) string {
	if b.At == "" {
		return ""
	}
	return " (" + b.At + ")"
}

// thrower is a binding that throws whatever is called on it.
func (c *compiler) thrower(u *unit, b version.Binding, why string) workerd.Binding {
	u.throwers = append(u.throwers, Thrower{Binding: b.Name, Type: b.Type, Text: why, At: b.At})
	return workerd.Binding{Name: b.Name, Wrapped: &workerd.Wrapped{
		Module: missingModule, Inner: []workerd.Binding{text("text", why)},
	}}
}

// serviceBinding leads to what production serves of another Worker.
func (c *compiler) serviceBinding(u *unit, b version.Binding) workerd.Binding {
	entrypoint := b.Entrypoint
	if entrypoint == "default" {
		entrypoint = ""
	}
	to := c.plan.live[b.Service]
	switch {
	case to == nil:
		return c.thrower(u, b, b.Name+" -> "+b.Service+" is not in this world"+place(b))
	case to.worker.URL != "":
		name := "sundog:server:" + u.service + ":" + b.Service
		key, caller := u.endpoint(fromWorker), u.caller()
		key.server, caller.Server = to.worker.Name, to.worker.URL
		c.external(name, key, caller)
		n := "S" + strconv.Itoa(c.servers)
		c.servers++
		c.engine.Bindings = append(c.engine.Bindings, workerd.Binding{Name: n, Service: &workerd.Designator{Service: name}})
		why := fmt.Sprintf("%s -> %s runs in a dev server (%s), which takes fetch() and no RPC%s", b.Name, b.Service, to.worker.URL, place(b))
		return workerd.Binding{Name: b.Name, Service: &workerd.Designator{Service: engineService, Entrypoint: serverEntrypoint, Props: props("to", n, "text", why)}}
	case !to.runs():
		return c.thrower(u, b, fmt.Sprintf("%s -> %s did not start: %s%s", b.Name, b.Service, firstLine(to.err), place(b)))
	case entrypoint != "" && to.worker.Go != nil:
		return c.thrower(u, b, fmt.Sprintf("%s -> %s has no entrypoint %s: Go code has the default one alone%s", b.Name, b.Service, entrypoint, place(b)))
	case entrypoint != "" && to.version.Exports != nil && !contains(to.version.Exports, entrypoint):
		return c.thrower(u, b, fmt.Sprintf("%s -> %s has no entrypoint %s, only %s%s", b.Name, b.Service, entrypoint, strings.Join(to.version.Exports, ", "), place(b)))
	}
	d := c.entry(to, entrypoint)
	if len(b.Props) > 0 && !json.Valid(b.Props) {
		return c.thrower(u, b, b.Name+" has props that are no JSON"+place(b))
	}
	if len(b.Props) > 0 && string(b.Props) != "null" {
		d.Props = string(b.Props)
	}
	if c.plan.leads(to, u) {
		n := "H" + strconv.Itoa(c.hops)
		c.hops++
		c.engine.Bindings = append(c.engine.Bindings, workerd.Binding{Name: n, Service: &d})
		return workerd.Binding{Name: b.Name, Service: &workerd.Designator{Service: engineService, Entrypoint: hopEntrypoint, Props: props("to", n, "name", b.Service)}}
	}
	return workerd.Binding{Name: b.Name, Service: &d}
}

// leads says whether requests of one unit can come to the other through bindings, over others or straight.
func (p *plan) leads(from, to *unit) bool {
	seen := map[*unit]bool{from: true}
	for next := []*unit{from}; len(next) > 0; {
		u := next[0]
		next = next[1:]
		if u == to {
			return true
		}
		if u.version == nil {
			continue
		}
		for _, b := range u.bindings() {
			name := ""
			switch b.Type {
			case "service":
				name = b.Service
			case "durable_object_namespace":
				name = b.ScriptName
			}
			if v := p.live[name]; v != nil && !seen[v] {
				seen[v] = true
				next = append(next, v)
			}
		}
	}
	return false
}

func firstLine(err error) string {
	if err == nil {
		return "it has no code"
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

func metadata(v *version.Version) string {
	stamp := ""
	if !v.Created.IsZero() {
		stamp = v.Created.UTC().Format(time.RFC3339Nano)
	}
	return props("id", v.ID, "tag", v.Annotations["workers/tag"], "timestamp", stamp)
}

// vpcBinding sends what is fetched through it to Outbound, by an endpoint of its own.
func (c *compiler) vpcBinding(u *unit, b version.Binding) workerd.Binding {
	n := "V" + strconv.Itoa(c.vpcs)
	c.vpcs++
	name := "sundog:vpc:" + u.service + ":" + b.Name
	key, caller := u.endpoint(fromWorker), u.caller()
	key.binding, caller.VPC = b.Name, &b
	c.external(name, key, caller)
	c.engine.Bindings = append(c.engine.Bindings, workerd.Binding{Name: n, Service: &workerd.Designator{Service: name}})
	return workerd.Binding{Name: b.Name, Service: &workerd.Designator{Service: engineService, Entrypoint: vpcEntrypoint, Props: props("to", n)}}
}
