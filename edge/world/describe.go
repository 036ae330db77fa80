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
	"people":            "Who can log in without typing: the login page lists them, and commands complete their addresses. Policies decide about them as about anybody.",
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
	"dnsemu.Record.type":     "A, AAAA, CAA, CERT, CNAME, DNSKEY, DS, HTTPS, LOC, MX, NAPTR, NS, OPENPGPKEY, PTR, SMIMEA, SRV, SSHFP, SVCB, TLSA, TXT or URI.",
	"dnsemu.Record.name":     "Absolute, or relative to the zone; @ is the zone itself.",
	"dnsemu.Record.content":  "An address, a host name or a text. <tunnel id>.cfargotunnel.com leads to a tunnel.",
	"dnsemu.Record.proxied":  "Requests go through the edge. Needed for a tunnel.",
	"dnsemu.Record.ttl":      "Seconds; 1 is automatic.",
	"dnsemu.Record.priority": "Of MX, SRV and URI records.",
	"dnsemu.Record.data":     "The content in its parts, of the types that have them, as {flags: 0, tag: issue, value: ca.example} of a CAA record.",
	"dnsemu.Record.settings": "How this one record is answered.",

	"dnsemu.RecordSettings.ipv4_only":     "A proxied name has no AAAA.",
	"dnsemu.RecordSettings.ipv6_only":     "A proxied name has no A.",
	"dnsemu.RecordSettings.flatten_cname": "The CNAME is not shown, only what it leads to.",

	"world.zone.dns_settings":               "How the zone answers, as the REST API has it.",
	"dnsemu.DNSSettings.flatten_all_cnames": "No CNAME of the zone is shown, only what it leads to.",
	"dnsemu.DNSSettings.multi_provider":     "NS records at the zone's own name are answered too.",
	"dnsemu.SOA.min_ttl":                    "Seconds that a negative answer may be cached, 60 to 86400. Left out: 2, so that a record made while you work is seen; the real zones have 1800.",

	"world.Tunnel":             "A tunnel. One with a configuration is routed in process.",
	"world.Tunnel.id":          "A UUID, or any text: a UUID is then derived from it.",
	"world.Tunnel.config_file": "A cloudflared config.yml, relative to this file.",
	"world.Tunnel.config":      "The REST API's configuration object; durations are whole seconds.",
	"world.Tunnel.transport":   "Whose limits requests show between edge and connector: auto, quic, http2, or none. Left out: the configuration's protocol.",
	"world.Tunnel.secret":      "32 bytes or more in base64, which a real connector shows; without config_file only a connector serves the tunnel. Left out: made for each run.",

	"world.access.organization":       "The Zero Trust organization, as the REST API has it.",
	"world.access.apps":               "Access applications, as the REST API has them.",
	"world.access.policies":           "Reusable policies, as the REST API has them; applications refer to them by name or id.",
	"world.access.identity_providers": "Ways to log in, as the REST API has them. None: one-time PINs. Any: onetimepin only when it is listed.",

	"world.access.groups":         "Rule groups, as the REST API has them; rules refer to them by id or name.",
	"world.access.lists":          "Lists of addresses, as the REST API has them; rules refer to them by id or name.",
	"world.access.service_tokens": "Service tokens, as the REST API has them; rules refer to them by id or name.",
	"world.access.custom_pages":   "Pages in place of Access's own, as the REST API has them.",

	"world.access.seats":          "How many people may have signed in; who comes later is refused until sundog expire seat frees one. Left out: any number.",
	"world.access.logout_latency": "How long application tokens outlive a logout, as 25s; the real network takes 20 to 30 seconds. Left out: not at all.",
	"world.access.key_rotation":   "How long a key signs, as 1008h, which is the default: six weeks. The one before verifies for seven days more.",

	"accessemu.ServiceToken.client_id":                         "32 hexadecimal digits and .access. Left out: derived from the name.",
	"accessemu.ServiceToken.client_secret":                     "${NAME} keeps it out of the file. Left out, and without client_secret_hash: made anew for each run, and printed once.",
	"accessemu.ServiceToken.client_secret_hash":                "SHA-256 of the secret, in place of the secret.",
	"accessemu.ServiceToken.previous_client_secret_expires_at": "Until when the secret before a rotation works, as 2030-01-02T15:04:05Z.",
	"accessemu.ServiceToken.duration":                          "As 8760h, which is the default, or forever.",
	"accessemu.List.type":                                      "EMAIL or IP.",
	"accessemu.IdentityProvider.type":                          "onetimepin, oidc, github, google or google-apps.",
	"accessemu.IdentityProvider.config":                        "Without auth_url the lookalike plays the provider, on a page of its own.",
	"accessemu.CustomPage.type":                                "identity_denied or forbidden.",

	"accessemu.Application.domain":   "A host, or host/path; may have wildcards.",
	"accessemu.Application.policies": "Policies in full, or names or ids of access.policies.",
	"accessemu.Policy.decision":      "allow, deny, bypass, or non_identity (Service Auth).",
	"accessemu.Policy.include":       "One of these must match.",
	"accessemu.Policy.exclude":       "None of these may match.",
	"accessemu.Policy.require":       "All of these must match.",
	"accessemu.Rule":                 "One selector and its value, as {email: {email: alice@example.com}}.",

	"accessemu.Person.email":   "Nobody else has it.",
	"accessemu.Person.name":    "Shown on the login page, and name of the identity.",
	"accessemu.Person.groups":  "groups of the identity.",
	"accessemu.Person.claims":  "oidc_fields of the identity.",
	"accessemu.Person.country": "Two capital letters, or T1: where requests of sundog login and exec --as come from.",
	"accessemu.Person.idp":     "Identity provider by id, name or type. Left out: any.",

	"world.Client.ip":             "Left out: the address of the connection.",
	"world.Client.country":        "Two capital letters, or T1.",
	"world.Client.asn":            "The number of the network.",
	"world.Client.device_posture": "Posture checks that the device passes, by their integration_uid.",
}
