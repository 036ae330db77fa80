package listen

import (
	"net/http"
	"net/http/httputil"
)

// newForwarder forwards absolute-form requests. httputil.ReverseProxy removes
// the fields of the hop and carries upgrades; what it changes beyond that,
// because it thinks of itself as a gateway, is put back.
func newForwarder(dial DialFunc) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Transport: &http.Transport{
			DialContext:         dial,
			DisableCompression:  true,
			DisableKeepAlives:   true,
			TLSHandshakeTimeout: dialTimeout,
		},
		FlushInterval: -1,
		Rewrite: func(pr *httputil.ProxyRequest) {
			pr.Out.Host = pr.In.Host
			pr.Out.URL.RawQuery = pr.In.URL.RawQuery
			for _, name := range [...]string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
				if v, ok := pr.In.Header[name]; ok {
					pr.Out.Header[name] = v
				}
			}
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			dialFailed(w, r.URL.Host, err)
		},
	}
}
