package asa

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/testkit"
)

// notCompared are fields of an expected document that are no matter of this parser: what enrichment, the syslog header
// and the intake set, and the vendor's own fields, whose names are the other product's choice.
func notCompared(path string) bool {
	for _, p := range []string{
		"ecs.", "tags", "event.ingested", "event.original", "event.timezone", "@timestamp", "host.", "log.syslog.", "log.source.", "process.", "input.",
		"observer.hostname", "user_agent.", "cisco.",
	} {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return strings.Contains(path, ".geo.") || strings.Contains(path, ".as.")
}

func flatten(m map[string]any, prefix string, into map[string]any) {
	for k, v := range m {
		if sub, ok := v.(map[string]any); ok {
			flatten(sub, prefix+k+".", into)
			continue
		}
		into[prefix+k] = v
	}
}

// plain makes values of both documents comparable: lists are sets, and a list of one is its item.
func plain(v any) string {
	if list, ok := v.([]any); ok {
		var ss []string
		for _, it := range list {
			ss = append(ss, fmt.Sprint(it))
		}
		slices.Sort(ss)
		return strings.Join(ss, "|")
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

type score struct{ fields, right, lines, whole int }

// scoreFile compares each document of an expected file with what Parse makes of its original.
func scoreFile(t *testing.T, file string, s *score) {
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Expected []map[string]any }
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	var e event.Event
	for _, d := range doc.Expected {
		if d == nil {
			continue
		}
		want := map[string]any{}
		flatten(d, "", want)
		line, _ := want["event.original"].(string)
		at := strings.IndexByte(line, '%')
		if at < 0 {
			continue
		}
		stamp, _ := want["@timestamp"].(string)
		if err := e.Decode(fmt.Appendf(nil, `{"@timestamp":%q}`, stamp)); err != nil {
			t.Fatal(err)
		}
		if err := Parse(&e, strings.TrimSpace(line[at:])); err != nil {
			t.Logf("%s: %v", line, err)
		}
		var gotDoc map[string]any
		if err := json.Unmarshal(e.AppendJSON(nil), &gotDoc); err != nil {
			t.Fatal(err)
		}
		got := map[string]any{}
		flatten(gotDoc, "", got)
		host, _ := want["host.hostname"].(string)
		s.lines++
		whole := true
		for k, v := range want {
			if notCompared(k) || plain(v) == "" {
				continue
			}
			w, g := plain(v), plain(got[k])
			if k == "related.hosts" {
				w, g = withoutHost(w, host), withoutHost(g, host)
			}
			if w == "" {
				continue
			}
			s.fields++
			if w == g {
				s.right++
				continue
			}
			whole = false
			if testing.Verbose() {
				t.Logf("%s\n\t%s: want %s, got %s", line[at:], k, w, g)
			}
		}
		if whole {
			s.whole++
		}
	}
}

// withoutHost takes the name in the syslog header out of related.hosts.
func withoutHost(list, host string) string {
	ss := strings.Split(list, "|")
	ss = slices.DeleteFunc(ss, func(s string) bool { return s == host })
	return strings.Join(ss, "|")
}

// TestScore_ASA holds the parser to a public collection of lines with the documents that another product makes of
// them. It prints the share that is the same.
func TestScore_ASA(t *testing.T) { testScore(t, "cisco_asa", 0.99) }

// TestScore_FTD has a lower bar: the documents of that package call connections and verdicts otherwise than those of
// cisco_asa do, and this parser is of one mind about messages that both devices write.
func TestScore_FTD(t *testing.T) { testScore(t, "cisco_ftd", 0.93) }

func testScore(t *testing.T, pkg string, bar float64) {
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "data", "integrations", pkg, "log", "*-expected.json"))
	if err != nil || len(files) == 0 {
		testkit.Skip(t, "shared", "no lines of "+pkg)
	}
	var s score
	for _, f := range files {
		scoreFile(t, f, &s)
	}
	share := float64(s.right) / float64(s.fields)
	t.Logf("%s: %d of %d fields (%.2f %%), %d of %d lines whole", pkg, s.right, s.fields, 100*share, s.whole, s.lines)
	if share < bar {
		t.Errorf("share %.4f is below %.4f", share, bar)
	}
}
