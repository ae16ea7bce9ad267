package text

import (
	"strconv"

	"weir/internal/alert"
	"weir/internal/term"
	"weir/sinks/notify/channel"
)

// words are what differs by language. Names of fields, rules and commands do not: they are what one
// types. Every language has all of them; a test sends every kind of message in each.
type words struct {
	levels                                                        map[string]string
	states                                                        map[string]string
	verdicts                                                      map[string]string
	intro                                                         map[channel.Kind]string
	repeat, escalation, resolved, test, digest                    string
	since, until                                                  string
	rule, when, group, state, techniques, approximate, suppressed string
	evidence, look, take, link, about                             string
	more, leftOut, times                                          func(n int) string
}

// level is a level in this language; one that a rule made up stays as it is.
func (w *words) level(name string) string {
	if s := w.levels[name]; s != "" {
		return s
	}
	return Clean(name)
}

// wordsOf returns the words of a language: Korean, or English for everything else.
func wordsOf(lang string) *words {
	if lang == "ko" {
		return &korean
	}
	return &english
}

var english = words{
	levels: map[string]string{"": "alert"},
	states: map[string]string{alert.Open: "open", alert.Acknowledged: "acknowledged", alert.Closed: "closed"},
	verdicts: map[string]string{
		alert.TruePositive: "true positive", alert.FalsePositive: "false positive", alert.Benign: "benign",
		alert.Duplicate: "duplicate", alert.Resolved: "ended by itself",
	},
	intro: map[channel.Kind]string{
		channel.Repeat:     "This is still open.",
		channel.Escalation: "Nobody has acknowledged this in time.",
		channel.Resolved:   "All alerts of this group are closed.",
		channel.Test:       "This is a test. Nothing happened.",
	},
	repeat: "still open", escalation: "not acknowledged", resolved: "resolved", test: "test", digest: "digest",
	since: "since", until: "to",
	rule: "rule", when: "when", group: "group", state: "state", techniques: "ATT&CK", approximate: "estimated", suppressed: "suppressed",
	evidence: "evidence", look: "look", take: "take it", link: "link", about: "about",
	more:    func(n int) string { return "(+" + strconv.Itoa(n) + " more)" },
	leftOut: func(n int) string { return "And " + term.Count(int64(n)) + " more of this group: weir alerts list" },
	times: func(n int) string {
		if n == 1 {
			return "once"
		}
		return term.Count(int64(n)) + " times"
	},
}

var korean = words{
	levels: map[string]string{
		"": "경보", "informational": "정보", "low": "낮음", "medium": "보통", "high": "높음", "critical": "심각",
	},
	states: map[string]string{alert.Open: "미처리", alert.Acknowledged: "확인함", alert.Closed: "종결"},
	verdicts: map[string]string{
		alert.TruePositive: "정탐", alert.FalsePositive: "오탐", alert.Benign: "무해", alert.Duplicate: "중복", alert.Resolved: "자동 해소",
	},
	intro: map[channel.Kind]string{
		channel.Repeat:     "아직 처리되지 않았습니다.",
		channel.Escalation: "정해진 시간 안에 아무도 확인하지 않았습니다.",
		channel.Resolved:   "이 그룹의 경보가 모두 종결되었습니다.",
		channel.Test:       "시험 메시지입니다. 실제로 일어난 일이 아닙니다.",
	},
	repeat: "미처리", escalation: "미확인", resolved: "해결", test: "시험", digest: "요약",
	since: "시작", until: "~",
	rule: "규칙", when: "시각", group: "대상", state: "상태", techniques: "ATT&CK", approximate: "추정", suppressed: "억제됨",
	evidence: "근거", look: "보기", take: "확인", link: "링크", about: "분류",
	more: func(n int) string { return "(외 " + strconv.Itoa(n) + "건)" },
	leftOut: func(n int) string {
		return "같은 그룹의 경보가 " + term.Count(int64(n)) + "건 더 있습니다: weir alerts list"
	},
	times: func(n int) string { return term.Count(int64(n)) + "회" },
}
