package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

// TestCanonical: the text is YAML that anybody can read, says all that decides, and its SHA-256 is the version.
func TestCanonical(t *testing.T) {
	p := parse(t, `
- name: a
  title: {en: "quotes \" and : colons", ko: 가}
  law: Contract
  article: "7"
  notice: N 1
  applies: all
  note: {ko: 주의}
  status: secondary
  checked: 2026-01-02
  keep_at_least: 30 days
  delete_by: 2 years
  review: yearly
  original: drop
  valid_from: 2026-01-01
  valid_to: 2026-12-31
  when: 'message contains "a # b"'
`, "systems:\n  - {name: crm, aliases: [고객], owner: lee, reviewers: [kim], subjects: 50000, telecom: true, hosts: [crm-1], datasets: [crm.audit], match: event.module == 'crm'}\n")
	sum := sha256.Sum256(p.Text())
	if p.Version() != hex.EncodeToString(sum[:]) {
		t.Error("the version is not the SHA-256 of the text")
	}
	var back struct {
		Zone    string           `yaml:"zone"`
		Classes []map[string]any `yaml:"classes"`
		Systems []map[string]any `yaml:"systems"`
		Behind  int              `yaml:"systems_behind"`
	}
	if err := yaml.Unmarshal(p.Text(), &back); err != nil {
		t.Fatalf("%v in\n%s", err, p.Text())
	}
	if back.Zone != "Asia/Seoul" || len(back.Classes) != 13 || len(back.Systems) != 1 || back.Behind != 1 {
		t.Errorf("%+v", back)
	}
	a := back.Classes[0]
	for key, want := range map[string]string{"name": "a", "article": "7", "notice": "N 1", "status": "secondary", "checked": "2026-01-02", "keep_at_least": "30 days", "delete_by": "2 years",
		"review": "yearly", "original": "drop", "valid_from": "2026-01-01", "valid_to": "2026-12-31", "when": `message contains "a # b"`} {
		if a[key] != want {
			t.Errorf("%s: %v, want %s", key, a[key], want)
		}
	}
	if title, ok := a["title"].(map[string]any); !ok || title["en"] != `quotes " and : colons` || title["ko"] != "가" {
		t.Errorf("title: %v", a["title"])
	}
	s := back.Systems[0]
	if s["class"] != access2y || s["because"] != "subjects, telecom" || s["match"] != "event.module == 'crm'" {
		t.Errorf("%v", s)
	}
	if text := string(p.Text()); strings.Contains(text, "lee") || strings.Contains(text, "kim") {
		t.Error("names of people are in a text that is kept for ever")
	}
	// What is handed out is a copy: nobody can change the policy by it.
	p.Text()[0] = 'x'
	p.Classes()[0] = nil
	if p.Text()[0] != '#' || p.Classes()[0] == nil {
		t.Error("the policy was changed from outside")
	}
}

// TestCanonical_Periods: whatever way a period is written, its words in the text are read as the same period again.
func TestCanonical_Periods(t *testing.T) {
	for unit, bound := range bounds {
		for _, n := range []int{1, 2, 28, 29, 30, 31, 99, 100} {
			p := Period{min(n, bound), unit}
			again, err := parsePeriod(p.String())
			if err != nil || again != p {
				t.Errorf("%s is read as %s: %v", p, again, err)
			}
			if !p.covers(p) || !p.covers(Period{1, 'd'}) || p.covers(Period{}) {
				t.Errorf("%s does not cover what it covers", p)
			}
		}
	}
}

// TestCovers_Exact: a period covers another only if it is over no earlier, whichever day both begin on.
func TestCovers_Exact(t *testing.T) {
	periods := []Period{{1, 'd'}, {28, 'd'}, {29, 'd'}, {30, 'd'}, {31, 'd'}, {59, 'd'}, {62, 'd'}, {365, 'd'}, {366, 'd'}, {730, 'd'}, {731, 'd'}, {1, 'm'}, {2, 'm'}, {11, 'm'}, {12, 'm'}, {13, 'm'}, {1, 'y'}, {2, 'y'}, {4, 'y'}}
	for _, a := range periods {
		for _, b := range periods {
			if !a.covers(b) {
				continue
			}
			for day := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2025; day = day.AddDate(0, 0, 1) {
				if afterLast(day, a).Before(afterLast(day, b)) {
					t.Fatalf("%s is said to cover %s, but of %s it is over earlier", a, b, day.Format(time.DateOnly))
				}
			}
		}
	}
}

// TestCurrent: events are classified while files are read again, and each sees one policy whole.
func TestCurrent(t *testing.T) {
	s, _, err := Open(Options{Classes: t.TempDir() + "/classes.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			e := doc(t, `{"event":{"dataset":"access_rights.log"}}`)
			for range 200 {
				if got := s.Current().Choose(e); got != "kr-pipa-rights-3y" {
					t.Errorf("%s", got)
				}
			}
		})
	}
	for range 5 {
		if _, _, err := s.Reload(); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
}
