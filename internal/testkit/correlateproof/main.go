// Command correlateproof holds the correlation of streams against the oracle, which looks at all matches at once: rules of
// every form by chance, streams with every fault by chance. It prints how many alerts were compared of each, or the first
// difference: the seed, the rule, the stream, what is there and what must be.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"strings"
	"time"

	wire "weir/internal/signal"
	"weir/processors/correlate"
	"weir/processors/correlate/oracle"
	"weir/processors/correlate/oracle/gen"
	"weir/rules"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "correlateproof:", err)
		os.Exit(1)
	}
}

// plan is what is to be held against the oracle.
type plan struct {
	seeds       uint64 // streams of each form and fault
	first       uint64
	form, fault string // one of them, if set
	all         bool   // go on after a difference
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var p plan
	fs := flag.NewFlagSet("correlateproof", flag.ContinueOnError)
	fs.Uint64Var(&p.seeds, "seeds", 40, "streams of each form and fault")
	fs.Uint64Var(&p.first, "first", 0, "the first seed")
	fs.StringVar(&p.form, "form", "", "one form of rules: "+names(gen.Forms(), func(f gen.Form) string { return f.Name }))
	fs.StringVar(&p.fault, "fault", "", "one fault: "+names(gen.Faults(), func(f gen.Fault) string { return f.Name }))
	fs.BoolVar(&p.all, "all", false, "go on after a difference, to show the first one of each form and fault")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() > 0 {
		return fmt.Errorf("unexpected %q", fs.Args())
	}
	return prove(ctx, p, out)
}

func names[T any](list []T, name func(T) string) string {
	var out []string
	for _, x := range list {
		out = append(out, `"`+name(x)+`"`)
	}
	return strings.Join(out, ", ")
}

// prove prints the table, as Markdown has it.
func prove(ctx context.Context, p plan, out io.Writer) error {
	faults := gen.Faults()
	head, line := "| alerts compared       |", "|---|"
	for _, f := range faults {
		head += " " + f.Name + " |"
		line += "---|"
	}
	fmt.Fprintf(out, "%s\n%s\n", head, line)
	began, streams, alerts, wrong := time.Now(), 0, 0, []error(nil)
	for _, form := range gen.Forms() {
		if p.form != "" && form.Name != p.form {
			continue
		}
		fmt.Fprintf(out, "| %-21s |", form.Name)
		for _, fault := range faults {
			if p.fault != "" && fault.Name != p.fault {
				fmt.Fprintf(out, " %*s |", len(fault.Name), "-")
				continue
			}
			n, ran, err := cell(ctx, form, fault, p)
			streams, alerts = streams+ran, alerts+n
			if err == nil {
				fmt.Fprintf(out, " %*d |", len(fault.Name), n)
				continue
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			fmt.Fprint(out, " DIFFERS |")
			wrong = append(wrong, err)
			if !p.all {
				fmt.Fprintln(out)
				return err
			}
		}
		fmt.Fprintln(out)
	}
	for _, err := range wrong {
		fmt.Fprintf(out, "\n%v\n", err)
	}
	fmt.Fprintf(out, "\n%d streams, %d alerts compared in %s: ", streams, alerts, time.Since(began).Round(time.Second))
	if len(wrong) > 0 {
		fmt.Fprintf(out, "%d of %d differ\n", len(wrong), len(gen.Forms())*len(faults))
		return fmt.Errorf("%d forms and faults differ", len(wrong))
	}
	fmt.Fprintln(out, "all equal, each alert once")
	return nil
}

// cell holds the streams of one form and one fault.
func cell(ctx context.Context, form gen.Form, fault gen.Fault, p plan) (alerts, streams int, err error) {
	for seed := p.first; seed < p.first+p.seeds && ctx.Err() == nil; seed++ {
		n, err := try(ctx, form, fault, seed)
		if err != nil {
			return alerts, streams, err
		}
		alerts += n
		streams++
	}
	return alerts, streams, ctx.Err()
}

// try makes a rule and a stream of a seed, and holds what is said of it against the oracle.
func try(ctx context.Context, form gen.Form, fault gen.Fault, seed uint64) (int, error) {
	h := fnv.New64a()
	fmt.Fprint(h, form.Name, "/", fault.Name)
	rnd := rand.New(rand.NewPCG(seed, h.Sum64()))
	r := gen.Rule(rnd, form)
	in := gen.Stream(rnd, r, fault, 20+rnd.IntN(60))
	got, err := play(ctx, rnd, r, fault, in)
	if err == nil {
		var n int
		if n, err = oracle.Compare(r, got, oracle.Alerts(r, in.Signals())); err == nil {
			return n, nil
		}
	}
	return 0, fmt.Errorf("go run ./internal/testkit/correlateproof -form %q -fault %q -first %d -seeds 1\n%s\n%w", form.Name, fault.Name, seed, shown(r, in), err)
}

// shown writes a rule and its stream for who looks for the fault.
func shown(r *rules.Rule, in []gen.Arrival) string {
	text, err := json.Marshal(r.Correlate)
	if err != nil {
		text = []byte(err.Error())
	}
	var b strings.Builder
	fmt.Fprintf(&b, "rule %s fold %v for %s\n", text, r.Fold.By, r.Fold.For)
	for _, a := range in {
		fmt.Fprintf(&b, "  %-9s %s %8.3f s %s %s %s", a.Kind, a.When, a.Time.Sub(gen.Base).Seconds(), a.EventID, a.Pos, a.Dataset)
		if a.Kind == wire.Match {
			fmt.Fprintf(&b, " %q host=%s bytes=%s", a.Group, a.Values["host.name"], a.Values["source.bytes"])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func engineOptions() correlate.Options { return correlate.Options{Lateness: gen.SlowLateness} }
