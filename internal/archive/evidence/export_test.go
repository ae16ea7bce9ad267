package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/internal/archive/manifest"
	"weir/internal/archive/verify"
	"weir/internal/archive/verify/verifytest"
	"weir/internal/fault"
)

func TestExport(t *testing.T) {
	a := world(t)
	for _, name := range []string{"case.zip", "case"} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), name)
			steps := map[string]bool{}
			o := options(a, out)
			o.Progress = func(p Progress) { steps[p.Step] = true }
			s := export(t, o)
			if s.Events == 0 || len(s.Segments) == 0 || s.Searched != len(a.Segments) || len(s.SHA256) != 64 || s.Bytes == 0 || s.Log.Size == 0 {
				t.Fatalf("%+v", s)
			}
			if !steps["searching"] || !steps["checking"] {
				t.Errorf("steps told: %v", steps)
			}
			if left, _ := filepath.Glob(filepath.Join(filepath.Dir(out), "*")); len(left) != 1 {
				t.Errorf("left behind: %v", left)
			}
			hidden, _ := filepath.Glob(filepath.Join(filepath.Dir(out), ".*"))
			if len(hidden) != 0 {
				t.Errorf("left behind: %v", hidden)
			}
			v := verified(t, out, a.Key)
			if !v.OK || v.Events != s.Events || v.Segments != len(s.Segments) {
				t.Errorf("%d segments, %d events of %d:\n%s", v.Segments, v.Events, s.Events, found(v))
			}
			if v := verified(t, out); !v.OK || v.Proof != "own" {
				t.Errorf("with the key in it: %s %s", v.Proof, found(v))
			}
		})
	}
}

// TestExport_Events: exactly what the query finds, in time order, and whole segments.
func TestExport_Events(t *testing.T) {
	a := world(t)
	out := filepath.Join(t.TempDir(), "case")
	o := options(a, out)
	o.From, o.To = verifytest.Start.Add(2*time.Hour), verifytest.Start.Add(6*time.Hour)
	s := export(t, o)
	b := verifytest.Read(t, filepath.Join(out, "events.ndjson"))
	last := ""
	n := int64(0)
	for line := range bytes.Lines(b) {
		var e struct {
			Time string `json:"@timestamp"`
			User struct {
				Name string `json:"name"`
			} `json:"user"`
			Weir struct {
				Class string `json:"class"`
			} `json:"weir"`
		}
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339Nano, e.Time)
		if err != nil || at.Before(o.From) || !at.Before(o.To) || e.User.Name != "kim" && e.User.Name != "김민수" {
			t.Errorf("%s of %s does not belong here", e.Time, e.User.Name)
		}
		if e.Time < last {
			t.Errorf("%s stands behind %s", e.Time, last)
		}
		last = e.Time
		n++
	}
	if n == 0 || n != s.Events || s.Searched >= len(a.Segments) {
		t.Errorf("%d lines, %d events, %d segments searched", n, s.Events, s.Searched)
	}
	sum := int64(0)
	for _, c := range s.Classes {
		sum += c
	}
	if sum != n || s.First.Before(o.From) || !s.Last.Before(o.To) {
		t.Errorf("classes %v, from %s to %s", s.Classes, s.First, s.Last)
	}
	for _, name := range s.Segments {
		if got, want := verifytest.Read(t, filepath.Join(out, "archive", name)), verifytest.Read(t, filepath.Join(a.Folder, name)); !bytes.Equal(got, want) {
			t.Errorf("%s is not the segment", name)
		}
	}
}

func TestExport_Failure(t *testing.T) {
	a := world(t)
	taken := filepath.Join(t.TempDir(), "taken.zip")
	if err := os.WriteFile(taken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	bad := verifytest.Copy(t, a.Folder)
	verifytest.Flip(t, filepath.Join(bad, a.Segments[4].Path), 100)
	short := verifytest.Copy(t, a.Folder)
	if err := os.Remove(filepath.Join(short, a.Segments[4].Path)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*Options)
		code   string
		exit   int
	}{
		"the name is taken":    {func(o *Options) { o.Out = taken }, "export-exists", fault.ExitUsage},
		"no such folder":       {func(o *Options) { o.Out = "/nowhere/at/all/x.zip" }, "export-write", fault.ExitMissing},
		"no archive":           {func(o *Options) { o.Files = os.DirFS(t.TempDir()) }, "archive-folder", fault.ExitMissing},
		"a changed segment":    {func(o *Options) { o.Files = os.DirFS(bad) }, "export-unproven", fault.ExitFound},
		"a missing segment":    {func(o *Options) { o.Files = os.DirFS(short) }, "export-unproven", fault.ExitFound},
		"a query with mistake": {func(o *Options) { o.Query = "user.name: (x" }, "kql-syntax", fault.ExitUsage},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			o := options(a, filepath.Join(dir, "x.zip"))
			c.change(&o)
			_, err := Export(context.Background(), o)
			if fault.Code(err) != c.code || fault.Exit(err) != c.exit {
				t.Errorf("%v: code %s, exit %d", err, fault.Code(err), fault.Exit(err))
			}
			if left, _ := os.ReadDir(dir); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestExport_NotOrdinary: a pipe or a device in place of a file of the archive is named, and the export ends.
func TestExport_NotOrdinary(t *testing.T) {
	a := world(t)
	for _, name := range []string{a.Segments[4].Path, manifest.Name, "log/checkpoint", "log/anchors.jsonl", a.Policy} {
		t.Run(name, func(t *testing.T) {
			dir := verifytest.Copy(t, a.Folder)
			at := filepath.Join(dir, name)
			if err := os.Remove(at); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Mkfifo(at, 0o600); err != nil {
				t.Fatal(err)
			}
			o := options(a, filepath.Join(t.TempDir(), "x.zip"))
			o.Files = verify.Union(os.DirFS(dir), os.DirFS(t.TempDir()))
			if _, err := Export(context.Background(), o); fault.Code(err) == "" || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "no ordinary file") {
				t.Errorf("%v", err)
			}
		})
	}
}
