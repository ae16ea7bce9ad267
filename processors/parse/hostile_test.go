package parse_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/record"
	"weir/internal/testkit"
	"weir/processors"
	"weir/processors/parse"
)

// maxFields is above what any message has, and far below what would harm a store.
const maxFields = 2500

// sane parses a record and fails the test unless every byte of it is kept, in one event or several, and each event is one
// JSON document. What a format filters on purpose is kept by nobody. It returns how many events there were.
func sane(t testing.TB, p *parse.Parser, dataset string, record []byte) int {
	t.Helper()
	var e event.Event
	n, dropped := 0, false
	p.OnDrop(func() { dropped = true })
	err := p.ParseDataset(dataset, rawOf(record), &e, func(e *event.Event) error {
		n++
		doc := e.AppendJSON(nil)
		if !json.Valid(doc) {
			t.Fatalf("%s: %q becomes no JSON: %s", dataset, record, doc)
		}
		if fields := leavesOf(e); fields > maxFields {
			t.Errorf("%s: %.60q makes %d fields", dataset, record, fields)
		}
		kept := e.Str(event.EventOriginal)
		if b, err := base64.StdEncoding.DecodeString(e.Str(event.WeirOriginalBase64)); err == nil && len(b) > 0 {
			kept = string(b)
		}
		// The first event of a record that is not UTF-8 keeps all its bytes; the others have parts of the repaired text.
		if n == 1 && (!bytes.Contains(record, []byte(kept)) || kept == "") {
			t.Fatalf("%s: %q keeps another original: %q", dataset, record, kept)
		}
		return nil
	})
	var dead *processors.DeadLetter
	switch {
	case errors.As(err, &dead) && dead.Reason != parse.ReasonPanic: // kept with its reason
	case err != nil:
		t.Fatalf("%s: %q: %v", dataset, record, err)
	case n == 0 && !dropped:
		t.Fatalf("%s: %q is lost", dataset, record)
	}
	return n
}

func rawOf(value []byte) *record.Raw {
	return &record.Raw{Value: value, Received: time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC), Input: "syslog"}
}

func newParser(t testing.TB) *parse.Parser {
	t.Helper()
	p, err := parse.New(parse.Options{DefaultZone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sampleLine is a line of a format, from its own tests.
type sampleLine struct{ dataset, line string }

func samples(t testing.TB) (out []sampleLine) {
	t.Helper()
	set, err := parse.Shipped()
	if err != nil {
		t.Log(err) // another test is about that
	}
	for _, f := range set.List() {
		for _, test := range f.Tests {
			if line := test.Raw; line != "" {
				out = append(out, sampleLine{f.Dataset, line})
			}
		}
	}
	if len(out) < 100 {
		t.Fatalf("only %d lines in the tests of all formats", len(out))
	}
	return out
}

// Every line that formats are tested with, cut off at many places, with bytes changed, doubled, and with a byte order mark:
// none is lost, none stops the parser, and every byte is kept.
func TestShipped_HostileLines(t *testing.T) {
	p := newParser(t)
	r := rand.New(rand.NewPCG(1, 2))
	for _, s := range samples(t) {
		line := []byte(s.line)
		for i := 0; i < len(line); i += max(1, len(line)/24) {
			sane(t, p, s.dataset, line[:i+1])
			sane(t, p, s.dataset, line[i:])
		}
		for range 24 {
			changed := bytes.Clone(line)
			for range 1 + r.IntN(4) {
				changed[r.IntN(len(changed))] = byte(r.IntN(256))
			}
			sane(t, p, s.dataset, changed)
		}
		sane(t, p, s.dataset, append(append(bytes.Clone(line), ' '), line...))
		sane(t, p, s.dataset, append([]byte("\ufeff"), line...))
	}
}

// hostile are records that were made to do harm.
func hostile() map[string]string {
	keys := func(n int, pair string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, pair, i, i)
		}
		return b.String()
	}
	return map[string]string{
		"10,000 levels of JSON":   strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000),
		"10,000 lists":            `{"message":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + "}",
		"half of it":              strings.Repeat(`{"a":`, 10_000),
		"10,000 keys of JSON":     `{` + strings.TrimSuffix(keys(10_000, `"k%d":%d,`), ",") + `}`,
		"10,000 pairs":            keys(10_000, `k%d=%d `),
		"10,000 levels of XML":    strings.Repeat("<a>", 10_000) + strings.Repeat("</a>", 10_000),
		"a bomb of entities":      `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xxxx"><!ENTITY y "&x;&x;&x;&x;">]><Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>&y;</System></Event>`,
		"an external entity":      `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Event xmlns="x"><System><EventID>&x;</EventID></System></Event>`,
		"10,000 attributes":       "<Event " + keys(10_000, `a%d="%d" `) + "/>",
		"numbers out of range":    `{"a":1e999,"b":-1e999,"c":123456789012345678901234567890,"d":0.0000000000000000000000000001}`,
		"an absurd date":          "<13>Feb 31 99:99:99 host x: y",
		"a date of year 0":        `{"@timestamp":"0000-00-00T00:00:00Z","timestamp":"99999-01-01","time":-9999999999999}`,
		"an enormous time":        `{"timestamp":99999999999999999999,"time":1e300,"ts":"1e300"}`,
		"nothing but commas":      strings.Repeat(",", 50_000),
		"nothing but quotes":      strings.Repeat(`"`, 50_001),
		"nothing but backslashes": strings.Repeat(`\`, 50_001),
		"nothing but pipes":       "CEF:0" + strings.Repeat("|", 50_000),
		"nothing but tabs":        "LEEF:2.0|a|b|c|d|" + strings.Repeat("\t=", 20_000),
		"no text at all":          "\x00\x01\x02\xff\xfe",
		"UTF-16":                  "\xff\xfe<\x00E\x00v\x00e\x00n\x00t\x00",
		"a long word":             strings.Repeat("a", 1<<17),
		"blanks":                  strings.Repeat(" ", 1<<16),
		"a carriage return":       "a\r\nb\r\n\r\n",
	}
}

// Every format meets every hostile record, also behind a syslog header: it ends within the time of the test, and nothing is
// lost.
func TestShipped_HostileRecords(t *testing.T) {
	p := newParser(t)
	datasets := p.Datasets()
	for name, record := range hostile() {
		t.Run(name, func(t *testing.T) {
			for _, d := range datasets {
				sane(t, p, d, []byte(record))
			}
			sane(t, p, datasets[0], []byte("<134>Jan  2 03:04:05 host app[1]: "+record))
		})
	}
}

// leavesOf counts the paths of a document that end in a value.
func leavesOf(e *event.Event) int {
	var count func(v event.Value) int
	count = func(v event.Value) int {
		if v.Kind() != event.Object {
			return 1
		}
		n := 0
		for i := range v.Len() {
			_, m := v.Member(i)
			n += count(m)
		}
		return n
	}
	n := 0
	e.Each(func(_ event.Field, v event.Value) bool { n += count(v); return true })
	e.EachExtra(func(_ string, v event.Value) bool { n += count(v); return true })
	return n
}

// All real logs that are there, with bytes changed at random places: nothing is lost.
func TestShipped_HostileRealLogs(t *testing.T) {
	dir := filepath.Join(testkit.Shared(t), "data", "integrations")
	files, err := filepath.Glob(filepath.Join(dir, "*", "*", "test-*.log"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	p := newParser(t)
	known := map[string]bool{}
	for _, d := range p.Datasets() {
		known[d] = true
	}
	r := rand.New(rand.NewPCG(3, 4))
	seen := 0
	for _, file := range files {
		dataset := filepath.Base(filepath.Dir(filepath.Dir(file))) + "." + filepath.Base(filepath.Dir(file))
		if !known[dataset] {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range bytes.Split(data, []byte("\n")) {
			if len(line) == 0 || i > 40 {
				continue
			}
			changed := bytes.Clone(line)
			changed[r.IntN(len(changed))] ^= byte(1 << r.IntN(8))
			sane(t, p, dataset, changed[:1+r.IntN(len(changed))])
			sane(t, p, dataset, changed)
			seen++
		}
	}
	if seen < 1000 {
		t.Errorf("only %d lines were tried", seen)
	}
}

// FuzzShipped gives any bytes to any format: nothing is lost, and every byte is kept.
func FuzzShipped(f *testing.F) {
	p := newParser(f)
	datasets := p.Datasets()
	at := map[string]uint16{}
	for i, d := range datasets {
		at[d] = uint16(i)
	}
	for _, s := range samples(f) {
		f.Add(at[s.dataset], []byte(s.line))
	}
	f.Fuzz(func(t *testing.T, n uint16, record []byte) {
		if len(record) == 0 {
			return
		}
		sane(t, p, datasets[int(n)%len(datasets)], record)
	})
}
