package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/run"
	"github.com/sundog-edge/sundog/edge/world"
)

// visitor is who a command's requests come from.
type visitor struct {
	as      string // e-mail address; empty: nobody in particular
	client  string // entry of clients:; empty: the default
	service string // name of a service token; empty: none
}

// asFlag adds --as, which completes to the people of the world.
func asFlag(cmd *cobra.Command, usage string) *string {
	as := cmd.Flags().String("as", "", usage)
	cmd.RegisterFlagCompletionFunc("as", func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return peopleLike(cmd, typed), cobra.ShellCompDirectiveNoFileComp
	})
	return as
}

// lend makes the edge's proxy add the person's credential, or the service token's, to the command's requests. over takes it back.
func (p program) lend(ctx context.Context, in *run.Inside, who visitor) (over func(), err error) {
	flag := "--as " + who.as
	switch {
	case who.as != "":
	case who.service != "":
		flag = "--service-token " + who.service
	default:
		return func() {}, nil
	}
	if who.client != "" && !slices.Contains(in.Clients, who.client) {
		return nil, &run.ClientError{Name: who.client, Clients: in.Clients}
	}
	lent, end, err := in.Asked().Lend(ctx, admin.Credential{As: who.as, ServiceToken: who.service, Client: who.client})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	for _, refused := range lent.Refused {
		fmt.Fprintf(p.err, "sundog: %s: %s\n", flag, printable(refused.Error))
	}
	in.User, in.As, in.AsClient = lent.User, who.as, who.client
	return func() {
		// An edge that has ended by now has forgotten it.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		var gone *run.UnreachableError
		if err := end(ctx); err != nil && !errors.As(err, &gone) {
			fmt.Fprintf(p.err, "sundog: %s: %s\n", flag, printable(err.Error()))
		}
	}, nil
}

// completePeople completes an argument EMAIL.
func completePeople(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return peopleLike(cmd, typed), cobra.ShellCompDirectiveNoFileComp
}

// completing bounds how long a shell waits.
const completing = time.Second

// peopleLike are the people whose address begins so, of the running edge, or of the world that -f names
// or that lies here.
func peopleLike(cmd *cobra.Command, typed string) (list []string) {
	ctx, cancel := context.WithTimeout(cmd.Context(), completing)
	defer cancel()
	add := func(email, name string) {
		if strings.HasPrefix(email, strings.ToLower(typed)) {
			list = append(list, cobra.CompletionWithDesc(printable(email), printable(name)))
		}
	}
	path := ""
	if f := cmd.Flags().Lookup("file"); f != nil {
		path = f.Value.String()
	}
	if path == "" {
		if f, err := (program{}).running(ctx); err == nil {
			if people, err := f.People(ctx); err == nil {
				for _, one := range people {
					add(one.Email, one.Name)
				}
				return list
			}
		}
		var err error
		if path, err = run.Nearest(""); err != nil {
			return nil
		}
	}
	w, err := world.Load(path)
	if err != nil {
		return nil
	}
	for doc := range w.All(world.KindPerson) {
		add(doc.Key.ID, doc.Value.(*accessemu.Person).Name)
	}
	return list
}
