// Command parsebench measures what one event costs from the bytes of its record to ECS JSON, format by format, on one core.
//
// The lines are those of the formats' own tests. Where rsyslog with mmnormalize is installed, it does the same work in the same
// run on the lines for which there is a rule.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"runtime/pprof"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"weir/processors/parse"
	"weir/processors/parse/format"
)

// firstClass are the datasets that are measured without arguments, as patterns.
var firstClass = []string{
	"access_rights.*", "apache.*", "auditd.*", "aws.cloudtrail", "aws.vpcflow", "cef.log", "checkpoint.*", "cisco_asa.*", "cisco_ftd.*", "cisco_ios.*", "cisco_meraki.*",
	"fortinet_fortigate.*", "haproxy.*", "iptables.*", "json.log", "juniper_srx.*", "kubernetes.*", "leef.log", "nginx.*", "o365.*", "panw.*", "pfsense.*", "privacy_access.*",
	"suricata.*", "system.*", "windows.*", "zeek.*",
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "parsebench:", err)
		os.Exit(2)
	}
}

// run measures what the arguments name, patterns of datasets, and writes the table.
func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("parsebench", flag.ContinueOnError)
	each := flags.Duration("time", 300*time.Millisecond, "how long each line is measured, five times")
	profile := flags.String("cpuprofile", "", "write a CPU profile of the measurements to this file")
	peer := flags.Bool("peer", true, "measure rsyslog's mmnormalize beside it, where it is installed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return fmt.Errorf("writing the profile: %w", err)
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return fmt.Errorf("writing the profile: %w", err)
		}
		defer pprof.StopCPUProfile()
	}
	set, err := parse.Shipped()
	if err != nil && len(set.List()) == 0 {
		return fmt.Errorf("loading the formats: %w", err)
	}
	patterns := flags.Args()
	if len(patterns) == 0 {
		patterns = firstClass
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "format\tbytes\tns/event\tallocs\tB\trecognition ns\tevents/s/core\t")
	var total, n float64
	for _, s := range samples(set, patterns) {
		r, err := measure(set, s, *each)
		if err != nil {
			return fmt.Errorf("measuring %s: %w", s.format.Name(), err)
		}
		fmt.Fprintf(w, "%s\t%d\t%.0f\t%.1f\t%.0f\t%.0f\t%.0f\t\n", s.format.Name(), len(s.raw), r.ns, r.allocs, r.bytes, r.look, 1e9/r.ns)
		total, n = total+r.ns, n+1
	}
	if n == 0 {
		return fmt.Errorf("no format has a dataset like %s", strings.Join(patterns, ", "))
	}
	fmt.Fprintf(w, "mean of %.0f\t\t%.0f\t\t\t\t\t\n", n, total/n)
	if err := w.Flush(); err != nil {
		return err
	}
	if *peer {
		return peers(set, *each, out)
	}
	return nil
}

// sample is one format and a record that it reads.
type sample struct {
	format *format.Format
	test   *format.Test
	raw    string
}

// samples returns the first good example of each format, in the order of names.
func samples(set *format.Set, patterns []string) (out []sample) {
	for _, f := range set.List() {
		if !slices.ContainsFunc(patterns, func(p string) bool { ok, err := path.Match(p, f.Dataset); return ok && err == nil }) {
			continue
		}
		for i := range f.Tests {
			t := &f.Tests[i]
			if t.Errors > 0 || t.Dropped || len(t.Expect) > 1 {
				continue
			}
			raw := t.Raw
			if raw == "" {
				raw = string(t.Doc.AppendJSON(nil))
			}
			out = append(out, sample{f, t, raw})
			break
		}
	}
	return out
}
