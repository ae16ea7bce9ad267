package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
)

func TestAddDuck(t *testing.T) {
	out := "duckdb v1.4.5\n" +
		"Q all scan needle        med=   174.53 ms first=   234.34 cpu=   337.8 ms  -> 1 rows, last 2\n" +
		"Q day scan needle        med=     2.50 ms first=     3.00 cpu=     4.0 ms  -> 1 rows, last 0\n" +
		"Q day ip=                med=     1.00 ms first=     1.00 cpu=     1.0 ms  -> 1 rows, last 4\n"
	answers := make([][2]asked, len(questions))
	if err := addDuck([]byte(out), answers, false); err != nil {
		t.Fatal(err)
	}
	if err := addDuck([]byte(out), answers, true); err != nil {
		t.Fatal(err)
	}
	if day, all := answers[0][0], answers[0][1]; day.duck.took.median().wall != 2500*time.Microsecond || day.duck.took.median().cpu != 4*time.Millisecond ||
		all.duck.took.median().wall != 174530*time.Microsecond || len(all.open.took) != 1 || day.weir.asked {
		t.Errorf("got %+v", answers[0])
	}
	if answers[1][0].duck.asked {
		t.Error("a query is taken for another")
	}
	bad := "Q all scan needle        med=     1.00 ms first=     1.00 cpu=     1.0 ms  -> Binder Error: no such column\n"
	if err := addDuck([]byte(bad), answers, false); err == nil || !strings.Contains(err.Error(), "Binder Error") {
		t.Errorf("a query that fails gives %v", err)
	}
}

// TestDuck_Ingest reads what the program says from a stand-in for it, which names its arguments.
func TestDuck_Ingest(t *testing.T) {
	stand := func(line string) *duck {
		program := filepath.Join(t.TempDir(), "duck")
		if err := os.WriteFile(program, []byte("#!/bin/sh\nprintf '%s' \"$*\" >args\necho '"+line+"'\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		return &duck{program: program, module: filepath.Dir(program), data: "data", n: 7}
	}
	d := stand("INGEST duckdb         n=300000 wall=10.9s 27522 ev/s cpu=9.1s (30.30 cpu-s/M) disk=29.7MB 99.0 B/ev hwm=256MB rss=200MB")
	in, err := d.ingest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if in.n != 300000 || in.spent.cpu != 9100*time.Millisecond || in.each(in.bytes) != 99 || in.rss>>20 != 256 {
		t.Errorf("got %+v", in)
	}
	if args, _ := os.ReadFile(filepath.Join(d.module, "args")); string(args) != "-n 7 -m ingest -d data" { // no file: no arguments
		t.Errorf("called with %q", args)
	}
	if _, err := stand("panic").ingest(t.Context()); err == nil {
		t.Error("anything is taken for an answer")
	}
	if _, err := (&duck{program: "/nowhere/at-all"}).run(context.Background(), "q"); err == nil {
		t.Error("a program that is not there runs")
	}
}

func TestOurFiles(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.parquet")
	text, err := ourFiles(empty, "/archive/*.parquet")
	if err != nil {
		t.Fatal(err)
	}
	if query := "read_parquet('" + text + "')"; strings.Count(query, "'")%2 != 0 || strings.Count(query, "(") != strings.Count(query, ")") || !strings.Contains(query, "read_parquet('/archive/*.parquet', union_by_name=true)") {
		t.Errorf("it does not fit: %s", query)
	}
	f, err := os.Open(empty)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	pf, err := parquet.OpenFile(f, info.Size())
	if err != nil || pf.NumRows() != 0 || len(pf.Schema().Columns()) != 7 {
		t.Errorf("not an empty file of seven columns: %v", err)
	}
}
