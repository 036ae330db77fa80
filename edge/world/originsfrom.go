package world

import (
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/internal/nearest"
)

// originsFrom reads the compose files of origins_from, and makes an origin of each
// address that containers use and a published port stands for. What origins says of an
// address itself holds.
func (d *draft) originsFrom(at placed, files []string, lookup func(string) (string, bool)) {
	if len(files) == 0 {
		return
	}
	c := &compose{services: map[string]*composeService{}}
	d.compose = c
	for i, file := range files {
		at := at
		if len(files) > 1 {
			at = at.item(i)
		}
		d.readCompose(c, at, file, lookup)
	}
	d.fillOrigins()
}

// fillOrigins makes the origins that the compose files stand for.
func (d *draft) fillOrigins() {
	taken := map[string]bool{}
	for _, o := range d.origins {
		taken[dials(o.Value.(*Origin).From)] = true
	}
	for _, s := range d.compose.order {
		for _, p := range s.ports {
			if p.published == 0 {
				continue
			}
			for _, name := range s.names {
				o := &Origin{From: "tcp://" + net.JoinHostPort(name, strconv.Itoa(int(p.target))), To: "tcp://" + p.address()}
				if addr := dials(o.From); !taken[addr] {
					taken[addr] = true
					d.origins = append(d.origins, p.at.document(o))
				}
			}
		}
	}
}

func (d *draft) readCompose(c *compose, at placed, file string, lookup func(string) (string, bool)) {
	fail := func(found, hint string) {
		m := at.src.mark(at.node)
		d.probs.add(at.src, Error{Mark: m, Field: at.path.String(), Found: "the file " + quote(file) + ", " + found, Hint: hint})
	}
	if !d.disk {
		fail("where no file can be read", "")
		return
	}
	name := resolvePath(d.dir, file)
	src, bad := readFile(name)
	if bad != nil {
		if bad.Mark.Line > 0 {
			d.probs.add(nil, *bad)
			return
		}
		fail("which cannot be read: "+bad.Found, "the name is relative to "+orHere(d.dir))
		d.files = append(d.files, name)
		return
	}
	d.reads(src)
	c.files = append(c.files, name)
	d.decodeCompose(c, src, d.composeEnv(c, lookup))
}

// decodeCompose reads one file's text.
func (d *draft) decodeCompose(c *compose, src *source, env func(string) (string, bool)) {
	root, bad := parse(src)
	if bad != nil {
		d.probs.add(src, *bad)
		return
	}
	r := &composeReader{decoder: newDecoder(src, &d.probs), into: c, env: env, dir: filepath.Dir(src.name)}
	r.read(root)
}

// composeEnv is the environment with .env beneath it, which lies beside the first file.
func (d *draft) composeEnv(c *compose, lookup func(string) (string, bool)) func(string) (string, bool) {
	name := filepath.Join(filepath.Dir(c.files[0]), ".env")
	if !exists(name) {
		d.looked = append(d.looked, name)
		return lookup
	}
	src, bad := readFile(name)
	if bad != nil {
		return lookup
	}
	if len(c.files) == 1 {
		d.reads(src)
	}
	vars := dotenv(string(src.data), lookup)
	return func(name string) (string, bool) {
		if v, ok := lookup(name); ok {
			return v, true
		}
		v, ok := vars[name]
		return v, ok
	}
}

// reviewCompose looks for ingress rules that dial a service of the compose files on a
// port that is not published, and for names that are almost one.
func (d *draft) reviewCompose() {
	if d.compose == nil {
		return
	}
	known := map[string]bool{}
	for _, o := range d.origins {
		known[dials(o.Value.(*Origin).From)] = true
	}
	by := map[string]*composeService{}
	for _, s := range d.compose.order {
		for _, name := range s.names {
			if by[name] == nil {
				by[name] = s
			}
		}
	}
	said := map[string]bool{}
	for _, doc := range d.tunnels {
		cfg := doc.Value.(*Tunnel).Config
		if cfg == nil {
			continue
		}
		for i, rule := range cfg.Ingress {
			u, err := url.Parse(strings.ToLower(rule.Service))
			if err != nil || u.Hostname() == "" || strings.HasPrefix(u.Scheme, "unix") {
				continue
			}
			addr := dials(rule.Service)
			if known[addr] || said[addr] {
				continue
			}
			said[addr] = true
			src := d.fileOf(doc, cfg)
			at := ruleMark(src, cfg.At((&path{name: "ingress"}).item(i).key("service").String()))
			if s := by[u.Hostname()]; s != nil {
				d.unpublished(s, addr, rule.Service, at)
			} else if name := u.Hostname(); !strings.Contains(name, ".") && name != "localhost" {
				if near := nearest.Word(name, sortedKeys(by)); near != "" {
					d.probs.find(src, at, "no service of "+strings.Join(d.compose.files, ", ")+" is called "+quote(name), `did you mean "`+near+`"?`)
				}
			}
		}
	}
}

// unpublished says which line of the compose file would publish a port.
func (d *draft) unpublished(s *composeService, addr, service string, rule Mark) {
	if s.hosts {
		return // the container shares this machine's ports
	}
	_, text, _ := net.SplitHostPort(addr)
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return
	}
	mark, src := s.key, s.at.src
	line := quote("127.0.0.1:" + d.free(uint16(port)) + ":" + text)
	mend := "add ports: [" + line + "] to the service"
	if s.list.node != nil {
		mark, src = s.list.src.mark(s.list.node), s.list.src
		mend = "add " + line + " to its ports"
	}
	what := "publishes no port " + text
	for _, p := range s.ports {
		if p.target == uint16(port) {
			what, mend = "leaves it to Docker on which port "+text+" is published", "write "+line
			if mark, src = p.at.src.mark(p.at.node), p.at.src; len(p.unset) > 0 {
				what, mend = "publishes "+text+" on a port that no variable says", "set "+strings.Join(p.unset, ", ")+", or write "+line
			}
		}
	}
	d.probs.find(src, mark, "the service "+quote(s.name)+" "+what+", so "+service+" of the rule at "+rule.String()+" cannot be reached from here", mend)
}

// free is a port of this machine that no service publishes: the same as in the
// container where that is so.
func (d *draft) free(port uint16) string {
	taken := map[int]bool{}
	for _, s := range d.compose.order {
		for _, p := range s.ports {
			taken[int(p.published)] = true
		}
	}
	for _, n := range []int{int(port), 10000 + int(port), 20000 + int(port)} {
		if !taken[n] && n < 1<<16 {
			return strconv.Itoa(n)
		}
	}
	return "PORT"
}
