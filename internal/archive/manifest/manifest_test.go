package manifest_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"weir/internal/archive/manifest"
)

// lines makes a manifest of n records.
func lines(t testing.TB, n int) []byte {
	t.Helper()
	var b []byte
	prev := ""
	for i := range n {
		r := manifest.Record{Seq: uint64(i + 1), Published: time.Unix(int64(i), 0).UTC(), Writer: "w", Prev: prev,
			Segments: []manifest.Segment{{Path: "class=a/day=2026-11-21/s-1.parquet", Class: "a", Day: "2026-11-21", SHA256: strings.Repeat("ab", 32), Bytes: 10, Rows: 2,
				Min: time.Unix(1, 0).UTC(), Max: time.Unix(2, 0).UTC(), Schema: 1}},
			Sources: map[string][2]int64{"weir.events/0": {int64(i), int64(i + 1)}},
			Marks:   map[string]map[string][2]int64{"weir.events/0": {"weir.raw.syslog/0": {int64(i), 1}}},
			Counts:  map[string]manifest.Count{"syslog/192.0.2.1": {Stored: 2, Duplicates: uint64(i)}}}
		var err error
		if b, prev, err = r.Append(b); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func read(t testing.TB, b []byte) *manifest.List {
	t.Helper()
	l, err := manifest.Read(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestRead_Success(t *testing.T) {
	b := lines(t, 3)
	l := read(t, b)
	if len(l.Records) != 3 || len(l.Problems) != 0 || l.Size != int64(len(b)) || l.Torn != 0 {
		t.Fatalf("%+v", l)
	}
	last := bytes.Split(bytes.TrimSpace(b), []byte("\n"))[2]
	if l.Last != manifest.Hash(last) || l.Records[2].Counts["syslog/192.0.2.1"].Duplicates != 2 || l.Records[0].Segments[0].Sum()[0] != 0xab {
		t.Errorf("%+v", l)
	}
	if empty := read(t, nil); len(empty.Records) != 0 || empty.Last != "" {
		t.Errorf("an empty manifest: %+v", empty)
	}
}

func TestRead_TornEnd(t *testing.T) {
	b := lines(t, 3)
	two := int64(len(lines(t, 2)))
	for _, cut := range []int{1, 2, 100} {
		l := read(t, b[:len(b)-cut])
		if len(l.Records) != 2 || l.Size != two || l.Torn != int64(len(b)-cut)-two || len(l.Problems) != 0 {
			t.Errorf("cut %d: %d records, size %d, torn %d, %v", cut, len(l.Records), l.Size, l.Torn, l.Problems)
		}
	}
}

func TestRead_Failure(t *testing.T) {
	replace := func(from, to string) func([]byte) []byte {
		return func(b []byte) []byte { return bytes.Replace(b, []byte(from), []byte(to), 1) }
	}
	cases := map[string]struct {
		change func([]byte) []byte
		line   int
		reason string
	}{
		"another writer":     {replace(`"writer":"w"`, `"writer":"x"`), 2, "does not follow"},
		"no JSON":            {replace(`{"seq":1`, `{"seq:1`), 1, "not a record"},
		"no number":          {replace(`{"seq":1`, `{"seq":0`), 1, "no number"},
		"number twice":       {replace(`{"seq":3`, `{"seq":2`), 3, "number 2 follows number 2"},
		"path leads out":     {replace(`class=a/day`, `class=a/../../day`), 1, "leads elsewhere"},
		"absolute path":      {replace(`"path":"class=a`, `"path":"/class=a`), 1, "leads elsewhere"},
		"no rows":            {replace(`"rows":2`, `"rows":0`), 1, "empty"},
		"negative size":      {replace(`"bytes":10`, `"bytes":-1`), 1, "empty"},
		"no hash":            {replace(strings.Repeat("ab", 32), "abab"), 1, "SHA-256"},
		"ends before begins": {replace(`"max":"1970-01-01T00:00:02Z"`, `"max":"1970-01-01T00:00:00Z"`), 1, "ends before"},
		"offsets backwards":  {replace(`"weir.events/0":[0,1]`, `"weir.events/0":[5,1]`), 1, "from 5 to 1"},
		"something behind":   {replace("}\n", "} {}\n"), 1, "behind the record"},
		"line taken out":     {func(b []byte) []byte { return b[bytes.IndexByte(b, '\n')+1:] }, 1, "does not follow"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l := read(t, c.change(lines(t, 3)))
			found := false
			for _, p := range l.Problems {
				found = found || p.Line == c.line && strings.Contains(p.Reason, c.reason)
			}
			if !found {
				t.Errorf("problems: %+v", l.Problems)
			}
			if len(l.Records) < 2 {
				t.Errorf("only %d records are left", len(l.Records))
			}
		})
	}
}

func TestRead_DiskTrouble(t *testing.T) {
	trouble := errors.New("trouble")
	_, err := manifest.Read(io.MultiReader(bytes.NewReader(lines(t, 1)), iotest.ErrReader(trouble)))
	if !errors.Is(err, trouble) || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("got %v", err)
	}
}

func FuzzRead(f *testing.F) {
	b := lines(f, 2)
	f.Add(b)
	f.Add(b[:len(b)-5])
	f.Add(bytes.Replace(b, []byte("class=a"), []byte("class=../"), 1))
	f.Add([]byte("{}\nnull\n[]\n\n{\"seq\":1}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l := read(t, b)
		if l.Size+l.Torn != int64(len(b)) {
			t.Fatalf("%d whole and %d torn of %d bytes", l.Size, l.Torn, len(b))
		}
		for _, r := range l.Records {
			for _, s := range r.Segments {
				if strings.Contains(s.Path, "..") || strings.HasPrefix(s.Path, "/") || s.Rows <= 0 {
					t.Fatalf("a segment outside the archive: %+v", s)
				}
			}
		}
		// Whatever is there, a record that is appended behind the whole lines is read back, and follows.
		next := manifest.Record{Seq: 1, Prev: l.Last}
		if n := len(l.Records); n > 0 {
			next.Seq = l.Records[n-1].Seq + 1
		}
		if next.Seq == 0 {
			return
		}
		more, _, err := next.Append(bytes.Clone(b[:l.Size]))
		if err != nil {
			t.Fatal(err)
		}
		after := read(t, more)
		if len(after.Records) != len(l.Records)+1 || len(after.Problems) != len(l.Problems) {
			t.Fatalf("%d records and %v, before %d and %v", len(after.Records), after.Problems, len(l.Records), l.Problems)
		}
	})
}
