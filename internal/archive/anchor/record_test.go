package anchor

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestWriteOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	for _, tc := range []struct {
		name, was string // was "-": no file
		ok        bool
	}{
		{"new", "-", true}, {"the same", "whole", true}, {"cut short by a crash", "wh", true}, {"empty", "", true}, {"other", "other", false}, {"longer", "whole+", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
			if tc.was != "-" {
				if err := os.WriteFile(path, []byte(tc.was), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			err := writeOnce(path, []byte("whole"), 0o600)
			b, readErr := os.ReadFile(path)
			if readErr != nil || tc.ok && (err != nil || string(b) != "whole") || !tc.ok && (!errors.Is(err, errOther) || string(b) != tc.was) {
				t.Errorf("%q %v %v", b, err, readErr)
			}
		})
	}
}

func TestRecords_TornLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), Name)
	rec := Record{At: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), Size: 5, Root: "r", How: HowFile, Where: "x", OK: true}
	if err := appendRecord(path, rec); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(whole, `{"at":"2026`...), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := appendRecord(path, rec); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	list, broken, err := ReadRecords(bytes.NewReader(b))
	if err != nil || broken != 1 || len(list) != 2 || list[1] != rec {
		t.Errorf("%v, broken %d, %v", list, broken, err)
	}
	var line map[string]any
	if err := json.Unmarshal(whole, &line); err != nil || line["size"] != 5.0 || line["how"] != "file" || line["ok"] != true {
		t.Errorf("%s", whole)
	}
}

func FuzzReadRecords(f *testing.F) {
	f.Add([]byte(`{"at":"2026-11-21T00:00:00Z","size":5,"root":"r","how":"file","where":"x","ok":true}` + "\n{}\n"))
	f.Add([]byte("\n\nx"))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, broken, err := ReadRecords(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.Count(b, []byte("\n"))
		if len(b) > 0 && b[len(b)-1] != '\n' {
			lines++
		}
		if len(list)+broken != lines {
			t.Fatalf("%d records, %d broken, %d lines", len(list), broken, lines)
		}
		// What was read can be written and read again.
		var again bytes.Buffer
		for _, r := range list {
			line, err := json.Marshal(r)
			if err != nil {
				t.Skip("a year that JSON cannot write")
			}
			again.Write(append(line, '\n'))
		}
		if l, n, err := ReadRecords(&again); err != nil || n != 0 || len(l) != len(list) {
			t.Fatalf("%d of %d, broken %d: %v", len(l), len(list), n, err)
		}
	})
}
