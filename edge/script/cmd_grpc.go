package script

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/sundog-edge/sundog/edge/script/grpcframe"
)

const grpcUsage = `grpc [-H 'NAME: VALUE']... [-jar NAME] [-client NAME] URL MESSAGE...`

// cmdGRPC makes a gRPC call: each message is sent when the one before was answered.
func cmdGRPC(c *call) {
	c.noNegation()
	r := &request{method: http.MethodPost}
	c.flags(2, maxMessages, func(fs *flag.FlagSet) { r.conversation(fs) })
	messages := c.args[1:]
	req := r.build(c)
	req.Header.Set("Content-Type", "application/grpc")
	req.Header.Set("Te", "trailers")
	ctx, cancel := c.context()
	defer cancel()

	body, up := io.Pipe()
	defer body.Close()                         // ends the sender
	turn := make(chan struct{}, len(messages)) // to send the next message
	turn <- struct{}{}
	go func() { // what is behind the last message is the end, and nobody waits for an answer to send that
		defer up.Close()
		for _, m := range messages {
			select {
			case <-turn:
			case <-ctx.Done():
				return
			}
			if grpcframe.Write(up, []byte(m)) != nil {
				return
			}
		}
	}()
	req.Body, req.ContentLength = body, -1
	client := c.client(r.client, r.jar)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req.WithContext(ctx))
	if err != nil {
		c.fail("%v", err)
	}
	defer resp.Body.Close()
	out, n := c.ts.Stdout(), c.normal()
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "application/grpc") {
		c.fail("the answer is no call: %s %s\n%s", statusLine(resp), kind, n.text(resp.Header.Get("Sundog-Why")))
	}
	for i := range messages {
		message, err := grpcframe.Read(resp.Body)
		if err != nil {
			c.fail("after %d answers: %v", i, err)
		}
		fmt.Fprintf(out, "%s\n", message)
		turn <- struct{}{}
	}
	if extra, err := grpcframe.Read(resp.Body); err != io.EOF {
		c.fail("after the last answer: %q, %v", extra, err)
	}
	status := resp.Trailer.Get("Grpc-Status")
	if status == "" {
		status = "missing"
	}
	fmt.Fprintf(out, "grpc-status: %s\n", status)
}
