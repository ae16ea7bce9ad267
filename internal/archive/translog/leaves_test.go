package translog

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"

	"weir/internal/archive/manifest"
	"weir/internal/testkit"
)

func TestLeaves(t *testing.T) {
	when := time.Date(2026, 11, 21, 7, 0, 0, 1000, time.UTC)
	for _, tc := range []struct {
		name string
		rec  manifest.Record
		want []string
	}{
		{"nothing but the line", manifest.Record{Seq: 1}, []string{`{"v":1,"kind":"record","seq":1,"sha256":"HASH","segments":0,"actions":0}`}},
		{"segments", manifest.Record{Seq: 7, Segments: []manifest.Segment{
			{Path: "class=a/day=2026-11-21/s-00000007.parquet", Class: "a", Day: "2026-11-21", SHA256: "00", Bytes: 5, Rows: 6, Min: when, Max: when, Schema: 2},
			{Path: "class=b/day=2026-11-21/s-00000007.parquet", Class: "b", Min: when, Max: when, Revised: &[2]time.Time{when, when}},
		}}, []string{
			`{"v":1,"kind":"record","seq":7,"sha256":"HASH","segments":2,"actions":0}`,
			`{"v":1,"kind":"segment","seq":7,"n":0,"body":{"path":"class=a/day=2026-11-21/s-00000007.parquet","class":"a","day":"2026-11-21","sha256":"00","bytes":5,"rows":6,"min":"2026-11-21T07:00:00.000001Z","max":"2026-11-21T07:00:00.000001Z","schema":2}}`,
			`{"v":1,"kind":"segment","seq":7,"n":1,"body":{"path":"class=b/day=2026-11-21/s-00000007.parquet","class":"b","day":"","sha256":"","bytes":0,"rows":0,"min":"2026-11-21T07:00:00.000001Z","max":"2026-11-21T07:00:00.000001Z","schema":0,"revised":["2026-11-21T07:00:00.000001Z","2026-11-21T07:00:00.000001Z"]}}`,
		}},
		{"actions", manifest.Record{Seq: 9, Actions: []manifest.Action{
			{Kind: "hold", At: when, By: `kim "<a>"`, Body: json.RawMessage(`{"id":"h1"}`)},
			{Kind: "release", At: when, By: "김", Body: json.RawMessage(`{"id":"h1"}`)},
		}}, []string{
			`{"v":1,"kind":"record","seq":9,"sha256":"HASH","segments":0,"actions":2}`,
			`{"v":1,"kind":"hold","seq":9,"n":0,"at":"2026-11-21T07:00:00.000001Z","by":"kim \"\u003ca\u003e\"","body":{"id":"h1"}}`,
			`{"v":1,"kind":"release","seq":9,"n":1,"at":"2026-11-21T07:00:00.000001Z","by":"김","body":{"id":"h1"}}`,
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := Leaves(&tc.rec, "HASH")
			if len(got) != len(tc.want) {
				t.Fatalf("%d leaves, want %d", len(got), len(tc.want))
			}
			for i := range got {
				if string(got[i]) != tc.want[i] {
					t.Errorf("leaf %d\n got %s\nwant %s", i, got[i], tc.want[i])
				}
				if _, err := ParseLeaf(got[i]); err != nil {
					t.Errorf("leaf %d: %v", i, err)
				}
			}
		})
	}
}

// TestLeaves_TheSameFromTheLineThatWasRead: whoever reads the manifest makes the entries that its writer made.
func TestLeaves_TheSameFromTheLineThatWasRead(t *testing.T) {
	for _, by := range []string{"kim", "a<b>&c", "\u2028\u2029\x00\x1f\x7f\b\f\n\r\t\\\"/", "\xff\xfe bytes", "김민수 😀"} {
		a, err := manifest.NewAction(manifest.KindHold, by, time.Now(), manifest.Hold{ID: by, Query: by, Reason: by, From: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		rec := &manifest.Record{Seq: 3, Published: time.Now(), Segments: []manifest.Segment{}, Sources: map[string][2]int64{}, Actions: []manifest.Action{a}}
		line, hash, err := rec.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		once, err := (position{}).next(line[:len(line)-1])
		if err != nil || once.hash != hash {
			t.Fatal(err)
		}
		first := Leaves(once.rec, once.hash)
		// Written and read once more they stay what they are.
		line, _, err = once.rec.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := (position{}).next(line[:len(line)-1])
		if err != nil {
			t.Fatal(err)
		}
		second := Leaves(twice.rec, once.hash)
		if string(first[1]) != string(second[1]) {
			t.Errorf("%q:\n%s\n%s", by, first[1], second[1])
		}
	}
}

func TestParseLeaf_Failure(t *testing.T) {
	for _, in := range []string{"", "{}", `{"v":1}`, `{"v":2,"kind":"record","seq":1}`, `{"v":1,"kind":"record"}`, `{"v":1,"kind":"record","seq":1} `,
		`{"v":1,"kind":"record","seq":1}{}`, `{"v":1,"kind":"record","seq":1,"more":1}`, `{"v":1,"kind":"record","seq":-1}`, `[]`, "\x00"} {
		if l, err := ParseLeaf([]byte(in)); err == nil {
			t.Errorf("%q: %+v", in, l)
		}
	}
}

// TestVerifyPy_MakesTheSameEntries runs the reading of the manifest that verify.py has over lines that are hard to write
// in the same way twice.
func TestVerifyPy_MakesTheSameEntries(t *testing.T) {
	w := newWorld(t)
	w.add(3)
	for _, by := range []string{"kim", "a<b>&c", "\u2028\u2029\x00\x1f\x7f\b\f\n\r\t\\\"/", "\xff\xfe bytes", "김민수 😀", `{"v":1}`, "],}"} {
		a := action(t, manifest.KindHold, manifest.Hold{ID: "h", Query: by, Reason: by, Until: at(5)})
		a.By = by
		w.add(0, a, action(t, manifest.KindRelease, manifest.Release{ID: by}))
	}
	w.add(2)
	w.once()
	w.check()
	path, err := exec.LookPath("python3")
	if err != nil {
		testkit.Skip(t, "python3", "the second verifier is a Python program")
	}
	out, err := exec.Command(path, "../../../docs/evidence/verify.py", w.dir, "--key", w.verifier()).CombinedOutput()
	// The segments of this world are not there; the log and the manifest must agree.
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "removed ") && !strings.HasPrefix(line, "not checked ") && !strings.Contains(line, " entries signed, ") {
			t.Errorf("%v: %s", err, line)
		}
	}
}

func FuzzParseLeaf(f *testing.F) {
	f.Add([]byte(`{"v":1,"kind":"record","seq":1,"sha256":"00","segments":0,"actions":0}`))
	f.Add([]byte(`{"v":1,"kind":"hold","seq":9,"n":0,"at":"2026-11-21T07:00:00Z","by":"kim","body":{"id":"h1"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := ParseLeaf(b)
		if err != nil {
			return
		}
		// What was read can be written and read again, and is the same.
		again, err := json.Marshal(l)
		if err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if _, err := ParseLeaf(again); err != nil {
			t.Fatalf("%s -> %s: %v", b, again, err)
		}
	})
}
