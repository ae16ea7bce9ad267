package content_test

import (
	"regexp"
	"strings"
	"testing"

	"weir/rules"
	"weir/rules/content"
	"weir/rules/ruletest"
)

// attack is a tag of ATT&CK: a tactic, or a technique with its number.
var attack = regexp.MustCompile(`^attack\.(t[0-9]{4}(\.[0-9]{3})?|[a-z_]+)$`)

// off are the rules that are there to be copied: they take note of nearly every event of their kind.
var off = map[string]bool{"beacon": true, "web-slow-answers": true}

// TestContent checks what every shipped rule must have. That its tests pass is checked where parser and correlation are.
func TestContent(t *testing.T) {
	t.Parallel()
	set := rules.LoadFS(content.FS(), content.Name, rules.Options{})
	for _, f := range set.Faults {
		t.Errorf("%s (%s)", f.Error(), f.Do)
	}
	if len(set.Rules) < 10 {
		t.Errorf("%d rules", len(set.Rules))
	}
	for _, r := range set.Rules {
		hits, misses := ruletest.Cases(r)
		technique := false
		for _, tag := range r.Tags {
			if !attack.MatchString(tag) {
				t.Errorf("%s: tag %s", r.ID, tag)
			}
			technique = technique || strings.HasPrefix(tag, "attack.t1")
		}
		switch {
		case hits == 0 || misses == 0:
			t.Errorf("%s has %d hits and %d misses", r.ID, hits, misses)
		case r.ID == "weir-canary": // it finds weir, and no attack
		case !technique || len(r.References) == 0:
			t.Errorf("%s names no technique", r.ID)
		case r.TitleKo == "" || r.ExplainKo == "" || r.ExplainKo == r.TitleKo || r.Explain == r.Title:
			t.Errorf("%s lacks a text", r.ID)
		case r.Enabled == off[r.ID] || r.Status != "stable":
			t.Errorf("%s is not ready to run", r.ID)
		}
	}
}
