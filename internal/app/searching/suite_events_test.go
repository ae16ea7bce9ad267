package searching_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/app/tools"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/testkit"
	"weir/rules/pipelines"
)

// realEvents returns n events of the shared data, made by weir's own parsers where it has lines: system and application logs,
// Windows events of recorded attacks, and the documents of integrations. Where there are fewer they come again, at another
// time. each bounds what is taken of one file, 0 for all of it.
func realEvents(t testing.TB, n, each int) [][]byte {
	t.Helper()
	data := filepath.Join(testkit.Shared(t), "data")
	c := collector{t: t, want: n, each: each, ids: map[string]bool{}}
	c.lines(filepath.Join(data, "loghub"))
	c.recordings(filepath.Join(data, "security-datasets"))
	c.collected(filepath.Join(data, "windows-evtx"))
	c.integrations(filepath.Join(data, "integrations"))
	distinct := len(c.docs)
	if distinct == 0 {
		t.Fatal("no events")
	}
	var e event.Event
	for round := 1; len(c.docs) < n; round++ {
		for _, doc := range c.docs[:distinct] {
			if len(c.docs) >= n {
				break
			}
			if err := e.Decode(doc); err != nil {
				t.Fatal(err)
			}
			e.Set(event.Timestamp, event.At(e.Get(event.Timestamp).Time().Add(time.Duration(round)*97*time.Minute)))
			c.add(&e)
		}
	}
	t.Logf("%d events, %d of them different", len(c.docs), distinct)
	return c.docs[:n]
}

// collector gathers documents as every store can keep them.
type collector struct {
	t    testing.TB
	want int
	each int
	ids  map[string]bool
	docs [][]byte
}

// add takes one event. Elasticsearch keeps dates by the millisecond and texts up to a length, so events are cut to that:
// what is compared is what a query means and not what a store can hold.
func (c *collector) add(e *event.Event) {
	e.Conform()
	e.DropExtras()
	e.Delete(event.EventOriginal)
	at := e.Get(event.Timestamp).Time().Truncate(time.Millisecond)
	if e.Get(event.Timestamp).Kind() != event.Time || at.Year() < 1990 || at.Year() > 2100 {
		at = time.Date(2026, 11, 1, 0, 0, len(c.docs), 0, time.UTC)
	}
	e.Set(event.Timestamp, event.At(at))
	// Files are made by this time, whatever the logged one: as if all came within some days.
	e.Set(event.WeirTime, event.At(time.Date(2026, 11, 1+len(c.docs)%3, 0, 0, 0, 0, time.UTC)))
	var long []event.Field
	e.Each(func(f event.Field, v event.Value) bool {
		if len(v.AppendJSON(nil)) > 8000 {
			long = append(long, f)
		}
		return true
	})
	for _, f := range long {
		e.Delete(f)
	}
	e.SetStr(event.EventID, fmt.Sprintf("real/%06d", len(c.docs)))
	c.docs = append(c.docs, e.AppendJSON(nil))
}

// more tells whether a file may give one more.
func (c *collector) more(taken int) bool { return c.each == 0 || taken < c.each }

// read makes events of lines.
func (c *collector) read(form tools.Form, r io.Reader) {
	cfg := config.Default()
	cfg.Data = c.t.TempDir()
	l, err := tools.NewLines(cfg, pipelines.Shipped(), form)
	if err != nil {
		c.t.Fatal(err)
	}
	err = l.Read(c.t.Context(), r, func(_ int, e *event.Event) error {
		c.add(e)
		return nil
	}, func(*fault.Error) {})
	if err != nil && c.t.Context().Err() != nil {
		c.t.Fatal(err)
	}
}

// head returns the first lines of a text.
func (c *collector) head(b []byte) []byte {
	var out []byte
	n := 0
	for line := range bytes.Lines(b) {
		if !c.more(n) {
			break
		}
		if s := bytes.TrimSpace(line); len(s) > 0 {
			out = append(append(out, bytes.ToValidUTF8(s, []byte("?"))...), '\n')
			n++
		}
	}
	return out
}

func (c *collector) lines(dir string) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*_2k.log"))
	if err != nil || len(files) == 0 {
		c.t.Fatalf("no log lines: %v", err)
	}
	var all []byte
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			c.t.Fatal(err)
		}
		all = append(all, c.head(b)...)
	}
	c.read(tools.Form{Raw: "auto"}, bytes.NewReader(all))
}

func (c *collector) recordings(dir string) {
	var all []byte
	c.walk(dir, ".zip", func(path string) {
		z, err := zip.OpenReader(path)
		if err != nil {
			c.t.Fatal(err)
		}
		defer z.Close()
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				c.t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != nil {
				c.t.Fatal(err)
			}
			if b = c.head(b); len(b) > 0 && b[0] == '{' {
				all = append(all, b...)
			}
			_ = r.Close() // only read
		}
	})
	c.read(tools.Form{WinEvent: true}, bytes.NewReader(all))
}

func (c *collector) collected(dir string) {
	var all []byte
	c.walk(dir, ".evtx.golden.json", func(path string) {
		b, err := os.ReadFile(path)
		if err != nil {
			c.t.Fatal(err)
		}
		var list []json.RawMessage
		if err := json.Unmarshal(b, &list); err != nil {
			c.t.Fatal(err)
		}
		for i, doc := range list {
			if c.more(i) {
				var flat bytes.Buffer
				if err := json.Compact(&flat, doc); err != nil {
					c.t.Fatal(err)
				}
				all = append(append(all, flat.Bytes()...), '\n')
			}
		}
	})
	c.read(tools.Form{WinEvent: true}, bytes.NewReader(all))
}

func (c *collector) integrations(dir string) {
	var e event.Event
	c.walk(dir, "-expected.json", func(path string) {
		b, err := os.ReadFile(path)
		if err != nil {
			c.t.Fatal(err)
		}
		var file struct{ Expected []json.RawMessage }
		if json.Unmarshal(b, &file) != nil {
			return // not every file of that name is a list of documents
		}
		for i, doc := range file.Expected {
			if c.more(i) && string(doc) != "null" && e.Decode(doc) == nil {
				c.add(&e)
			}
		}
	})
}

func (c *collector) walk(dir, ext string, fn func(path string)) {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ext) && len(c.docs) < c.want {
			fn(path)
		}
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
}
