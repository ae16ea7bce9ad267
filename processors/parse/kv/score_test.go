package kv

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/testkit"
)

// compared are the fields that any firewall's pairs should give, whatever the vendor calls its keys.
var compared = []string{
	"source.ip", "source.port", "source.bytes", "source.packets", "source.nat.ip", "source.mac", "destination.ip", "destination.port", "destination.bytes", "destination.packets",
	"network.iana_number", "network.bytes", "rule.id", "rule.name", "observer.serial_number", "event.code", "observer.ingress.interface.name", "observer.egress.interface.name",
}

// TestScore_Vendors reads real lines of several vendors with the one table of keys, and compares with the documents
// that parsers made for each of them give.
func TestScore_Vendors(t *testing.T) {
	for pkg, bar := range map[string]float64{"fortinet_fortigate": 0.9, "sonicwall_firewall": 0.7, "sophos": 0.6} {
		t.Run(pkg, func(t *testing.T) {
			files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "data", "integrations", pkg, "*", "*-expected.json"))
			if err != nil || len(files) == 0 {
				testkit.Skip(t, "shared", "no lines of "+pkg)
			}
			lines, fields, right := 0, 0, 0
			for _, file := range files {
				for _, d := range expected(t, file) {
					line, _ := at(d, "event.original").(string)
					if !strings.Contains(line, "=") {
						continue
					}
					lines++
					n, ok := compareLine(t, line, d)
					fields, right = fields+n, right+ok
				}
			}
			share := float64(right) / float64(max(fields, 1))
			t.Logf("%s: %d of %d fields (%.1f %%) in %d lines", pkg, right, fields, 100*share, lines)
			if share < bar {
				t.Errorf("share %.3f is below %.3f", share, bar)
			}
		})
	}
}

// compareLine parses one line and returns how many of the compared fields its document has, and how many are the same.
func compareLine(t *testing.T, line string, want map[string]any) (fields, right int) {
	var e event.Event
	if err := Parse(&e, line); err != nil {
		return 0, 0
	}
	for _, path := range compared {
		v := at(want, path)
		if v == nil {
			continue
		}
		text := fmt.Sprint(v)
		if f, ok := v.(float64); ok {
			text = fmt.Sprintf("%.0f", f)
		}
		fields++
		if got := e.GetPath(path).Text(); got == text {
			right++
		} else if testing.Verbose() {
			t.Logf("%s: want %q, got %q in %.150s", path, text, got, line)
		}
	}
	return fields, right
}

func expected(t *testing.T, file string) []map[string]any {
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Expected []map[string]any }
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Expected
}

// at returns what a document has at a path, nil for nothing.
func at(doc map[string]any, path string) any {
	var v any = doc
	for part := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[part]
	}
	return v
}
