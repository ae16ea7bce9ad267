package report

import (
	"weir/internal/review"
)

// The words of reviews and of retention. Facts have slugs; a slug that is not here is of a newer weir and is shown as it is.

// pick returns the words of a slug in the reader's language.
func (a *access) pick(slug string, words map[string][2]string) string {
	if w, ok := words[slug]; ok {
		return a.Say(w[0], w[1])
	}
	return slug
}

// state is that of a review.
func (a *access) state(slug string) string {
	return a.pick(slug, map[string][2]string{
		review.Open: {"open", "점검 중"}, review.Commented: {"commented", "의견 작성 중"}, review.Signed: {"signed", "서명 완료"}, review.Overdue: {"overdue", "기한 초과"}, review.Preview: {"preview, not opened", "미리보기(점검 시작 전)"},
	})
}

// cycle is how often is reviewed.
func (a *access) cycle(slug string) string {
	return a.pick(slug, map[string][2]string{
		"monthly": {"monthly", "매월"}, "quarterly": {"quarterly", "분기별"}, "half-yearly": {"half-yearly", "반기별"}, "yearly": {"yearly", "매년"},
	})
}

// severity is that of a finding.
func (a *access) severity(slug string) string {
	return a.pick(slug, map[string][2]string{
		"info": {"info", "참고"}, "low": {"low", "낮음"}, "medium": {"medium", "보통"}, "high": {"high", "높음"}, "critical": {"critical", "심각"},
	})
}

// item is one of the five of an access record.
func (a *access) item(slug string) string {
	return a.pick(slug, map[string][2]string{
		"identifier": {"identifier (who)", "식별자(계정)"}, "time": {"time of access", "접속 일시"}, "place": {"place of access (address)", "접속지 정보"},
		"subject": {"data subject", "처리한 정보주체"}, "action": {"task", "수행 업무"},
	})
}

// listName is what is counted.
func (a *access) listName(slug string) string {
	return a.pick(slug, map[string][2]string{
		"events": {"events", "이벤트"}, "records": {"access records", "접속기록"}, "logons": {"logons", "로그인"}, "failed": {"failed logons", "로그인 실패"}, "rights": {"changes of rights", "권한 변경"},
		"downloads": {"downloads", "다운로드"}, "bulk": {"bulk reads", "대량 조회"}, "alerts": {"alerts", "경보"}, "accounts": {"accounts", "접속 계정"}, "incomplete": {"records that lack an item", "항목 누락 기록"}, "addresses": {"addresses", "접속지"},
	})
}

// rightsAction is what became of a right. Systems of their own have their own words, which stay.
func (a *access) rightsAction(r *review.RightsChange) string {
	return a.pick(r.Action, map[string][2]string{"grant": {"granted", "부여"}, "change": {"changed", "변경"}, "remove": {"removed", "말소"}})
}

// weekday is a day, from Monday.
func (a *access) weekday(d int) string {
	return a.Say([]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}[d], []string{"월", "화", "수", "목", "금", "토", "일"}[d])
}

// keep is a span of law: 1 year, 90 days, forever.
func (a *access) keep(text string) string { return keep(a.Voice, text) }
