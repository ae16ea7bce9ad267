package prose

import "testing"

// TestWords: every slug of alerts in both languages; one of a newer weir is shown as it is.
func TestWords(t *testing.T) {
	ko := Voice{Lang: "ko"}
	for got, want := range map[string]string{
		Level(ko, "critical"): "심각", Level(Voice{}, "informational"): "informational", Level(ko, "new"): "new", AlertState(ko, "acknowledged"): "확인", AlertState(ko, "open"): "미처리", AlertState(ko, "closed"): "종결",
		Verdict(ko, "false_positive"): "오탐", Verdict(ko, "true_positive"): "정탐", Verdict(Voice{}, "true_positive"): "true positive", Verdict(ko, "resolved"): "자동 해소", Verdict(ko, ""): "",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
