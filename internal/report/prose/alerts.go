package prose

// word returns one of two, or the slug itself where it is of a newer weir.
func word(v Voice, slug string, words map[string][2]string) string {
	if w, ok := words[slug]; ok {
		return v.Say(w[0], w[1])
	}
	return slug
}

// Level is the level of an alert.
func Level(v Voice, slug string) string {
	return word(v, slug, map[string][2]string{
		"informational": {"informational", "정보"}, "low": {"low", "낮음"}, "medium": {"medium", "보통"}, "high": {"high", "높음"}, "critical": {"critical", "심각"},
	})
}

// AlertState is what people did with an alert.
func AlertState(v Voice, slug string) string {
	return word(v, slug, map[string][2]string{"open": {"open", "미처리"}, "acknowledged": {"acknowledged", "확인"}, "closed": {"closed", "종결"}})
}

// Verdict is what a closed alert turned out to be.
func Verdict(v Voice, slug string) string {
	return word(v, slug, map[string][2]string{
		"true_positive": {"true positive", "정탐"}, "false_positive": {"false positive", "오탐"}, "benign": {"benign", "정상 행위"}, "duplicate": {"duplicate", "중복"}, "resolved": {"ended by itself", "자동 해소"},
	})
}
