package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter" //nolint:depguard // ASCII alone, and aligned in files too
)

// firstClass are the packages that must be good: they are what most sites have.
var firstClass = []string{
	"apache", "auditd", "aws", "cef", "checkpoint", "cisco_asa", "cisco_ftd", "cisco_ios", "cisco_meraki", "fortinet_fortigate",
	"haproxy", "iptables", "juniper_srx", "kubernetes", "nginx", "o365", "panw", "pfsense", "suricata", "system", "windows", "zeek",
}

// The bars, in shares of ECS values.
const (
	barFirstMean = 0.95
	barFirstEach = 0.85
	barAll       = 0.85
)

// share is how many of how many.
type share struct{ good, all int }

func (s share) of() float64 {
	if s.all == 0 {
		return 1
	}
	return float64(s.good) / float64(s.all)
}

func (s *share) add(o share) { s.good, s.all = s.good+o.good, s.all+o.all }

// text is the share in percent, cut and not rounded, so that 100 means all.
func (s share) text() string {
	if s.all == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", float64(s.good*1000/s.all)/10)
}

// tally is what was counted of one package, or of all.
type tally struct {
	docs     share // fully equal
	values   [classes]share
	extra    int // ECS fields that nobody expected
	accepted int
	failed   int // records of which no event came, though one was expected
}

func (t *tally) add(o tally) {
	t.docs.add(o.docs)
	for i := range t.values {
		t.values[i].add(o.values[i])
	}
	t.extra, t.accepted, t.failed = t.extra+o.extra, t.accepted+o.accepted, t.failed+o.failed
}

// score is the result, by package.
type score struct {
	packages map[string]*tally
	whole    bool // of all packages there are
	// wrong counts, by field and package, the values that differ.
	wrong map[string]map[string]int
}

// tells whether an ECS field that nobody expected is one that weir adds to any event, or finds out about it afterwards:
// those are not wrong.
func ours(path string) bool {
	switch path {
	case "@timestamp", "message", "tags", "ecs.version", "event.id", "event.ingested", "event.created", "event.kind", "event.dataset",
		"event.module", "event.original", "event.timezone", "host.name", "host.hostname", "host.ip", "network.community_id",
		"network.direction", "network.type", "network.transport", "network.iana_number", "process.name", "process.pid":
		return true
	}
	for _, prefix := range []string{"observer.", "log.", "related.", "labels.", "data_stream."} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// scoreAll parses and counts everything. Differences go to w as they are found.
func scoreAll(set settings, w, stderr io.Writer) (*score, error) {
	known, err := ecsFields()
	if err != nil {
		return nil, err
	}
	accepted, err := loadAccepted(set.accepted)
	if err != nil {
		return nil, err
	}
	streams, err := loadStreams(set.dir, set.wants)
	if err != nil {
		return nil, err
	}
	if len(streams) == 0 {
		return nil, fmt.Errorf("no package of %s is in %s", strings.Join(set.packages, ", "), set.dir)
	}
	p, err := newParser(set, stderr)
	if err != nil {
		return nil, err
	}
	out := &score{packages: map[string]*tally{}, wrong: map[string]map[string]int{}, whole: len(set.packages) == 0 && !set.first}
	for _, s := range streams {
		t := out.packages[s.pkg]
		if t == nil {
			t = &tally{}
			out.packages[s.pkg] = t
		}
		j := judge{stream: s, known: known, accepted: accepted, w: w, left: set.diff, extra: set.extra, wrong: out.wrong}
		for _, c := range s.cases {
			for i, in := range c.inputs {
				docs, why := p.read(s.pkg+"."+s.name, in)
				t.add(j.document(c, i, docs, why))
			}
		}
	}
	return out, nil
}

// wants tells whether a stream was asked for.
func (s settings) wants(pkg, stream string) bool {
	if s.first && !slices.Contains(firstClass, pkg) {
		return false
	}
	return len(s.packages) == 0 || slices.Contains(s.packages, pkg) || slices.Contains(s.packages, pkg+"/"+stream)
}

// judge compares the documents of one stream.
type judge struct {
	stream   stream
	known    fields
	accepted []acceptance
	w        io.Writer
	left     int // documents whose differences are still printed
	extra    bool
	wrong    map[string]map[string]int
}

// document compares what came of one record with what was expected of it.
func (j *judge) document(c testCase, i int, docs []map[string]any, why error) tally {
	t := tally{docs: share{all: 1}}
	want := c.wants[i]
	if want == nil {
		if len(docs) == 0 && why == nil {
			t.docs.good = 1
		} else {
			j.print(c, i, []string{"  the record should be dropped"})
		}
		return t
	}
	var got map[string]any
	if len(docs) > 0 {
		got = flatten(docs[0])
	} else {
		t.failed = 1
	}
	var lines []string
	if why != nil {
		lines = append(lines, "  "+why.Error())
	}
	wanted := flatten(want)
	for _, path := range sorted(wanted) {
		if accepts(j.accepted, j.stream.pkg, j.stream.name, path, c.inputs[i].document) {
			t.accepted++
			continue
		}
		class := j.known.class(path)
		t.values[class].all++
		ok := j.same(c, path, got[path], wanted[path], c.inputs[i].raw)
		if ok {
			t.values[class].good++
		} else if class == classECS {
			lines = append(lines, fmt.Sprintf("  %s: %s, expected %s", path, short(got[path]), short(wanted[path])))
			j.count(path)
		}
	}
	if errs, ok := got["weir.parse_errors"]; ok && len(lines) > 0 {
		lines = append(lines, "  weir.parse_errors: "+text(errs))
	}
	for _, path := range sorted(got) {
		if _, ok := wanted[path]; !ok && j.known.class(path) == classECS && !ours(path) && !accepts(j.accepted, j.stream.pkg, j.stream.name, path, c.inputs[i].document) {
			t.extra++
			if j.extra {
				lines = append(lines, fmt.Sprintf("  + %s: %s", path, short(got[path])))
			}
		}
	}
	if t.values[classECS].good == t.values[classECS].all && t.extra == 0 {
		t.docs.good = 1
	}
	j.print(c, i, lines)
	return t
}

func (j *judge) count(path string) {
	if j.wrong[path] == nil {
		j.wrong[path] = map[string]int{}
	}
	j.wrong[path][j.stream.pkg]++
}

// same compares one field; a dynamic one must be there and match its pattern.
func (j *judge) same(c testCase, path string, got, want any, raw string) bool {
	if re := c.dynamic[path]; re != nil {
		return got != nil && re.MatchString(text(got))
	}
	return j.known.equal(path, got, want, raw)
}

// print shows the differences of a document, as long as there is room.
func (j *judge) print(c testCase, i int, lines []string) {
	if len(lines) == 0 || j.left == 0 {
		return
	}
	j.left--
	file := c.file[strings.LastIndexByte(c.file, '/')+1:]
	fmt.Fprintf(j.w, "%s/%s %s, document %d: %s\n", j.stream.pkg, j.stream.name, file, i+1, short(c.inputs[i].raw))
	for _, l := range lines {
		fmt.Fprintln(j.w, l)
	}
}

// printFields shows the fields that differ most often.
func (s *score) printFields(w io.Writer, n int) {
	total := func(path string) (sum int) {
		for _, c := range s.wrong[path] {
			sum += c
		}
		return sum
	}
	paths := sorted(s.wrong)
	slices.SortStableFunc(paths, func(a, b string) int { return total(b) - total(a) })
	for _, path := range paths[:min(n, len(paths))] {
		var in []string
		for _, pkg := range sorted(s.wrong[path]) {
			in = append(in, fmt.Sprintf("%s %d", pkg, s.wrong[path][pkg]))
		}
		fmt.Fprintf(w, "%6d  %s: %s\n", total(path), path, strings.Join(in, ", "))
	}
}

// short is a value on one line.
func short(v any) string {
	if v == nil {
		return "nothing"
	}
	s := strings.ReplaceAll(text(v), "\n", `\n`)
	if len(s) > 400 {
		s = strings.ToValidUTF8(s[:400], "") + " ..."
	}
	return s
}

// print writes the table. Its last line is that of all packages.
func (s *score) print(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "package\tdocuments\tECS values %\tdocuments equal %\textra\taccepted\tvendor %\tgeo, as %\tuser agent %\tno event\t")
	for _, name := range sorted(s.packages) {
		label := name
		if slices.Contains(firstClass, name) {
			label += " *"
		}
		s.packages[name].line(tw, label, s.packages[name].values[classECS].text())
	}
	first, all := s.sums()
	if len(first.shares) > 0 {
		first.sum.line(tw, fmt.Sprintf("first class (*), mean of %d", len(first.shares)), percent(first.mean()))
	}
	all.sum.line(tw, fmt.Sprintf("all packages, mean of %d", len(all.shares)), percent(all.mean()))
	_ = tw.Flush() // who reads no further has seen enough
	lowest, name := all.lowest()
	fmt.Fprintf(w, "lowest %s %s %%\n", name, percent(lowest))
	fmt.Fprintf(w, "all packages: %d documents, %s %% of ECS values in mean of packages, %s %% of all %d values, %s %% of documents fully equal\n",
		all.sum.docs.all, percent(all.mean()), all.sum.values[classECS].text(), all.sum.values[classECS].all, all.sum.docs.text())
}

func percent(f float64) string { return fmt.Sprintf("%.1f", float64(int(f*1000))/10) }

// line is one row of the table.
func (t *tally) line(w io.Writer, name, values string) {
	fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%d\t%d\t%s\t%s\t%s\t%d\t\n", name, t.docs.all, values, t.docs.text(), t.extra, t.accepted,
		t.values[classVendor].text(), t.values[classPlace].text(), t.values[classAgent].text(), t.failed)
}

// group is several packages together.
type group struct {
	sum    tally
	shares map[string]float64 // of ECS values, by package
}

func (g *group) add(name string, t *tally) {
	g.sum.add(*t)
	if g.shares == nil {
		g.shares = map[string]float64{}
	}
	g.shares[name] = t.values[classECS].of()
}

// mean gives each package the same weight: one that has much test data is no better for it.
func (g *group) mean() float64 {
	sum := 0.0
	for _, f := range g.shares {
		sum += f
	}
	return sum / float64(max(1, len(g.shares)))
}

// lowest returns the worst package.
func (g *group) lowest() (float64, string) {
	if len(g.shares) == 0 {
		return 0, ""
	}
	name := slices.MinFunc(sorted(g.shares), func(a, b string) int { return cmp.Compare(g.shares[a], g.shares[b]) })
	return g.shares[name], name
}

func (s *score) sums() (first, all group) {
	for name, t := range s.packages {
		all.add(name, t)
		if slices.Contains(firstClass, name) {
			first.add(name, t)
		}
	}
	return first, all
}

// missed names the bars that are not reached. The bar of all packages is only asked of all.
func (s *score) missed() []string {
	first, all := s.sums()
	var out []string
	if len(first.shares) > 0 && first.mean() < barFirstMean {
		out = append(out, fmt.Sprintf("first class has %s %% in mean, the bar is %s", percent(first.mean()), percent(barFirstMean)))
	}
	for _, name := range sorted(first.shares) {
		if first.shares[name] < barFirstEach {
			out = append(out, fmt.Sprintf("%s has %s %%, the bar is %s", name, percent(first.shares[name]), percent(barFirstEach)))
		}
	}
	if s.whole && all.mean() < barAll {
		out = append(out, fmt.Sprintf("all packages have %s %% in mean, the bar is %s", percent(all.mean()), percent(barAll)))
	}
	return out
}
