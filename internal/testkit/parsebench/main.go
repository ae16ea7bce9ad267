// Command parsebench measures what one event costs from the bytes of its record to ECS JSON, format by format, on one core:
// the CPU time of this process, so that others who use the machine count little.
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
	"text/tabwriter" //nolint:depguard // ASCII alone, and aligned in files too
	"time"

	"weir/processors/parse"
	"weir/processors/parse/format"
)

// firstClass are the datasets that are measured without arguments, as patterns.
var firstClass = []string{
	"access_rights.log", "apache.access", "auditd.log", "aws.cloudtrail", "aws.vpcflow", "cef.log", "checkpoint.firewall", "cisco_asa.log", "cisco_ftd.log", "cisco_ios.log", "cisco_meraki.log",
	"fortinet_fortigate.log", "haproxy.log", "iptables.log", "json.log", "juniper_srx.log", "kubernetes.audit_logs", "leef.log", "nginx.*", "o365.audit", "panw.panos", "pfsense.log",
	"privacy_access.log", "suricata.eve", "system.auth", "system.security", "system.syslog", "windows.sysmon_operational", "windows.powershell_operational", "zeek.connection", "zeek.dns", "zeek.http",
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
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), "usage: parsebench [flags] [DATASET ...]\n\nMeasures parsing: bytes of a record to ECS JSON. DATASET is a pattern such as cisco_*.*.\n\n")
		flags.PrintDefaults()
	}
	each := flags.Duration("time", 200*time.Millisecond, "how long each line is measured, seven times")
	peer := flags.Bool("peer", true, "measure rsyslog's mmnormalize beside it, where it is installed")
	places := flags.String("geoip", "", "`folder` with GeoLite2-City-Test.mmdb and GeoLite2-ASN-Test.mmdb; empty: enrichment without places")
	profile := flags.String("cpuprofile", "", "write a CPU profile of the measurements to this `file`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	set, err := parse.Shipped()
	if err != nil && len(set.List()) == 0 {
		return fmt.Errorf("loading the formats: %w", err)
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
	patterns := flags.Args()
	if len(patterns) == 0 {
		patterns = firstClass
	}
	if err := table(set, patterns, *each, out); err != nil {
		return err
	}
	if err := enrichments(set, *places, *each, out); err != nil {
		return err
	}
	if *peer {
		return peers(set, out)
	}
	return nil
}

// table measures the formats and writes a row for each.
func table(set *format.Set, patterns []string, each time.Duration, out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "format\tbytes\tus/event\tbest\tallocs\tB\tevents/s\trecognition ns\t")
	n := 0
	for _, s := range samples(set, patterns) {
		r, err := measure(set, s, each)
		if err != nil {
			return fmt.Errorf("measuring %s: %w", s.format.Name(), err)
		}
		fmt.Fprintf(w, "%s\t%d\t%.1f\t%.1f\t%.0f\t%.0f\t%.0f\t%.0f\t\n", s.format.Name(), len(s.raw), r.ns/1e3, r.best/1e3, r.allocs, r.bytes, 1e9/r.ns, r.look)
		n++
	}
	if n == 0 {
		return fmt.Errorf("no format has a dataset like %s", strings.Join(patterns, ", "))
	}
	return w.Flush()
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
		if !slices.ContainsFunc(patterns, func(p string) bool { ok, err := path.Match(p, f.Name()); return ok && err == nil }) {
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
