package accessemu

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestJunkIsNotKept asks for codes with long queries, long bodies and long
// cookies, none of which is of any use.
func TestJunkIsNotKept(t *testing.T) {
	w := newWorld(t)
	to := strings.Replace(w.browser().get(pageA).location(), "/login/", "/verify-code/", 1)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	junk := strings.Repeat("x", 50_000)
	before := heap()
	const n = 200
	for i := range n {
		in, err := http.NewRequest("POST", to+"&junk="+junk, strings.NewReader(fmt.Sprintf("email=nobody%d@example.net&junk=%s", i, junk)))
		if err != nil {
			t.Fatal(err)
		}
		in.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		in.Header.Set("Cookie", "junk="+junk+"; CF_Session=n0123456789abcdef")
		resp, err := w.RoundTrip(in)
		if err != nil {
			t.Fatal(err)
		}
		r := reply{Response: resp}
		if r.StatusCode != 302 || strings.Contains(r.location(), "junk") {
			t.Fatalf("%d %.100q", r.StatusCode, r.location())
		}
	}
	if got := heap(); got > before && got-before > n*10_000 {
		t.Errorf("%d sign-ins hold %d KiB", n, (got-before)>>10)
	}
	if got := w.state.logins.bytes; got > n*4000 {
		t.Errorf("they count as %d bytes", got)
	}
	runtime.KeepAlive(w)
}

func TestLongLoginLinks(t *testing.T) {
	w := newWorld(t)
	app, _ := w.config.App("app-a")
	page := "https://" + team + loginPath + hostA + "?kid=" + app.AUD
	for query, want := range map[string]int{
		"&redirect_url=" + strings.Repeat("/x", maxRedirect/2): 200,
		"&redirect_url=/" + strings.Repeat("x", maxRedirect):   400,
		"&meta=" + strings.Repeat("x", maxToken+1):             400,
		"&other=" + strings.Repeat("x", maxToken+1):            200,
	} {
		if r := w.serve("GET", page+query, nil); r.StatusCode != want {
			t.Errorf("%.20s: %d, want %d", query, r.StatusCode, want)
		}
	}
}

// TestLongPathsLeadBack: what does not fit into a login URL leads to "/", and
// not in circles.
func TestLongPathsLeadBack(t *testing.T) {
	w := newWorld(t)
	for path, want := range map[string]string{
		"x?" + strings.Repeat("a", 8000):       pageA + "x?" + strings.Repeat("a", 8000),
		"x?" + strings.Repeat("&", 8000):       pageA,
		"x" + strings.Repeat("a", maxRedirect): pageA,
	} {
		if r := w.browser().login(pageA+path, alice); r.body != "origin" || r.Request.URL.String() != want {
			t.Errorf("%.20s leads to %.50s: %d", path, r.Request.URL, r.StatusCode)
		}
	}
}

func TestTableBytes(t *testing.T) {
	var gone []string
	tab := table[int, string]{most: 100, mostBytes: 10, weigh: func(s string) int { return len(s) }, evicted: func(s string) { gone = append(gone, s) }}
	for i, s := range []string{"aaaa", "bbbb", "cc", "d"} {
		tab.put(i, s)
	}
	if len(tab.entries) != 3 || tab.bytes != 7 || fmt.Sprint(gone) != "[aaaa]" {
		t.Errorf("%v, %d bytes, gone %v", tab.entries, tab.bytes, gone)
	}
	tab.put(1, "b")
	tab.put(4, strings.Repeat("e", 50))
	if len(tab.entries) != 1 || tab.bytes != 50 {
		t.Errorf("%v, %d bytes", tab.entries, tab.bytes)
	}
	tab.put(5, "f")
	tab.drop(5)
	tab.drop(5)
	tab.put(6, "g")
	tab.sweep(func(s string) bool { return s != "g" })
	if len(tab.entries) != 1 || tab.bytes != 1 {
		t.Errorf("%v, %d bytes", tab.entries, tab.bytes)
	}
}

// TestLoginsAndPassesEnd: neither waits for others to make room for.
func TestLoginsAndPassesEnd(t *testing.T) {
	w := newWorld(t)
	for _, email := range []string{alice, "carol@example.net"} {
		w.browser().ask(pageA, email)
	}
	w.browser().atAuthorized(pageA, alice)
	w.clock.Add(lifeLogin)
	w.browser().atAuthorized(pageA, alice)
	if got := len(w.state.logins.entries); got != 1 {
		t.Errorf("%d sign-ins are kept", got)
	}
	if got := len(w.state.passes.entries); got != 1 || w.state.passes.bytes > 1000 {
		t.Errorf("%d passes are kept, %d bytes", got, w.state.passes.bytes)
	}
	if n := maxLoginBytes + maxPassBytes; n > 64<<20 || lifeLogin > time.Hour {
		t.Errorf("%d bytes for sign-ins under way", n)
	}
}
