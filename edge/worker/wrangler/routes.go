package wrangler

import "strings"

// routes reads route or routes; an environment's replace those of the top level.
func (l *loader) routes() []Route {
	from := l.top
	if l.env.n != nil && (l.env.key("route").given() || l.env.key("routes").given()) {
		from = l.env
	}
	one, many := from.key("route"), from.key("routes")
	if one.given() && many.given() {
		one.fail("both route and routes", "one of them", "move it into routes")
	}
	var all []Route
	if one.given() {
		all = l.route(all, one)
	}
	for _, v := range many.items() {
		all = l.route(all, v)
	}
	return all
}

func (l *loader) route(all []Route, v value) []Route {
	if !v.given() {
		return all
	}
	r := Route{Enabled: true, At: v.r.src.mark(v.n.at)}
	at := v
	switch v.n.kind {
	case text:
		r.Pattern = v.n.text
	case mapping:
		v.only("pattern", "zone_id", "zone_name", "custom_domain", "enabled", "previews_enabled")
		r.Pattern = v.need("pattern")
		r.ZoneID, r.ZoneName = v.key("zone_id").text(), v.key("zone_name").text()
		r.CustomDomain = v.key("custom_domain").truth(false)
		r.Enabled, r.Previews = v.key("enabled").truth(true), v.key("previews_enabled").truth(false)
		if at = v.key("pattern"); !at.given() {
			return all
		}
	default:
		v.fail(v.describe(), `a pattern, as "example.com/api/*", or {"pattern": "api.example.com", "custom_domain": true}`, "")
		return all
	}
	if r.Pattern == "" {
		if v.n.kind == text {
			v.fail("an empty text", "a pattern, as example.com/api/*", "")
		}
		return all
	}
	if found, hint := patternTrouble(r.Pattern, r.CustomDomain); found != "" {
		allowed := "a pattern, as example.com/api/*"
		if r.CustomDomain {
			allowed = "a hostname, as api.example.com"
		}
		at.fail("the pattern "+quote(r.Pattern)+", "+found, allowed, hint)
		return all
	}
	return append(all, r)
}

// patternTrouble says why a text is no pattern of a route; empty: it is one.
func patternTrouble(pattern string, domain bool) (found, hint string) {
	bare := strings.TrimPrefix(strings.TrimPrefix(pattern, "https://"), "http://")
	if domain {
		switch {
		case bare != pattern:
			return "which has a scheme", "write " + strings.TrimSuffix(bare, "/")
		case strings.Contains(pattern, "*"):
			return "which has a wildcard; a Custom Domain is one hostname", "take custom_domain out to make it a route"
		case strings.Contains(pattern, "/"):
			host, _, _ := strings.Cut(pattern, "/")
			return "which has a path; a Custom Domain has all paths of its hostname", "write " + host
		}
	}
	host, path, hasPath := strings.Cut(bare, "/")
	switch {
	case strings.ContainsAny(pattern, "?#"):
		return "which has a query or a fragment", ""
	case strings.ContainsAny(pattern, " \t"):
		return "which has a space", ""
	case strings.Contains(bare, "://"):
		return "whose scheme is unknown", "http://, https:// or none"
	case host == "":
		return "which has no host", ""
	case strings.Contains(host, ":"):
		return "which has a port", "leave the port out: a route has all ports"
	case !hasPath && strings.HasSuffix(host, "*") && host != "*", strings.Contains(strings.TrimPrefix(host, "*"), "*"), strings.Contains(strings.TrimSuffix(path, "*"), "*"):
		return "which has a wildcard in its middle", "* may only stand at the start of the host and at the end of the path"
	}
	return "", ""
}
