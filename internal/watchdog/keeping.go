package watchdog

// Concern is something that is wrong with what is kept: the archive, its evidence, its copies, reviews and reports.
type Concern struct {
	Rule   string // one of the rules below
	Entity string // what it is about: a segment, a copy, a review
	EN, KO string // what is wrong, in a sentence
}

// Rules of concerns: each is a row of the table of checks.
const (
	RuleArchiveDamaged = "weir-archive-damaged"
	RuleEvidenceBehind = "weir-evidence-behind"
	RuleCopyBehind     = "weir-copy-behind"
	RuleRetention      = "weir-retention"
	RuleHoldEnding     = "weir-hold-ending"
	RuleReviewOverdue  = "weir-review-overdue"
	RuleReportFailed   = "weir-report-failed"
)

// concerns finds those of one rule.
func concerns(rule string) func(*memory, *sample, func(string, string) bool) ([]finding, bool) {
	return func(_ *memory, s *sample, _ func(string, string) bool) ([]finding, bool) {
		if s.concerns == nil {
			return nil, false
		}
		var out []finding
		for _, c := range s.concerns {
			if c.Rule == rule {
				out = append(out, finding{entity: c.Entity, say: func(int64) (string, string) { return c.EN, c.KO }})
			}
		}
		return out, true
	}
}
