package detect

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"weir/event"
	"weir/internal/match/naive"
	"weir/internal/testkit"
	"weir/processors/parse/winevent"
	"weir/rules"
	"weir/rules/pipelines"
)

// sigmaHQ returns the active rules of SigmaHQ, read once.
func sigmaHQ(t testing.TB) *rules.Set {
	t.Helper()
	sigmaOnce.Do(func() {
		sigmaSet = rules.Load(rules.Options{Pipelines: pipelines.Shipped()}, rules.Source{Name: "sigma", FS: testkit.SigmaHQ(t)})
	})
	if sigmaSet == nil {
		t.Fatal("another test found no rules")
	}
	if len(sigmaSet.Rules) < 3700 {
		t.Fatalf("only %d rules: %v", len(sigmaSet.Rules), sigmaSet.Faults[:min(3, len(sigmaSet.Faults))])
	}
	return sigmaSet
}

var (
	sigmaOnce sync.Once
	sigmaSet  *rules.Set
)

// realLines returns every Windows event of the test data, one a line, in the three shapes in which they come.
func realLines(t testing.TB) [][]byte {
	t.Helper()
	var lines [][]byte
	add := func(doc []byte) {
		var b bytes.Buffer
		if err := json.Compact(&b, doc); err == nil {
			lines = append(lines, b.Bytes())
		}
	}
	data := filepath.Join(testkit.Shared(t), "data")
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(data, path)
		rel = filepath.ToSlash(rel)
		switch {
		case strings.HasPrefix(rel, "security-datasets/atomic/") && strings.HasSuffix(rel, ".zip"):
			return unzip(path, func(line []byte) { lines = append(lines, line) })
		case strings.HasPrefix(rel, "sigma/regression/") && strings.HasSuffix(rel, ".json"), strings.HasPrefix(rel, "windows-evtx/") && strings.Contains(rel, "/collection/") && strings.HasSuffix(rel, ".json"):
			return documents(path, add)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) < 10_000 {
		t.Fatalf("only %d events", len(lines))
	}
	return lines
}

func unzip(path string, fn func(line []byte)) error {
	z, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer z.Close()
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return err
		}
		doc, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			return err
		}
		for line := range bytes.SplitSeq(doc, []byte("\n")) {
			if line = bytes.TrimSpace(line); len(line) > 0 && json.Valid(line) {
				fn(line)
			}
		}
	}
	return nil
}

// documents calls fn with every JSON document of a file, and with each of a list of them.
func documents(path string, fn func(doc []byte)) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(content))
	for dec.More() {
		var doc json.RawMessage
		if err := dec.Decode(&doc); err != nil {
			return nil //nolint:nilerr // some files hold other things than events
		}
		var list []json.RawMessage
		if json.Unmarshal(doc, &list) != nil {
			list = []json.RawMessage{doc}
		}
		for _, d := range list {
			fn(d)
		}
	}
	return nil
}

// windowsReader reads lines as the windows pipeline names their values.
func windowsReader() *winevent.Reader {
	pipes := pipelines.Shipped()
	return winevent.New(func(name string) string { return pipes.Paths(pipelines.LogSource{Product: "windows"}, name)[0] })
}

// realEngine is the engine of SigmaHQ. Its rules must be loaded before events are read, which makes their fields known.
func realEngine(t testing.TB, set *rules.Set) *Engine {
	t.Helper()
	en, faults := New(set, nil, pipelines.Shipped())
	if len(faults) != 0 {
		t.Fatal(faults)
	}
	return en
}

// TestReal_AsNaive holds real events against the rules that are for them, and some against all rules, by the engine and by
// the naive meaning of the rules. WEIR_REQUIRE=naive takes every third event there is; WEIR_NAIVE=all every one, which
// takes minutes.
func TestReal_AsNaive(t *testing.T) {
	t.Parallel()
	en := realEngine(t, sigmaHQ(t))
	lines := realLines(t)
	step, unrouted := 61, 20
	if testkit.Required(t, "naive") {
		step, unrouted = 3, 20
	}
	if os.Getenv("WEIR_NAIVE") == "all" {
		step, unrouted = 1, 40
	}
	r, e := windowsReader(), new(event.Event)
	for n, i := 0, 0; i < len(lines); n, i = n+1, i+step {
		if err := r.Read(lines[i], e); err != nil {
			t.Errorf("line %d: %v", i, err)
			continue
		}
		sameAsNaive(t, en, en.class(e), e)
		if n%unrouted == 0 {
			sameAsNaive(t, en, en.build(0), e)
		}
	}
}

func sameAsNaive(t *testing.T, en *Engine, c *class, e *event.Event) {
	w := new(worker)
	w.view.Reset(e)
	got := map[int]bool{}
	c.set.Each(&w.view, func(i int) { got[i] = true })
	for i, place := range c.conds {
		cond := &en.conds[place]
		if want := naive.Holds(cond.cond.Tree(), e); want != got[i] {
			t.Errorf("%s: %v, naively %v on %.300s", cond.of.rule.File, got[i], want, e.AppendJSON(nil))
		}
	}
}
