package auditd

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/testkit"
)

// flatten makes paths and texts of a document; a list of one is its item.
func flatten(path string, v any, out map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			flatten(strings.TrimPrefix(path+"."+k, "."), x, out)
		}
	case []any:
		if len(v) == 1 {
			flatten(path, v[0], out)
			return
		}
		out[path] = fmt.Sprint(v)
	default:
		out[path] = fmt.Sprint(v)
	}
}

// compared tells whether a field is a matter of this package: not what intake and enrichment set.
func compared(path string) bool {
	for _, p := range []string{"ecs.", "tags", "event.original", "source.geo.", "source.as.", "related."} {
		if strings.HasPrefix(path, p) {
			return false
		}
	}
	return true
}

// TestScore holds how many of the values that others find in real records are found here: 98 of 100.
func TestScore(t *testing.T) {
	dir := filepath.Join(testkit.Shared(t), "data", "integrations", "auditd", "log")
	right, all := 0, 0
	for _, name := range []string{"test-auditd-raw.log", "test-auditd-useradd.log"} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, name+"-expected.json"))
		if err != nil {
			t.Fatal(err)
		}
		var want struct{ Expected []map[string]any }
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimRight(string(raw), "\n"), "\n")
		for i, line := range lines {
			var e event.Event
			if err := Parse(&e, line); err != nil {
				t.Errorf("%s:%d: %v", name, i+1, err)
			}
			var doc map[string]any
			if err := json.Unmarshal(e.AppendJSON(nil), &doc); err != nil {
				t.Fatal(err)
			}
			got, exp := map[string]string{}, map[string]string{}
			flatten("", doc, got)
			flatten("", want.Expected[i], exp)
			for path, v := range exp {
				if !compared(path) {
					continue
				}
				all++
				if got[path] == v {
					right++
				} else {
					t.Logf("%s:%d: %s is %q, others find %q", name, i+1, path, got[path], v)
				}
			}
		}
	}
	t.Logf("%d of %d values", right, all)
	if right*100 < all*98 {
		t.Errorf("%d of %d values are as others find them", right, all)
	}
}

// TestRecords holds that every record of other systems is read, with the time and the number that another reader finds.
func TestRecords(t *testing.T) {
	dir := filepath.Join(testkit.Shared(t), "data", "auditd", "auparse")
	for _, name := range []string{"audit-rhel6.log", "audit-ubuntu17.log", "test3.log"} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, name+".golden"))
		if err != nil {
			t.Fatal(err)
		}
		var want []struct {
			Time     time.Time `json:"@timestamp"`
			Sequence int64
			Data     map[string]any
		}
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		i := 0
		for line := range strings.Lines(string(raw)) {
			line = strings.TrimRight(line, "\n")
			if line == "" || i >= len(want) {
				continue
			}
			var e event.Event
			if err := Parse(&e, line); err != nil {
				t.Errorf("%s: %v: %s", name, err, line)
				continue
			}
			w := want[i]
			i++
			if at := e.Get(event.Timestamp).Time(); !at.Equal(w.Time) {
				t.Errorf("%s: the time is %v, another reader finds %v: %s", name, at, w.Time, line)
			}
			if n := e.GetPath("auditd.log.sequence").Int(); n != w.Sequence {
				t.Errorf("%s: the number is %d, another reader finds %d", name, n, w.Sequence)
			}
			if exe, _ := w.Data["exe"].(string); exe != "" && exe != e.Str(event.ProcessExecutable) {
				t.Errorf("%s: the program is %q, another reader finds %q", name, e.Str(event.ProcessExecutable), exe)
			}
			if call, _ := w.Data["syscall"].(string); call != "" && !strings.Contains(e.Get(event.AuditdLogSyscall).Text(), call) {
				t.Errorf("%s: the call is %s, another reader finds %q", name, e.Get(event.AuditdLogSyscall).Text(), call)
			}
		}
		if i != len(want) {
			t.Errorf("%s: %d records of %d", name, i, len(want))
		}
	}
}
