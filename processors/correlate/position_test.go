package correlate

import (
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/fault"
)

func TestWorker_duplicatesAndHoles(t *testing.T) {
	set := testRules()
	recs := topic(t, mixed(7, 40))
	var once, twice sink
	w := newWorker(t, options(t.TempDir(), &once, set), "weir.signals", 3, 0)
	process(t, w, recs)
	w.Close()

	w = newWorker(t, options(t.TempDir(), &twice, set), "weir.signals", 3, 0)
	for i := 0; i < len(recs); i += 10 { // normalise wrote each run of ten twice
		end := min(i+10, len(recs))
		process(t, w, recs[i:end])
		again := make([]*kgo.Record, 0, 10)
		for _, r := range recs[i:end] {
			c := *r
			c.Offset += 1000
			again = append(again, &c)
		}
		process(t, w, again)
	}
	if n := w.Stats().Duplicates; n != uint64(len(recs)) {
		t.Errorf("%d duplicates counted, want %d", n, len(recs))
	}
	w.Close()
	if !slices.Equal(once.lines, twice.lines) {
		t.Error("duplicates changed the alerts")
	}

	w = newWorker(t, options(t.TempDir(), &sink{}, set), "weir.signals", 3, 0)
	process(t, w, recs[:5])
	err := w.Process(t.Context(), recs[6:7], func(error) { t.Error("a hole was answered") })
	if fault.Code(err) != "stream-hole" {
		t.Errorf("a missing record: %v", err)
	}
	w.pending = nil
	w.Close()
}

func TestPositions_take(t *testing.T) {
	type step struct {
		src, prev string
		fresh     bool
		code      string
	}
	for name, steps := range map[string][]step{
		"in order":                 {{"t/0/1/0", "", true, ""}, {"t/0/2/0", "t/0/1/0", true, ""}, {"t/0/2/1", "t/0/2/0", true, ""}},
		"again":                    {{"t/0/5/0", "", true, ""}, {"t/0/5/0", "t/0/4/0", false, ""}, {"t/0/4/9", "t/0/4/8", false, ""}},
		"a hole":                   {{"t/0/1/0", "", true, ""}, {"t/0/3/0", "t/0/2/0", false, "stream-hole"}},
		"after a hole it is again": {{"t/0/1/0", "", true, ""}, {"t/0/3/0", "t/0/2/0", false, "stream-hole"}, {"t/0/2/0", "t/0/1/0", true, ""}, {"t/0/3/0", "t/0/2/0", true, ""}},
		"never seen":               {{"t/0/70/0", "t/0/69/0", true, ""}},
		"another partition":        {{"t/0/9/0", "", true, ""}, {"t/1/1/0", "", true, ""}, {"t/0/9/0", "", false, ""}},
		"another run of normalise": {{"t/0/9/0", "", true, ""}, {"t/0/10/0", "", true, ""}}, // without prev it promises nothing
		"nobody's":                 {{"", "", true, ""}, {"", "", true, ""}},
	} {
		p := positions{}
		for i, s := range steps {
			fresh, err := p.take(s.src, s.prev)
			if fresh != s.fresh || fault.Code(err) != s.code || (err != nil) != (s.code != "") {
				t.Errorf("%s, record %d (%s after %s): %v, %v", name, i, s.src, s.prev, fresh, err)
			}
		}
	}
	for _, headers := range [][2]string{{"odd", ""}, {"t/0/2/0", "odd"}} {
		p := positions{}
		if _, err := p.take("t/0/1/0", ""); err != nil {
			t.Fatal(err)
		}
		if _, err := p.take(headers[0], headers[1]); err == nil {
			t.Errorf("%q after %q is taken", headers[0], headers[1])
		}
	}
}
