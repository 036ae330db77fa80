package api

import "strings"

// absent are parts of the real API that are not here, by what begins or is in their paths, and what to do instead.
var absent = []struct{ part, instead string }{
	{"/storage/kv/", "KV namespaces need no making here: a binding to any id works. Their keys are read and written by Workers alone."},
	{"/d1/", "D1 databases need no making here: a binding to any id works. They are queried by Workers alone."},
	{"/queues", "Queues need no making here: a Worker that produces to one, or consumes it, is enough."},
	{"/r2/", "R2 is not supported yet: what a Worker calls on such a binding throws."},
	{"/cfd_tunnel", "Tunnels are not managed by the API yet: they stand in sundog.yaml under tunnels."},
	{"/tunnels", "Tunnels are not managed by the API yet: they stand in sundog.yaml under tunnels."},
	{"/dns_records", "DNS records are not managed by the API yet: they stand in sundog.yaml under zones."},
	{"/access/", "Access is not managed by the API yet: it stands in sundog.yaml under access, which sundog protect writes."},
}

// notServed is what a client that called a route of nobody's is told beside the real API's words: that the fault is
// not in its request.
func notServed(path string) apiError {
	text := "sundog does not serve this route. Those that it serves stand in its README under REST API."
	for _, a := range absent {
		if strings.Contains(path+"/", a.part) {
			text = "sundog does not serve this route. " + a.instead
			break
		}
	}
	return apiError{Code: 7000, Message: text}
}
