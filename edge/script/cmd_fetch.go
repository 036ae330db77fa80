package script

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sundog-edge/sundog/edge/script/origins"
)

const fetchUsage = `fetch [-X METHOD] [-H 'NAME: VALUE']... [-d BODY] [-L] [-raw] [-first N] [-jar NAME] [-client NAME] URL`

// answerLimit is how long a command waits for an answer before it calls the edge stuck.
const answerLimit = time.Minute

// cmdFetch sends a request to the edge and prints the answer.
func cmdFetch(c *call) {
	r := &request{}
	c.flags(1, 1, func(fs *flag.FlagSet) { r.define(fs, true) })
	req := r.build(c)
	ctx, cancel := c.context()
	defer cancel()

	client := c.client(r.client, r.jar)
	n := c.normal()
	if r.raw {
		n = nil
	}
	out := c.ts.Stdout()
	client.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		if !r.follow {
			return http.ErrUseLastResponse
		}
		if len(via) >= 20 {
			return fmt.Errorf("20 redirects and no end")
		}
		writeHop(out, next.Response, n)
		return nil
	}
	resp, err := client.Do(req.WithContext(ctx))
	if err == nil {
		err = writeAnswer(out, resp, n, r.first)
	}
	switch {
	case err == nil && c.neg:
		c.fail("there was an answer, %d; ! fetch is for connections that get none", resp.StatusCode)
	case err != nil && !c.neg:
		c.fail("%v", err)
	case err != nil:
		fmt.Fprintln(c.ts.Stderr(), err)
	}
}

// request is what the flags of a command that asks say.
type request struct {
	method, body, jar, client string
	headers                   []string
	hasBody, follow, raw      bool
	first                     int // lines of the body; 0: all
}

func (r *request) define(fs *flag.FlagSet, sends bool) {
	fs.StringVar(&r.method, "X", "", "")
	fs.Func("H", "", r.addHeader)
	fs.StringVar(&r.jar, "jar", "", "")
	fs.StringVar(&r.client, "client", "", "")
	if !sends {
		return
	}
	fs.Func("d", "", func(v string) error {
		r.body, r.hasBody = v, true
		return nil
	})
	fs.BoolVar(&r.follow, "L", false, "")
	fs.BoolVar(&r.raw, "raw", false, "")
	fs.IntVar(&r.first, "first", 0, "")
}

func (r *request) addHeader(v string) error {
	if name, _, ok := strings.Cut(v, ":"); !ok || strings.TrimSpace(name) != name || name == "" {
		return fmt.Errorf("a header is written 'NAME: VALUE'")
	}
	r.headers = append(r.headers, v)
	return nil
}

// build makes the request of c's URL.
func (r *request) build(c *call) *http.Request {
	address := c.args[0]
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		c.misused("%q is no URL that can be asked for: write it whole, https://HOST/PATH", address)
	}
	method := r.method
	var body io.Reader
	if r.hasBody {
		body = strings.NewReader(r.body)
		if method == "" {
			method = http.MethodPost
		}
	}
	req, err := http.NewRequest(method, address, body)
	if err != nil {
		c.misused("%v", err)
	}
	if r.hasBody {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("User-Agent", "sundog-script")
	given := http.Header{}
	for _, h := range r.headers {
		name, value, _ := strings.Cut(h, ":")
		given.Add(name, strings.TrimSpace(value))
	}
	for name, values := range given {
		if name == "Host" {
			req.Host = values[0]
			continue
		}
		req.Header[name] = values
	}
	return req
}

// writeHop is a redirect that is followed: its status and where it leads.
func writeHop(w io.Writer, resp *http.Response, n *normal) {
	fmt.Fprintf(w, "%s\nLocation: %s\n\n", statusLine(resp), n.text(resp.Header.Get("Location")))
}

// writeAnswer writes status, headers sorted by name, an empty line and the body; when
// first is not 0, that many lines of it, without waiting for more.
func writeAnswer(w io.Writer, resp *http.Response, n *normal, first int) error {
	defer resp.Body.Close()
	body, err := readLines(resp.Body, first)
	if err != nil {
		return fmt.Errorf("%s, and then the body broke off after %d bytes: %w", statusLine(resp), len(body), err)
	}
	h := resp.Header.Clone()
	text := n.body(string(body), h)
	if text != string(body) && h.Get("Content-Length") != "" {
		h.Set("Content-Length", "<length>")
	}
	var head bytes.Buffer
	origins.WriteHeader(&head, h)
	fmt.Fprintf(w, "%s\n%s\n", statusLine(resp), n.text(head.String()))
	switch {
	case !utf8.ValidString(text):
		fmt.Fprintf(w, "(%d bytes that are no text)\n", len(body))
	case text != "":
		fmt.Fprint(w, strings.TrimSuffix(text, "\n"), "\n")
	}
	return nil
}

// readLines reads the first lines of a body; all of it when first is 0.
func readLines(r io.Reader, first int) ([]byte, error) {
	if first == 0 {
		return io.ReadAll(r)
	}
	var body []byte
	in := bufio.NewReader(r)
	for n := range first {
		line, err := in.ReadBytes('\n')
		body = append(body, line...)
		if err != nil {
			return body, fmt.Errorf("%d of %d lines came: %w", n, first, err)
		}
	}
	return body, nil
}

func statusLine(resp *http.Response) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode)))
}
