package main

import (
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// complete makes the shell's completion offer files where a file is meant and nowhere else, and
// names the values of flags in a way that is fit for completion too.
func complete(cmd *cobra.Command) {
	if cmd.ValidArgsFunction == nil && !takesFiles(cmd.Use) {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		name, usage := pflag.UnquoteUsage(f)
		if strings.Contains(f.Usage, "`") {
			f.Usage, f.Value = usage, named{f.Value, name}
			if f.DefValue == "[]" {
				f.DefValue = "" // no list is no default worth showing
			}
		}
		if _, exists := cmd.GetFlagCompletionFunc(f.Name); !exists && f.Value.Type() != "bool" && !takesFiles(name) {
			cmd.RegisterFlagCompletionFunc(f.Name, cobra.NoFileCompletions)
		}
	})
	for _, sub := range cmd.Commands() {
		complete(sub)
	}
}

var (
	flagsInUse = regexp.MustCompile(`\[-[^\]]*\]`)
	fileNames  = regexp.MustCompile(`\b(DIR|FILE|CMD)\b`)
)

// takesFiles tells it by the name of a value, or by a usage line without its flags. CMD is a
// program, and may be one of this folder.
func takesFiles(names string) bool {
	return fileNames.MatchString(flagsInUse.ReplaceAllString(names, ""))
}

// named is a flag's value with a name for help, which would otherwise stand in back-quotes inside
// the description.
type named struct {
	pflag.Value
	name string
}

func (n named) Type() string { return n.name }
