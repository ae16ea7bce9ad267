// Package ui is what a group of commands in a folder of its own takes from the program around it: where it writes, how it asks, and the words that all commands share.
package ui

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/term"
	"weir/rules/pipelines"
)

// Shell is the program around a command, as one run of it sees it. It is made when the flags are known and gone with the
// run; one goroutine uses it. The functions are those of the program itself, so that a command in a folder of its own
// writes, asks and fails like every other; tests put in the few that their command calls.
type Shell struct {
	In      io.Reader
	InTTY   bool
	Out     *term.Face // data
	Msg     *term.Face // messages
	Stdout  io.Writer  // data that is written as it is, such as what a tool streams
	JSON    bool       // one object a line on stdout, errors too
	Quiet   bool
	UTC     bool
	Verbose int
	Now     func() time.Time

	Line    func(v any) error                                                // one JSON object to stdout
	Write   func(b []byte) error                                             // bytes to stdout
	Page    func(text []byte) error                                          // text that may be longer than the screen
	Note    func(format string, args ...any)                                 // a message, left out with -q
	Warn    func(list ...*fault.Error)                                       // what went wrong and does not end the command
	Data    func() (string, error)                                           // the data folder
	Load    func() (*config.Loaded, error)                                   // the configuration with the overrides of the flags
	Times   func(from, to string) (a, b time.Time, err error)                // the values of --from and --to
	Cmdline func(rest string) string                                         // a command as it can be pasted
	Help    func(cmd *cobra.Command) error                                   // the help of a command
	Report  func(ctx context.Context, err error)                             // shows an error as the end of the program would, and goes on
	Ask     func(ctx context.Context, f func(b control.Backend) error) error // f with the weir that has the data folder, or its files
}

// Printf writes to stdout. Its error is that of a closed pipe and must be handed on.
func (s Shell) Printf(format string, args ...any) error {
	return s.Write(fmt.Appendf(nil, format, args...))
}

// Faults writes errors, then warnings, each in the order in which they come: what must be mended is not to be looked for among
// what may be.
func (s Shell) Faults(list []*fault.Error) error {
	for _, warn := range []bool{false, true} {
		for _, f := range list {
			if f.Warn != warn {
				continue
			}
			if err := s.Out.FaultLine(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// Found is an error that has been shown already: a check found something.
// It carries the exit code through layers that know errors and no codes.
type Found struct{ Code int }

// Error is never shown; the findings have been.
func (Found) Error() string { return "a check found something" }

// Usage is a mistake on the command line.
func Usage(what, do string) error {
	return &fault.Error{Code: "usage", What: what, Do: do, Exit: fault.ExitUsage}
}

// Exactly wants n arguments, named in the message.
// The names are those of Use, so that help and message call a thing alike.
func Exactly(names ...string) func([]string) error {
	return func(args []string) error {
		if len(args) < len(names) {
			return Usage("missing: "+strings.Join(names[len(args):], " "), "")
		}
		if len(args) > len(names) {
			return tooMany(args[len(names):])
		}
		return nil
	}
}

// AtMost wants up to n arguments.
func AtMost(n int) func([]string) error {
	return func(args []string) error {
		if len(args) > n {
			return tooMany(args[n:])
		}
		return nil
	}
}

// tooMany is nearly always a query without quotes.
// The words that are too many are repeated: with a long line it is not obvious where the quotes belong.
func tooMany(rest []string) error {
	do := ""
	if len(rest) > 0 {
		do = "put what has blanks in it into quotes"
	}
	return Usage("too much: "+strings.Join(rest, " "), do)
}

// OneOf checks the word of a flag.
func OneOf(flag, word string, words ...string) error {
	if slices.Contains(words, word) {
		return nil
	}
	return Usage("--"+flag+" "+word+" is not known", "one of "+strings.Join(words, ", "))
}

// Plural writes a count with its noun.
// It knows the nouns of this program and no others.
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "s") {
		noun += "e"
	}
	return term.Count(int64(n)) + " " + noun + "s"
}

// CompleteFiles leaves the names of files to the shell.
// Paths with blanks and tildes are the shell's business.
func CompleteFiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// LogSource reads product=P,category=C,service=S.
// Only the three keys of Sigma are known; a fourth would be a rule that never matches.
func LogSource(s string) (ls pipelines.LogSource, err error) {
	if s == "" {
		return ls, nil
	}
	parts := map[string]*string{"product": &ls.Product, "category": &ls.Category, "service": &ls.Service}
	for part := range strings.SplitSeq(s, ",") {
		k, v, ok := strings.Cut(part, "=")
		if !ok || v == "" || parts[k] == nil {
			return ls, Usage("--logsource "+s+" cannot be read", "write --logsource product=linux,service=sshd")
		}
		*parts[k] = v
	}
	return ls, nil
}
