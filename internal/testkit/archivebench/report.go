package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"
)

// report is all that was measured. What was not is nil.
type report struct {
	n             int
	before, after string // load
	ingest        *ingested
	elastic, duck *ingested
	asking        int64 // largest resident memory while weir was asked
	answers       [][2]asked
	verify        *verified
}

// write writes everything as Markdown.
func (r *report) write(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d events of %.0f B, %s; %d cores, %s; load before %s, after %s\n\n", r.ingest.n, r.ingest.each(r.ingest.raw), time.Now().UTC().Format("2 January 2006 15:04 MST"), runtime.NumCPU(), runtime.Version(), r.before, r.after)
	r.writeIngest(&b)
	for s, name := range []string{"one day", "everything"} {
		r.writeAnswers(&b, s, name)
	}
	r.writeBars(&b)
	_, err := io.WriteString(out, b.String())
	return err
}

// writeIngest writes what filling each store cost.
func (r *report) writeIngest(b *strings.Builder) {
	b.WriteString("| filling | CPU-s per million | s per million | B an event | memory, MB |\n|---|---|---|---|---|\n")
	row := func(name string, in *ingested, bytes string) {
		rss := "-"
		if in.rss > 0 {
			rss = fmt.Sprint(in.rss >> 20)
		}
		fmt.Fprintf(b, "| %s | %.1f | %.1f | %s | %s |\n", name, in.perMillion(), in.spent.wall.Seconds()*1e6/float64(in.n), bytes, rss)
	}
	in := r.ingest
	row("**weir**, topic to sealed files", in, fmt.Sprintf("%.0f (%.0f files, %.0f index)", in.each(in.bytes+in.beside), in.each(in.bytes), in.each(in.beside)))
	if e := r.elastic; e != nil {
		row("Elasticsearch, the server alone", e, fmt.Sprintf("%.0f, merged %.0f", e.each(e.bytes), e.each(e.merged)))
	}
	if d := r.duck; d != nil {
		row("DuckDB, with making the events", d, fmt.Sprintf("%.0f", d.each(d.bytes)))
	}
	fmt.Fprintf(b, "\nMemory while weir was asked: %d MB.", r.asking>>20)
	if v := r.verify; v != nil {
		fmt.Fprintf(b, " Verifying %d segments, %.0f MB: %.0f MB a CPU-second, %.0f MB/s on one core.", v.segments, float64(v.bytes)/1e6, v.perSecond(), float64(v.bytes)/1e6/v.spent.wall.Seconds())
	}
	b.WriteString("\n\n")
}

// writeAnswers writes a table of the queries over one span.
func (r *report) writeAnswers(b *strings.Builder, s int, name string) {
	fmt.Fprintf(b, "| %s: CPU ms (wall ms) | weir | Elasticsearch | DuckDB | DuckDB on weir's files | hits | segments read |\n|---|---|---|---|---|---|---|\n", name)
	for i, q := range questions {
		a := r.answers[i][s]
		hits := fmt.Sprint(a.weir.hits)
		if a.elastic.asked && !q.req.Uncounted && a.elastic.hits != a.weir.hits {
			hits += fmt.Sprintf(" (Elasticsearch %d)", a.elastic.hits)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s |\n", q.name, a.weir.cell(), a.elastic.cell(), a.duck.cell(), a.open.cell(), hits, a.weir.read)
	}
	b.WriteString("\n")
}

// cell is the medians of a store's answers.
func (a answer) cell() string {
	if len(a.took) == 0 {
		return "-"
	}
	m := a.took.median()
	return fmt.Sprintf("%s (%s)", short(m.cpu), short(m.wall))
}

// short writes milliseconds with as many digits as mean something.
func short(d time.Duration) string {
	if d < 995*time.Microsecond {
		return fmt.Sprintf("%.2f", ms(d))
	}
	return fmt.Sprintf("%.1f", ms(d))
}

// bar is something that is to hold.
type bar struct {
	what      string
	got, most float64
	atLeast   bool
}

func (b bar) held() bool {
	if b.atLeast {
		return b.got >= b.most
	}
	return b.got <= b.most
}

// bars are what the archive has to hold, as far as it was measured.
func (r *report) bars() []bar {
	in := r.ingest
	size := in.each(in.bytes + in.beside)
	out := []bar{{what: "CPU-s per million events", got: in.perMillion(), most: 15}, {what: "B an event with index", got: size, most: 150},
		{what: "MB resident", got: float64(max(in.rss, r.asking)) / (1 << 20), most: 600}}
	if v := r.verify; v != nil {
		out = append(out, bar{"MB verified a CPU-second", v.perSecond(), 500, true})
	}
	e := r.elastic
	if e == nil {
		return out
	}
	out = append(out, bar{what: "of Elasticsearch's CPU", got: in.perMillion() / e.perMillion(), most: 0.5}, bar{what: "of Elasticsearch's disk after a force-merge", got: size / e.each(e.merged), most: 0.4})
	for i, q := range questions {
		if a := r.answers[i][0]; len(a.elastic.took) > 0 {
			w, e := a.weir.took.median(), a.elastic.took.median()
			out = append(out, bar{what: "of Elasticsearch's time on the wall over one day: " + q.name, got: w.wall.Seconds() / e.wall.Seconds(), most: 1})
		}
	}
	return out
}

// writeBars says which of them hold.
func (r *report) writeBars(b *strings.Builder) {
	b.WriteString("| bar | measured | held |\n|---|---|---|\n")
	for _, x := range r.bars() {
		sign, held := "at most", "yes"
		if x.atLeast {
			sign = "at least"
		}
		if !x.held() {
			held = "**no**"
		}
		fmt.Fprintf(b, "| %s: %s %g | %.3g | %s |\n", x.what, sign, x.most, x.got, held)
	}
}
