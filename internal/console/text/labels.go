package text

// labels are words that other parts of weir write as slugs, and words of the page that mean several things in English: what
// is shown for them in English and in Korean.
var labels = map[string][2]string{
	"pulse in": {"in", "유입"},

	// Levels, states and verdicts of alerts.
	"critical": {"critical", "심각"}, "high": {"high", "높음"}, "medium": {"medium", "중간"}, "low": {"low", "낮음"}, "informational": {"informational", "참고"}, "info": {"info", "참고"},
	"from critical": {"critical", "심각"}, "from high": {"high +", "높음 이상"}, "from medium": {"medium +", "중간 이상"}, "from low": {"low +", "낮음 이상"},
	"open": {"open", "미처리"}, "acknowledged": {"acknowledged", "확인 중"}, "closed": {"closed", "종료"}, "all": {"all", "전체"},
	"true_positive": {"true positive", "정탐"}, "false_positive": {"false positive", "오탐"}, "benign": {"benign", "정상 행위"}, "duplicate": {"duplicate", "중복"}, "resolved": {"resolved", "해소됨"},
	"suppressed": {"suppressed", "억제됨"}, "canary": {"canary", "점검용"}, "historic": {"historic", "과거 탐지"},
	"risk user": {"user", "사용자"}, "risk host": {"host", "호스트"}, "risk address": {"address", "주소"}, "just now": {"now", "방금"},

	// States of sources.
	"silent": {"silent", "끊김"}, "never": {"never heard", "수신 이력 없음"}, "learning": {"learning", "학습 중"}, "heard": {"heard", "수신 중"},

	// Reports.
	"report access-review": {"Access review", "접속기록 점검"}, "report retention": {"Retention", "보존 현황"}, "report sources": {"Sources", "수집 현황"},
	"report incidents": {"Incidents", "침해사고"}, "report mapping": {"Mapping to a standard", "인증기준 대응표"},

	// Reviews.
	"commented": {"commented", "의견 등록"}, "cycle monthly": {"monthly", "매월 점검"}, "cycle quarterly": {"quarterly", "분기별 점검"}, "cycle half-yearly": {"half-yearly", "반기별 점검"}, "cycle yearly": {"yearly", "연 1회 점검"},
	"reason none": {"no reason", "사유 없음"}, "reason asked": {"asked", "소명 요청"}, "reason answered": {"answered", "소명 완료"}, "reason entered": {"entered", "사유 입력됨"}, "reason approved": {"approved", "승인됨"},
	"decision reason": {"enter the reason", "사유 입력"}, "decision approve": {"approve", "승인"}, "decision ask": {"ask to explain", "소명 요청"}, "decision answer": {"answer", "소명 내용"},
	"count events": {"events", "이벤트"}, "count records": {"access records", "접속기록"}, "count incomplete": {"incomplete access records", "필수 항목 누락"}, "count logons": {"logons", "로그인"}, "count failed": {"failed logons", "로그인 실패"}, "count rights": {"changes of rights", "권한 변경"},
	"count downloads": {"downloads", "다운로드"}, "count bulk": {"bulk reads", "대량 조회"}, "count alerts": {"alerts", "경보"}, "count accounts": {"accounts", "계정"},
	"item identifier": {"identifier", "식별자"}, "item time": {"time", "접속일시"}, "item place": {"place", "접속지"}, "item subject": {"data subject", "처리한 정보주체"}, "item action": {"action", "수행업무"},
	"Mon": {"Mon", "월"}, "Tue": {"Tue", "화"}, "Wed": {"Wed", "수"}, "Thu": {"Thu", "목"}, "Fri": {"Fri", "금"}, "Sat": {"Sat", "토"}, "Sun": {"Sun", "일"},

	// Spans of a policy.
	"forever": {"without end", "영구"}, "%s years": {"%s y", "%s년"}, "%s months": {"%s months", "%s개월"}, "%s days": {"%s days", "%s일"}, "%s weeks": {"%s weeks", "%s주"},
}
