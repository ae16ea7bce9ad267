package report

import (
	"testing"

	"weir/internal/report/prose"
	"weir/internal/review"
)

// TestWords: every slug that reviews use has a word of its own in both languages; one of a newer weir is shown as it is.
func TestWords(t *testing.T) {
	en, ko := &access{Paper: &prose.Paper{Voice: voice("en")}}, &access{Paper: &prose.Paper{Voice: voice("ko")}}
	for name, c := range map[string]struct {
		slugs []string
		of    func(a *access, slug string) string
	}{
		"states":     {[]string{review.Open, review.Commented, review.Signed, review.Overdue}, (*access).state},
		"cycles":     {[]string{"monthly", "quarterly", "half-yearly", "yearly"}, (*access).cycle},
		"severities": {[]string{"info", "low", "medium", "high", "critical"}, (*access).severity},
		"items":      {[]string{"identifier", "time", "place", "subject", "action"}, (*access).item},
		"lists":      {[]string{"events", "records", "incomplete", "logons", "failed", "rights", "downloads", "bulk", "alerts", "accounts", "addresses"}, (*access).listName},
		"rights":     {[]string{"grant", "change", "remove"}, func(a *access, s string) string { return a.rightsAction(&review.RightsChange{Action: s}) }},
	} {
		seen := map[string]bool{}
		for _, slug := range c.slugs {
			word := c.of(ko, slug)
			if word == slug || word == c.of(en, slug) || seen[word] {
				t.Errorf("%s: %s is %q in Korean", name, slug, word)
			}
			seen[word] = true
		}
		if c.of(ko, "of a newer weir") != "of a newer weir" {
			t.Errorf("%s: a slug that is not known is lost", name)
		}
	}
	if ko.weekday(0) != "월" || en.weekday(6) != "Sunday" {
		t.Error("days of the week")
	}
}
