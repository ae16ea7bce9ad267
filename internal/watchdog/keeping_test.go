package watchdog

import (
	"strings"
	"testing"
	"time"
)

// TestConcerns: each rule of what is kept opens for what it is about, in both languages, and ends with it.
func TestConcerns(t *testing.T) {
	var list []Concern
	s := newSite(t, func(o *Options) { o.Reading.Concerns = func() []Concern { return list } })
	s.look(time.Minute)
	for _, rule := range []string{RuleArchiveDamaged, RuleEvidenceBehind, RuleCopyBehind, RuleRetention, RuleHoldEnding, RuleReviewOverdue, RuleReportFailed} {
		list = []Concern{{Rule: rule, Entity: "x", EN: "it is late", KO: "지연"}}
		s.look(time.Hour)
		s.look(time.Hour) // some hold for a while before they are said
		if len(s.raised) == 0 || s.raised[0].Rule != rule || !strings.HasPrefix(s.raised[0].What, "it is late") {
			t.Fatalf("%s: %+v", rule, *s.raised[0])
		}
		s.said()
		list = nil
		s.look(24 * time.Hour)
		s.look(24 * time.Hour)
		s.said()
	}
}

// TestConcerns_Unknown: where nothing is kept, nothing is said, and nothing ends.
func TestConcerns_Unknown(t *testing.T) {
	if found, known := concerns(RuleCopyBehind)(nil, &sample{}, nil); known || found != nil {
		t.Errorf("%v, %v", found, known)
	}
}
