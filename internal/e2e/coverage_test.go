package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// evaluated is a stretch of offsets as its document tells.
type evaluated struct {
	at       string // topic/partition
	from, to int64
	set      string
}

// stretches reads the documents of coverage.
func (w *weir) stretches() []evaluated {
	w.t.Helper()
	var out []evaluated
	number := func(doc map[string]any, path string) int64 {
		n, err := strconv.ParseInt(field(doc, path), 10, 64)
		if err != nil {
			w.t.Fatal(err)
		}
		return n
	}
	w.each("weir.coverage.to: *", 100_000, func(doc map[string]any) {
		out = append(out, evaluated{at: field(doc, "weir.coverage.topic") + "/" + field(doc, "weir.coverage.partition"),
			from: number(doc, "weir.coverage.from"), to: number(doc, "weir.coverage.to"), set: field(doc, "weir.ruleset.hash")})
	})
	slices.SortFunc(out, func(a, b evaluated) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	return out
}

// TestKill_Coverage kills the process while it receives and while its rules change. Afterwards every offset of every event
// is in a stretch, nothing between them is missing, only what was read again after a kill is in two, and the command says
// that there is no gap.
func TestKill_Coverage(t *testing.T) {
	w := newWeir(t, "WEIR_RULES_SHIPPED=false")
	n := killCount(t) / 2
	folder := filepath.Join(w.dir, "rules")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	rule := func(i int) {
		text := fmt.Sprintf("id: failed\ntitle: F\nlevel: low\ntags: [attack.t1110]\nwhen: event.outcome == \"failure\" and user.name != \"nobody-%d\"\n", i)
		if err := os.WriteFile(filepath.Join(folder, "failed.yaml"), []byte(text), 0o600); err != nil {
			t.Error(err)
		}
	}
	rule(0)
	w.start()
	_, killed := w.relpWhileKilled(n, func(i int) {
		if i%(n/8) == 0 {
			rule(i)
		}
	})
	w.stop()
	list := w.stretches()
	again, sets := chained(t, list)
	events := 0
	w.each("event.dataset: system.auth and event.kind: event", 10*n, func(doc map[string]any) {
		events++
		src := strings.Split(field(doc, "weir.src"), "/")
		offset, err := strconv.ParseInt(src[len(src)-2], 10, 64)
		at := strings.Join(src[:len(src)-2], "/")
		if err != nil || !slices.ContainsFunc(list, func(s evaluated) bool { return s.at == at && s.from <= offset && offset < s.to }) {
			t.Fatalf("an event that no stretch covers: %s (%v)", field(doc, "weir.src"), err)
		}
	})
	t.Logf("%d kills, %d events, %d stretches, %d rule sets, %d offsets read again", killed, events, len(list), sets, again)
	if killed == 0 || sets < 2 || events < n {
		t.Errorf("%d kills, %d sets and %d of %d events: too little for a test", killed, sets, events, n)
	}
	if _, balanced := w.ledger(); !balanced {
		t.Error("the ledger does not balance")
	}
	w.saysNoGap()
}

// chained checks that the stretches of each partition leave nothing out, and counts offsets that are in two, and sets.
func chained(t *testing.T, list []evaluated) (again int64, sets int) {
	t.Helper()
	hashes := map[string]bool{}
	for i, s := range list {
		hashes[s.set] = true
		if i == 0 || list[i-1].at != s.at {
			if s.from != 0 {
				t.Errorf("%s begins at %d", s.at, s.from)
			}
			continue
		}
		furthest := int64(0)
		for _, before := range list[:i] {
			if before.at == s.at {
				furthest = max(furthest, before.to)
			}
		}
		if s.from > furthest {
			t.Errorf("%s: nobody says what became of %d to %d", s.at, furthest, s.from)
		}
		again += max(0, min(s.to, furthest)-s.from)
	}
	return again, len(hashes)
}

// saysNoGap asks the command, on the files of a weir that does not run.
func (w *weir) saysNoGap() {
	w.t.Helper()
	layer := filepath.Join(w.t.TempDir(), "layer.json")
	kinds := map[string]int{}
	for line := range strings.Lines(w.run("rules", "coverage", "--json", "--navigator", layer)) {
		var x struct {
			Kind, Gap, Why string
		}
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			w.t.Fatalf("%s: %v", line, err)
		}
		kinds[x.Kind]++
		if x.Gap == "not-evaluated" {
			w.t.Errorf("a gap that is none: %s", line)
		}
	}
	if kinds["rule"] != 1 || kinds["technique"] != 1 || kinds["summary"] != 1 || kinds["set"] < 2 {
		w.t.Errorf("%v", kinds)
	}
	if doc, err := os.ReadFile(layer); err != nil || !strings.Contains(string(doc), `"T1110"`) {
		w.t.Errorf("the layer: %s, %v", doc, err)
	}
}
