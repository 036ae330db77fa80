package world

// descriptions are what the schema says about types and their keys. They are
// read only.
var descriptions = map[string]string{
	"":                  "What exists in a lookalike of the Cloudflare edge. Every key may be left out. ${NAME} in a value stands for a variable of the environment.",
	"team":              "The team name: acme is acme.cloudflareaccess.com. Left out: from the organization's auth_domain or the first zone.",
	"account":           "The account that everything belongs to.",
	"workers_subdomain": "NAME.<this>.workers.dev.",
	"zones":             "DNS zones. Left out: one for each registrable domain of the tunnels' hostnames.",
	"tunnels":           "Tunnels. Left out: one for the cloudflared configuration found in the folder.",
	"access":            "Cloudflare Access.",
	"clients":           "Who requests come from, by name; default is who is not named.",
	"origins":           "Where dials really go, as http://grafana:3000 to http://127.0.0.1:13000.",
	"origins_from":      "A compose file, or a list of them, relative to this file: published ports fill origins.",
	"quirks":            "Surprises of the real thing that this world turns off (false) or on (true), by the names that sundog quirks lists.",
	"egress":            "What may be dialled outside this world, as api.github.com:443 or *.npmjs.org:443.",

	"world.account.id":   "32 hexadecimal digits. Left out: derived from the team.",
	"world.account.name": "Shown by tools.",

	"world.zone.name":         "example.com",
	"world.zone.id":           "32 hexadecimal digits. Left out: derived from the name.",
	"world.zone.name_servers": "Two names. Left out: two below ns.cloudflare.com.",
	"world.zone.records":      "DNS records. Left out: a proxied CNAME for each of the tunnels' hostnames in the zone.",

	"dnsemu.Record":          "A DNS record, as the REST API has it.",
	"dnsemu.Record.type":     "A, AAAA, CNAME or TXT.",
	"dnsemu.Record.name":     "Absolute, or relative to the zone; @ is the zone itself.",
	"dnsemu.Record.content":  "An address, a host name or a text. <tunnel id>.cfargotunnel.com leads to a tunnel.",
	"dnsemu.Record.proxied":  "Requests go through the edge. Needed for a tunnel.",
	"dnsemu.Record.ttl":      "Seconds; 1 is automatic.",
	"dnsemu.Record.priority": "Of MX and URI records.",

	"world.Tunnel":             "A tunnel. One with a configuration is routed in process.",
	"world.Tunnel.id":          "A UUID, or any text: a UUID is then derived from it.",
	"world.Tunnel.config_file": "A cloudflared config.yml, relative to this file.",
	"world.Tunnel.config":      "The REST API's configuration object; durations are whole seconds.",
	"world.Tunnel.transport":   "Whose limits requests show between edge and connector: auto, quic, http2, or none. Left out: the configuration's protocol.",
	"world.Tunnel.secret":      "Of a tunnel that a connector dials in for. Not supported by this version yet.",

	"world.access.organization":       "The Zero Trust organization, as the REST API has it.",
	"world.access.apps":               "Access applications, as the REST API has them.",
	"world.access.policies":           "Reusable policies, as the REST API has them; applications refer to them by name or id.",
	"world.access.identity_providers": "Ways to log in. The one there is, onetimepin, need not be listed.",

	"accessemu.Application.domain":   "A host, or host/path; may have wildcards.",
	"accessemu.Application.policies": "Policies in full, or names or ids of access.policies.",
	"accessemu.Policy.decision":      "allow, deny or bypass.",
	"accessemu.Policy.include":       "One of these must match.",
	"accessemu.Policy.exclude":       "None of these may match.",
	"accessemu.Policy.require":       "All of these must match.",
	"accessemu.Rule":                 "One selector and its value, as {email: {email: alice@example.com}}.",

	"world.Client.ip":      "Left out: the address of the connection.",
	"world.Client.country": "Two capital letters, or T1.",
	"world.Client.asn":     "The number of the network.",
}
