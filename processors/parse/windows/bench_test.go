package windows

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/testkit"
)

// sysmonDocs returns Sysmon's events as agents send them, and as Windows renders them.
func sysmonDocs(t testing.TB) (docs, markup []string) {
	text, err := os.ReadFile(filepath.Join(testkit.Shared(t), "data", "integrations",
		"windows", "sysmon_operational", "test-events.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Events []map[string]any `json:"events"`
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, doc := range all.Events {
		if ev, _ := doc["event"].(map[string]any); ev != nil {
			if x, _ := ev["original"].(string); strings.HasPrefix(x, "<Event") {
				markup = append(markup, x)
			}
			delete(ev, "original")
		}
		line, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, string(line))
	}
	return docs, markup
}

// BenchmarkRead measures the way from the bytes of Sysmon's events to a document of ECS.
func BenchmarkRead(b *testing.B) {
	docs, markup := sysmonDocs(b)
	for name, lines := range map[string][]string{"json": docs, "xml": markup, "json-start": only(docs, `"event_id":"1"`), "xml-start": only(markup, "<EventID>1<")} {
		b.Run(name, func(b *testing.B) {
			r := New()
			var e event.Event
			var out []byte
			size := 0
			for _, l := range lines {
				size += len(l)
			}
			b.SetBytes(int64(size / len(lines)))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				e.Reset()
				if err := r.Read(&e, lines[i%len(lines)]); err != nil {
					b.Fatal(err)
				}
				e.Conform()
				out = e.AppendJSON(out[:0])
			}
		})
	}
}

// only returns the lines that hold a text.
func only(lines []string, text string) (out []string) {
	for _, l := range lines {
		if strings.Contains(l, text) {
			out = append(out, l)
		}
	}
	return out
}
