package agent

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/testkit"
)

const (
	chrome  = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.109 Safari/537.36"
	firefox = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/121.0"
	iphone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/604.1"
	safari  = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15"
	galaxy  = "Mozilla/5.0 (Linux; Android 13; SM-G991B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/112.0.0.0 Mobile Safari/537.36"
)

func TestAdd(t *testing.T) {
	p := New()
	for _, tt := range []struct {
		name, text, want string
		found, missed    bool
	}{
		{"Chrome on Windows", chrome, `{"device":{"name":"Other"},"name":"Chrome","os":{"full":"Windows 10","name":"Windows","version":"10"},"version":"120.0.6099.109"}`, true, false},
		{"Firefox on Linux", firefox, `{"device":{"name":"Other"},"name":"Firefox","os":{"name":"Ubuntu"},"version":"121.0"}`, true, false},
		{"telephone", iphone, `{"device":{"name":"iPhone"},"name":"Mobile Safari","os":{"full":"iOS 17.2.1","name":"iOS","version":"17.2.1"},"version":"17.2"}`, true, false},
		{"Safari", safari, `{"device":{"name":"Mac"},"name":"Safari","os":{"full":"Mac OS X 10.15.7","name":"Mac OS X","version":"10.15.7"},"version":"17.1"}`, true, false},
		{"Android", galaxy, `{"device":{"name":"Samsung SM-G991B"},"name":"Chrome Mobile","os":{"full":"Android 13","name":"Android","version":"13"},"version":"112.0.0.0"}`, true, false},
		{"a tool", "curl/8.4.0", `{"device":{"name":"Other"},"name":"curl","version":"8.4.0"}`, true, false},
		{"nobody", "zzz", `{"device":{"name":"Other"},"name":"Other"}`, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 { // read, and from memory
				var e event.Event
				e.SetStr(event.UserAgentOriginal, tt.text)
				found, missed := p.Add(&e)
				e.Delete(event.UserAgentOriginal)
				if got := string(e.AppendJSON(nil)); got != `{"user_agent":`+tt.want+`}` || found != tt.found || missed != tt.missed {
					t.Errorf("got %t %t %s", found, missed, got)
				}
			}
		})
	}
}

func TestAdd_Nothing(t *testing.T) {
	p := New()
	p.defs = func() (*definitions, error) {
		t.Error("the patterns are read for nothing")
		return nil, errors.New("no")
	}
	var e event.Event
	if found, missed := p.Add(&e); found || missed || e.Len() != 0 {
		t.Errorf("%s", e.AppendJSON(nil))
	}
	e.SetStr(event.UserAgentOriginal, chrome)
	e.SetStr(event.UserAgentName, "as the device says")
	if found, missed := p.Add(&e); found || missed || e.Len() != 2 {
		t.Errorf("%s", e.AppendJSON(nil))
	}
	p.defs = func() (*definitions, error) { return nil, errors.New("no") }
	e.Delete(event.UserAgentName)
	if found, missed := p.Add(&e); found || missed || e.Len() != 1 {
		t.Errorf("without patterns: %s", e.AppendJSON(nil))
	}
}

// TestAdd_Long: the end of a long text is not read, and the original stays whole.
func TestAdd_Long(t *testing.T) {
	var e event.Event
	e.SetStr(event.UserAgentOriginal, strings.Repeat("x", maxText)+chrome)
	if found, missed := New().Add(&e); found || !missed || len(e.Str(event.UserAgentOriginal)) != maxText+len(chrome) {
		t.Errorf("%s", e.AppendJSON(nil))
	}
}

// TestRecorded compares with the documents of others; patterns are mended over the years, so not all are the same.
func TestRecorded(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "data", "integrations", "*", "*", "*-expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	p, texts, same, total := New(), map[string]bool{}, 0, 0
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct{ Expected []map[string]any }
		if json.Unmarshal(data, &doc) != nil {
			continue
		}
		for _, d := range doc.Expected {
			ua, _ := d["user_agent"].(map[string]any)
			text, _ := ua["original"].(string)
			if text == "" || texts[text] || ua["name"] == nil {
				continue
			}
			texts[text] = true
			c := p.look(text[:min(len(text), maxText)])
			os, _ := ua["os"].(map[string]any)
			device, _ := ua["device"].(map[string]any)
			for _, pair := range [][2]any{{ua["name"], c.name}, {ua["version"], c.version}, {os["name"], c.osName}, {os["version"], c.osVersion}, {os["full"], c.osFull}, {device["name"], c.device}} {
				if pair[0] == nil && pair[1] == "" {
					continue
				}
				if total++; pair[0] == pair[1] {
					same++
				} else {
					t.Logf("%s\n  theirs %v, ours %v", text, pair[0], pair[1])
				}
			}
		}
	}
	t.Logf("%d texts, %d of %d values are the same", len(texts), same, total)
	if same*100 < total*95 {
		t.Errorf("%d of %d values are the same", same, total)
	}
}

func BenchmarkAdd_Known(b *testing.B) {
	p := New()
	var e event.Event
	b.ReportAllocs()
	for b.Loop() {
		e.Reset()
		e.SetStr(event.UserAgentOriginal, chrome)
		p.Add(&e)
	}
}
