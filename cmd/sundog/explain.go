package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/admin"
)

func (p program) explain() *cobra.Command {
	cmd := command("ask", &cobra.Command{
		Use:   "explain URL [-X METHOD] [-H HEADER]... [--as EMAIL] [--service-token NAME] [--client NAME] [-f DIR|FILE] [--json]",
		Short: "Say what the edge would do with a request, and send nothing",
		Long: `Print the decisions that the edge would take about a request, with their places
in your files, and send nothing: the origin need not run.

It asks the running edge, and without one reads the world of this folder; -f
names another world. URL is absolute; its host is one of the world. --as decides
as if the person with that address were signed in, of people: or not.`,
		Example: `  sundog explain https://myservice.example.com/admin
  sundog explain --as alice@example.com https://myservice.example.com/
  sundog explain -X POST -H 'Cookie: CF_Authorization=eyJ…' https://myservice.example.com/`,
		Args: args(1, 1, "URL"),
	})
	f := cmd.Flags()
	method := f.StringP("request", "X", http.MethodGet, "the request's `METHOD`")
	headers := f.StringArrayP("header", "H", nil, "a `HEADER` of the request, as 'Name: value'; may be repeated")
	client := f.String("client", "", "who asks: a `NAME` of clients:")
	as := asFlag(cmd, "decide as if the person with that address, `EMAIL`, were signed in")
	service := f.String("service-token", "", "the request shows a service token: a `NAME` of access.service_tokens")
	path := f.StringP("file", "f", "", "the world of `DIR|FILE` instead of the running edge")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		u, err := url.Parse(args[0])
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return usagef("%q is no absolute URL; name it whole, as https://HOST/PATH", args[0])
		}
		x := admin.Explain{Method: strings.ToUpper(*method), URL: args[0], Headers: http.Header{}, Client: *client, As: *as, ServiceToken: *service}
		for _, h := range *headers {
			name, value, ok := strings.Cut(h, ":")
			if !ok || strings.TrimSpace(name) == "" {
				return usagef("-H %q is no header; write it as 'Name: value'", h)
			}
			x.Headers.Add(strings.TrimSpace(name), strings.TrimSpace(value))
		}
		c, done, err := p.asked(cmd.Context(), *path)
		if err != nil {
			return err
		}
		defer done()
		t, err := c.Explain(cmd.Context(), x)
		if err != nil {
			return err
		}
		t.Ray = "" // nothing was sent: no ray leads back to it
		if *asJSON {
			return printJSON(p.out, t)
		}
		fmt.Fprint(p.out, printableLines(t.String()))
		return nil
	}
	return cmd
}
