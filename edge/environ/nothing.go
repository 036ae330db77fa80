package environ

import (
	"net"
	"slices"
	"strings"
)

// WhyNothing are the likely causes, the likeliest first, why an edge saw nothing of a CMD that ran inside it.
// There is always one.
func WhyNothing(argv []string, p *Plan) (causes []string) {
	if len(argv) == 0 {
		return nil
	}
	name := commandName(argv[0])
	if i := slices.IndexFunc(ignorers, func(i ignorer) bool { return slices.Contains(i.names, name) }); i >= 0 {
		causes = append(causes, name+" "+ignorers[i].why)
	} else if hint := Hint(argv, ""); hint != "" {
		causes = append(causes, hint)
	}
	for _, arg := range argv[1:] {
		flag, _, _ := strings.Cut(arg, "=")
		if slices.Contains([]string{"--noproxy", "--no-proxy", "--no-proxy-server"}, flag) {
			causes = append(causes, flag+" keeps it from the proxy")
		}
	}
	if kept := p.bypasses(); len(kept) > 0 {
		causes = append(causes, "the inherited NO_PROXY lets it go past the edge to "+strings.Join(kept, ", "))
	}
	return append(causes, "it sent no request, or only to this machine", "it, or what it starts, does not read HTTP_PROXY and HTTPS_PROXY")
}

// ignorer is a group of programs that do not read the proxy variables.
type ignorer struct {
	names []string
	why   string
}

var ignorers = []ignorer{
	{[]string{"dig", "kdig", "drill", "host", "nslookup"}, "asks a name server and sends no request; sundog dig NAME asks this world's"},
	{[]string{"getent", "ping", "ping6", "traceroute", "tracert", "mtr"}, "asks the system's resolver, which knows no name of this world; sundog dig NAME asks this world's"},
	{[]string{"nc", "ncat", "netcat", "telnet", "socat", "ssh", "openssl", "psql", "mysql", "redis-cli", "grpcurl", "websocat", "rsync", "nmap"},
		"opens connections of its own and reads no proxy variables"},
	{[]string{"java", "javac", "mvn", "mvnw", "gradle", "gradlew", "sbt", "kotlin", "jshell"},
		"reads -Dhttps.proxyHost and -Dhttps.proxyPort, and a trust store of its own, instead of the variables"},
	{[]string{"docker", "podman", "nerdctl", "docker-compose"}, "gives containers nothing of this environment; sundog env --format compose writes what a service needs"},
	{[]string{"python", "python3", "pytest", "uvicorn"}, "obeys the proxy with urllib, requests and httpx, with aiohttp only by trust_env=True"},
}

// bypasses are the entries of NO_PROXY that were inherited and that nobody but the user has asked for.
func (p *Plan) bypasses() (list []string) {
	if p == nil {
		return nil
	}
	admin, _, _ := net.SplitHostPort(p.input.Admin)
	own := append([]string{"localhost", "127.0.0.1", "::1", admin}, p.input.Origins...)
	for _, e := range strings.Split(p.NoProxy, ",") {
		if e != "" && !slices.Contains(own, e) {
			list = append(list, e)
		}
	}
	return list
}
