// Command parsescore says how well weir parses: it reads a folder of raw logs with the ECS documents that are expected of
// them, parses every log, and counts the fields that are equal.
//
//	go run ./internal/testkit/parsescore ../shared/data/integrations
//
// The folder is laid out as the pipeline tests of elastic/integrations: PACKAGE/STREAM/test-*.log or .json, beside each its
// -expected.json and perhaps a -config.yml, and a test-common-config.yml for all of a stream. See score.go for what counts.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// settings are the flags.
type settings struct {
	dir      string
	formats  string // folder of format files in place of the built-in ones
	packages []string
	diff     int
	extra    bool
	accepted string
	geoip    string
	first    bool
	fields   int
	bars     bool
}

// run is main with its world passed in. It returns 0 when all was scored, 1 when a bar that was asked for is missed, and 2
// when it cannot run.
func run(args []string, stdout, stderr io.Writer) int {
	set, err := parseFlags(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	var total *score
	if err == nil {
		total, err = scoreAll(set, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintln(stderr, "parsescore:", err)
		return 2
	}
	total.printFields(stdout, set.fields)
	total.print(stdout)
	if missed := total.missed(); set.bars && len(missed) > 0 {
		for _, m := range missed {
			fmt.Fprintln(stderr, "parsescore:", m)
		}
		return 1
	}
	return 0
}

// parseFlags reads the flags.
func parseFlags(args []string, stderr io.Writer) (settings, error) {
	var s settings
	var packages string
	f := flag.NewFlagSet("parsescore", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&s.formats, "formats", "", "`folder` of format files to read in place of the built-in ones")
	f.StringVar(&packages, "package", "", "only these `packages`, or PACKAGE/STREAM, separated by commas")
	f.IntVar(&s.diff, "diff", 0, "print the differences of the first `N` documents of each stream that have some")
	f.BoolVar(&s.extra, "extra", false, "print with -diff also fields that are not expected")
	f.IntVar(&s.fields, "fields", 0, "print the `N` fields that differ most often, with their packages")
	f.BoolVar(&s.first, "first", false, "only packages of the first class")
	f.StringVar(&s.accepted, "accepted", "", "`file` of accepted differences; empty: the built-in one; none: without")
	f.StringVar(&s.geoip, "geoip", "", "`folder` of MaxMind DB files; empty: geoip beside the folder, where there is one")
	f.BoolVar(&s.bars, "bars", false, "end with 1 where a bar is missed: 95 % of first-class packages in mean and 85 % each, 85 % of all")
	f.Usage = func() {
		fmt.Fprintln(stderr, "usage: parsescore [flags] FOLDER\n\nScores the parsers against raw logs with expected ECS documents.")
		f.PrintDefaults()
	}
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if f.NArg() != 1 {
		f.Usage()
		return s, errors.New("one folder is needed, such as ../shared/data/integrations")
	}
	s.dir = f.Arg(0)
	if packages != "" {
		s.packages = strings.Split(packages, ",")
	}
	return s, nil
}
