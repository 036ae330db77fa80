package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/cookies"
)

func (p program) login() *cobra.Command {
	cmd := command("ask", &cobra.Command{
		Use:   "login EMAIL --for URL [--storage-state FILE] [--cookie-jar FILE] [--client NAME] [--json]",
		Short: "Log somebody in, for tests that start behind the login",
		Long: `Take EMAIL through the login pages of the running edge, PIN included, and keep
the cookies: --storage-state writes them as Playwright reads them, --cookie-jar
as curl does (-b FILE). A FILE is replaced whole, readable by you alone; - is
stdout. --json prints the cookies and what decided.

Policies decide as on the page. Who is not let in is told why, with the deciding
policy and its place, and the exit code is 1. A URL that asks nobody to log in
needs no cookies: that is said, a FILE then holds none, and the exit code is 0.

The requests of the login come from the person's own country, or from --client,
an entry of clients:. Any number of logins may run at once, of one person too; no
mail is sent for them.`,
		Example: `  sundog login alice@example.com --for https://myservice.example.com/ --storage-state alice.json
  sundog login alice@example.com --for https://myservice.example.com/ --cookie-jar alice.txt`,
		Args: args(1, 1, "EMAIL"),
	})
	cmd.ValidArgsFunction = completePeople
	f := cmd.Flags()
	target := f.String("for", "", "the `URL` to log in for, https")
	state := f.String("storage-state", "", "write the cookies to `FILE`, for Playwright")
	jar := f.String("cookie-jar", "", "write the cookies to `FILE`, for curl")
	client := f.String("client", "", "who logs in: a `NAME` of clients:")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *target == "" {
			return usagef("--for is missing: the URL to log in for, as https://HOST/PATH")
		}
		c, err := p.running(cmd.Context())
		if err != nil {
			return err
		}
		done, err := c.Login(cmd.Context(), admin.Login{Email: args[0], URL: *target, Client: *client})
		if err != nil {
			return err
		}
		for _, file := range []struct {
			path   string
			format func([]admin.Cookie) []byte
		}{{*state, cookies.StorageState}, {*jar, cookies.Netscape}} {
			if err := p.write(file.path, file.format(done.Cookies)); err != nil {
				return err
			}
		}
		quiet := *state != "" || *jar != ""
		switch {
		case *asJSON:
			return printJSON(p.out, done)
		case !done.Protected:
			fmt.Fprintf(p.err, "%s: %s asks nobody to log in: %s%s\n", cmd.CommandPath(), printable(done.URL), printable(done.Why), placed(done.Where))
		case !quiet:
			p.printLogin(done)
		}
		return nil
	}
	return cmd
}

// write replaces a file with secrets; no path is none, and - is stdout.
func (p program) write(path string, data []byte) error {
	switch path {
	case "":
		return nil
	case "-":
		_, err := p.out.Write(data)
		return err
	}
	return cookies.WriteFile(path, data)
}

func placed(where string) string {
	if where == "" {
		return ""
	}
	return " (" + where + ")"
}

// printLogin tells who was let in, and what can be done with that.
func (p program) printLogin(done admin.LoggedIn) {
	fmt.Fprintf(p.out, "%s may enter %s until %s: %s%s\n", done.Email, printable(done.App), done.Expires.Local().Format(time.DateTime),
		printable(done.Why), placed(done.Where))
	login := fmt.Sprintf("%s login %s --for %s", p.self, quoted(done.Email), quoted(done.URL))
	for _, line := range []struct{ what, command string }{
		{"curl, or any command, as this person", fmt.Sprintf("%s exec --as %s -- curl -s %s", p.self, quoted(done.Email), quoted(done.URL))},
		{"a file for curl -b", login + " --cookie-jar cookies.txt"},
		{"a file for Playwright's storageState", login + " --storage-state state.json"},
	} {
		fmt.Fprintf(p.out, "  %s\n      %s\n", printable(line.command), line.what)
	}
}
