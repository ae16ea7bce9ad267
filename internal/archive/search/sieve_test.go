package search_test

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"sort"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/archive/index"
	"weir/internal/archive/sample"
	"weir/internal/archive/search"
)

// cond is a condition with both faces: what a sieve asks of some fields, and what it means for a whole event.
type cond struct {
	sieve  *search.Sieve
	fields []string
	holds  func(*event.Event) bool
}

// on is a test of some fields.
func on(test func(vs []event.Value) bool, fields ...string) cond {
	holds := func(e *event.Event) bool {
		vs := make([]event.Value, len(fields))
		for i, f := range fields {
			vs[i] = e.GetPath(f)
		}
		return test(vs)
	}
	return cond{&search.Sieve{Test: holds, Fields: fields}, fields, holds}
}

// texts calls fn for every text of a value.
func texts(v event.Value, fn func(string) bool) bool {
	if v.Kind() == event.List {
		for i := range v.Len() {
			if texts(v.Item(i), fn) {
				return true
			}
		}
		return false
	}
	return v.Kind() != event.Absent && v.Kind() != event.Null && fn(v.Text())
}

// equal is a test for whole values, which the filter of the index may answer.
func equal(field string, values ...string) cond {
	c := on(func(vs []event.Value) bool {
		return texts(vs[0], func(s string) bool { return slices.Contains(values, s) })
	}, field)
	c.sieve.Equal = values
	return c
}

func contains(field, part string) cond {
	return on(func(vs []event.Value) bool {
		return texts(vs[0], func(s string) bool { return strings.Contains(strings.ToLower(s), part) })
	}, field)
}

func absent(field string) cond {
	return on(func(vs []event.Value) bool { return vs[0].Kind() == event.Absent }, field)
}

// leaves are conditions of every kind over what the sample documents hold.
func leaves() []cond {
	open := contains("message", "password")
	open.sieve = &search.Sieve{}
	return []cond{
		equal("user.name", "root"), equal("user.name", "김민수", "bob"), equal("event.outcome", "failure"), equal("event.dataset", "system.sshd"),
		equal("source.ip", "203.0.1.5"), equal("event.id", "q7f3kx2m/3/77"), equal("user.name", "nobody has this"), equal("tags", "vpn"),
		equal("labels.env", "prod"), equal("custom.unknown.path", "Oddity 202"), equal("my.own.field", "Value"), equal("host.name", "below a plain value"),
		contains("message", "failed"), contains("event.original", "sshd"), contains("process.name", "asa"), contains("weir.data.note", "slow"), contains("related.ip", "203."),
		absent("user.name"), absent("message"), absent("labels"), absent("event.duration"), absent("labels.env"), absent("@timestamp"), open,
		on(func(vs []event.Value) bool { return vs[0].Kind() == event.Int && vs[0].Int() > 30000 }, "source.port"),
		on(func(vs []event.Value) bool { return vs[0].Kind() == event.Time && vs[0].Time().Second()%2 == 0 }, "@timestamp"),
		on(func(vs []event.Value) bool {
			a, err := netip.ParseAddr(vs[0].Text())
			return err == nil && a.Is4() && vs[1].Text() == "root"
		}, "source.ip", "user.name"),
		on(func(vs []event.Value) bool { return len(vs[0].Text())%2 == len(vs[1].Text())%2 }, "process.name", "event.dataset"),
		on(func(vs []event.Value) bool { return vs[0].Kind() == event.Object }, "weir.data"),
		on(func(vs []event.Value) bool { return vs[0].Kind() == event.List }, "dns.answers.name"),
		on(func([]event.Value) bool { return true }, "no.such.field"), on(func([]event.Value) bool { return false }, "message"),
	}
}

// grown makes a random condition.
func grown(rnd *rand.Rand, pool []cond, depth int) cond {
	if depth == 0 || rnd.IntN(4) == 0 {
		return pool[rnd.IntN(len(pool))]
	}
	if rnd.IntN(4) == 0 {
		c := grown(rnd, pool, depth-1)
		return cond{&search.Sieve{Not: c.sieve}, c.fields, func(e *event.Event) bool { return !c.holds(e) }}
	}
	kids := make([]cond, rnd.IntN(4))
	sieves, fields := make([]*search.Sieve, len(kids)), []string{}
	for i := range kids {
		kids[i] = grown(rnd, pool, depth-1)
		sieves[i] = kids[i].sieve
		fields = append(fields, kids[i].fields...)
	}
	if rnd.IntN(2) == 0 {
		return cond{&search.Sieve{All: sieves}, fields, func(e *event.Event) bool {
			return !slices.ContainsFunc(kids, func(k cond) bool { return !k.holds(e) })
		}}
	}
	return cond{&search.Sieve{Any: sieves}, fields, func(e *event.Event) bool {
		return slices.ContainsFunc(kids, func(k cond) bool { return k.holds(e) })
	}}
}

// TestSieve_EqualsEveryDocument holds random conditions against every document, and against what comes through the columns.
func TestSieve_EqualsEveryDocument(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(5, 5))
	docs := slices.Concat(sample.Docs(3, 800), sample.Ugly(), sample.Docs(4, 60))
	rnd.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
	parts, events := split(t, docs), decode(docs)
	pool := leaves()
	conds := slices.Clone(pool)
	for range 60 {
		conds = append(conds, grown(rnd, pool, 3))
	}
	some, ruled := 0, 0
	for i, c := range conds {
		var want []string
		for j := range events {
			if c.holds(&events[j]) {
				want = append(want, string(events[j].AppendJSON(nil)))
			}
		}
		got, stats := sifted(t, parts, search.SiftOptions{Sieve: c.sieve, Keep: c.holds, Read: append([]string{"@timestamp"}, c.fields...)})
		whole, _ := sifted(t, parts, search.SiftOptions{Keep: c.holds})
		sort.Strings(want)
		if !slices.Equal(got, whole) { // the same order, too
			t.Errorf("condition %d over %v: with columns and without: %s", i, c.fields, difference(got, whole))
		}
		sort.Strings(got)
		if !slices.Equal(got, want) {
			t.Errorf("condition %d over %v: %d of %d; %s", i, c.fields, len(got), len(want), difference(got, want))
		}
		if stats.Rows != len(docs) || stats.Passed != len(docs) || stats.Ruled+stats.Asked != len(docs) || stats.Kept != len(want) || stats.Segments != 3 {
			t.Errorf("condition %d: %+v", i, stats)
		}
		some += min(1, len(want))
		ruled += stats.Ruled
	}
	if some < len(conds)/2 || ruled < len(conds)*len(docs)/3 {
		t.Errorf("%d of %d conditions match anything, %d rows left out: the test says little", some, len(conds), ruled)
	}
}

// TestSieve_LeavesSegmentsOut: a value that the filter of the index does not know costs no column.
func TestSieve_LeavesSegmentsOut(t *testing.T) {
	t.Parallel()
	docs := sample.Docs(3, 600)
	var loaded []string
	part := sealed(t, docs, true)
	open := part.Open
	part.Open = func() (search.Chunk, *index.Reader, func(), error) {
		c, ix, release, err := open()
		return &watched{c, &loaded}, ix, release, err
	}
	all := &search.Sieve{All: []*search.Sieve{contains("message", "a").sieve, equal("user.name", "nobody has this").sieve}}
	got, stats := sifted(t, []search.Part{part}, search.SiftOptions{Sieve: all})
	if len(got) != 0 || stats.Ruled != len(docs) || slices.Contains(loaded, "message") || slices.Contains(loaded, "user.name") {
		t.Errorf("%d events, %+v, read %v", len(got), stats, loaded)
	}
	loaded = nil
	if got, stats = sifted(t, []search.Part{part}, search.SiftOptions{Sieve: equal("user.name", "root").sieve, Keep: func(*event.Event) bool { return false }, Read: []string{"user.name"}}); len(got) != 0 || stats.Asked == 0 || stats.Read != 1 {
		t.Errorf("%d events, %+v", len(got), stats)
	}
	if slices.Contains(loaded, "message") || slices.Contains(loaded, "event.original") {
		t.Errorf("texts that nobody needs were read: %v", loaded)
	}
}

// watched notes which columns are read.
type watched struct {
	search.Chunk
	loaded *[]string
}

func (w *watched) Load(name string, within column.Bits) (*column.Column, error) {
	*w.loaded = append(*w.loaded, name)
	return w.Chunk.Load(name, within)
}
