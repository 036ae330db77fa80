package edge

import "testing"

// Who answered is not for a Worker to say.
func TestWorkerCannotSayWhoAnswered(t *testing.T) {
	e := withWorkers(t, uploaded("liar", `export default { fetch() { return new Response("x", { headers: { "sundog-answered-by": "origin", "cf-ray": "0" } }) } }`))
	resp, err := e.Client().Get("https://liar.acme.workers.dev/")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if h := resp.Header; h.Get("Sundog-Answered-By") != "worker" || h.Get("Cf-Ray") == "0" {
		t.Errorf("%v", h)
	}
}
