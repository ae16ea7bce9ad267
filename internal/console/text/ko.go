package text

// korean is what the sentences of the pages are in Korean, as people who work with access records write it.
var korean = map[string]string{
	// Head, keys, signing in.
	"Skip to content": "본문으로 건너뛰기", "Pages": "페이지", "Search": "검색", "Alerts": "경보", "Sources": "수집원", "Compliance": "컴플라이언스",
	"open or acknowledged": "미처리 또는 확인 중", "not heard, or counts that do not add up": "수신이 끊겼거나 건수가 맞지 않음", "Language": "언어",
	"Light theme": "밝은 테마", "Dark theme": "어두운 테마", "Theme of the system": "시스템 테마",
	"All that you look at here is recorded under this name.": "여기에서 조회한 모든 내용은 이 이름으로 기록됩니다.", "Sign out": "로그아웃", "keys": "단축키",
	"lost": "유실", "behind": "지연", "the state of this weir is not known": "이 weir의 상태를 알 수 없음", "Keys": "단축키", "to the query": "검색어로 이동",
	"next and previous row": "다음 행, 이전 행", "open the row": "행 열기", "with or without the value under the focus": "포커스가 있는 값만 보기, 제외하기", "to the time": "시간 선택으로 이동",
	"live: events as they come": "실시간 보기", "show or hide the histogram": "히스토그램 표시/숨김", "wrap lines": "줄 바꿈", "to Search, Alerts, Sources, Compliance": "검색, 경보, 수집원, 컴플라이언스로 이동",
	"cancel what runs, or close": "실행 취소 또는 닫기", "these keys": "이 도움말", "Close": "닫기", "warning": "경고", "error": "오류", "Error": "오류",
	"where": "위치", "why": "이유", "do": "조치", "copy": "복사", "Sign in": "로그인",
	"This address is good for one sign-in, within 10 minutes of when it was made.":                         "이 주소는 발급 후 10분 안에 한 번만 로그인할 수 있습니다.",
	"You are not signed in, or your session is over. Ask the machine that weir runs on for a new address:": "로그인하지 않았거나 세션이 끝났습니다. weir가 실행 중인 장비에서 새 주소를 발급하세요.",
	"It prints an address that is good for one sign-in. Whoever may read the data folder may make one.":    "한 번 로그인할 수 있는 주소가 출력됩니다. 데이터 폴더를 읽을 수 있는 사람만 발급할 수 있습니다.",
	"To the search": "검색으로",

	// Search.
	"Query in KQL": "KQL 검색어", "Time": "시간", "chosen time": "지정한 시간", "a time of your own": "시간 직접 지정", "from": "시작", "to": "끝", "now": "지금", "Use this time": "이 시간으로 검색",
	"Live": "실시간", "searching… Esc cancels": "검색 중… Esc로 취소", "live: waiting for events": "실시간: 이벤트를 기다리는 중", "%s event": "이벤트 %s건", "%s events": "이벤트 %s건",
	"%s of %s segments read": "세그먼트 %[2]s개 중 %[1]s개 읽음", "Saved": "저장된 검색", "No search is kept yet.": "저장된 검색이 없습니다.", "Keep this search as": "검색 저장 이름", "Keep": "저장", "Command": "명령줄",
	"The same in a terminal:": "터미널에서 같은 결과를 보려면:", "One line each": "한 줄로 보기", "Wrap lines": "줄 바꿈", "Show histogram": "히스토그램 표시", "Hide histogram": "히스토그램 숨김",
	"Fields": "필드", "how many of the newest events were looked at": "집계에 사용한 최신 이벤트 수", "of %s": "%s건 기준", "only with %s": "%s만 보기", "only with this value": "이 값만 보기",
	"without %s": "%s 제외", "without this value": "이 값 제외", "not as column": "열에서 빼기", "as column": "열로 추가", "has it": "값이 있는 것만", "Events": "이벤트", "time": "시각",
	"Pages of events": "이벤트 페이지", "Back to the first page": "첫 페이지로", "Next %s": "다음 %s건", "These are all.": "모두 표시했습니다.",
	"events over time, the highest bar %s": "시간대별 이벤트, 최대 막대 %s건", "one bar is %s, the highest %s": "막대 하나는 %s, 최대 %s건", "drag to narrow the time": "끌어서 시간 좁히기",
	"Nothing was received yet": "아직 수신한 로그가 없습니다",
	"weir waits for logs. Send it a line, find it again, and watch what arrives:": "weir가 로그를 기다리고 있습니다. 한 줄을 보내고, 검색하고, 들어오는 것을 지켜보세요.",
	"Or play a minute of sample logs with one attack in them: weir up --demo":     "또는 공격이 하나 들어 있는 1분 분량의 예제 로그를 재생하세요: weir up --demo",
	"0 of %s events in this time": "이 시간의 이벤트 %s건 중 0건", "No event in this time": "이 시간에는 이벤트가 없습니다",
	"Without this condition there would be %s:": "이 조건을 빼면 %s건입니다:", "Search without it": "빼고 검색", "last 24 hours": "최근 24시간", "everything": "전체 기간",
	"last 15 minutes": "최근 15분", "last hour": "최근 1시간", "last 4 hours": "최근 4시간", "last 7 days": "최근 7일", "last 30 days": "최근 30일",
	"Event": "이벤트", "event": "이벤트", "Views of the event": "이벤트 보기", "Raw": "원본", "Why": "근거", "column %s": "%s 열", "all of it, %s": "전체 보기, %s", "%s more fields: in the document": "필드 %s개 더 있음: 문서 참조",
	"Around it": "전후 이벤트", "everything ±5 min": "전체 ±5분", "As it was received": "수신한 그대로", "not UTF-8": "UTF-8 아님", "download": "내려받기",
	"The original is not kept with this event.": "이 이벤트에는 원본이 보관되어 있지 않습니다.", "As it is stored": "저장된 형태", "Record": "레코드", "Received": "수신", "from %s": "보낸 곳 %s", "by %s": "입력 %s",
	"Read by": "해석한 형식", "Recognised": "인식 근거", "no format: a plain line": "형식 없음: 일반 텍스트", "Not read": "읽지 못함",
	"The record was not read again: %s. Places are still shown.": "레코드를 다시 해석하지 못했습니다(%s). 위치만 표시합니다.", "bytes %s to %s": "%s–%s바이트", "written by": "기록한 단계:", "in": "위치", "which read": "읽은 값",
	"written by the reader of the header, or the same for every event": "헤더 해석기가 기록했거나 모든 이벤트에 공통인 값", "added after the format: inventory, databases or class": "형식 해석 뒤에 추가됨: 자산 목록, 데이터베이스 또는 보존 등급",
	"not made by the formats of today: added from outside the record, or by an older format": "현재 형식이 만들지 않는 값: 레코드 밖에서 추가되었거나 이전 형식의 값", "today it would be": "현재 형식으로는",
	"%s values of weir itself": "weir가 붙인 값 %s개", "The search is kept as %s.": "검색을 %s(으)로 저장했습니다.",

	// Alerts.
	"State": "상태", "not closed": "종료 전", "mine": "내 담당", "Level": "등급", "every level": "모든 등급", "about": "대상", "rule": "규칙", "Choose an alert on the left: j, k and Enter.": "왼쪽에서 경보를 선택하세요: j, k, Enter.",
	"once": "1회", "%s times": "%s회", "with %s": "담당 %s", "The first of %s: narrow the list to see others.": "%s건 중 앞부분입니다. 나머지를 보려면 조건을 좁히세요.", "No such alert": "해당하는 경보가 없습니다", "No alert is open": "미처리 경보가 없습니다",
	"%s rule is loaded": "규칙 %s개 적용 중", "%s rules are loaded": "규칙 %s개 적용 중", "and %s events were looked at since the archive began.": "지금까지 이벤트 %s건을 검사했습니다.", "All alerts": "전체 경보",
	"To see one, play a minute of sample logs with an attack in them:": "경보를 보려면 공격이 들어 있는 1분 분량의 예제 로그를 재생하세요:", "first": "처음", "last": "마지막", "Acknowledge": "확인", "It was": "판정", "choose": "선택", "Note": "메모",
	"Open again": "다시 열기", "With": "담당자", "Assign": "지정", "Search around": "전후 검색", "one event is enough": "이벤트 하나로 충분", "%s of %s used": "%[2]s 중 %[1]s 사용", "%s, needs %s": "%s건, 기준 %s건", "Evidence": "증적", "Held by": "일치한 값",
	"which has": "포함된 값", "Risk": "위험도", "by %s alert": "경보 %s건", "by %s alerts": "경보 %s건", "Estimated": "추정값", "Speaks for": "대표 경보", "%s other alert": "다른 경보 %s건", "%s other alerts": "다른 경보 %s건",
	"Spoken for by": "대표하는 경보", "Merged into": "병합된 경보", "Over": "종료 시각", "What people did": "처리 이력", "Nobody has done anything with it yet.": "아직 처리한 사람이 없습니다.", "Add note": "메모 추가", "In a terminal": "터미널에서",
	"closed as %s": "종료: %s", "note": "메모", "given to nobody": "담당 해제", "given to %s": "담당자 지정: %s", "opened": "다시 열림", "You look at this alert now.": "이 경보를 확인 중으로 바꿨습니다.", "The alert is open again.": "경보를 다시 열었습니다.",
	"The alert is closed as %s.": "경보를 종료했습니다: %s.", "The note is kept.": "메모를 저장했습니다.", "The alert is nobody's now.": "담당을 해제했습니다.", "The alert is %s's now.": "담당자를 %s(으)로 지정했습니다.",
	"It is kept, and will be told to others when Kafka is back.": "저장되었으며, Kafka가 복구되면 다른 시스템에도 전달됩니다.",

	// Sources.
	"Which": "구분", "not heard": "미수신", "balanced": "건수 일치", "NOT balanced": "건수 불일치", "lost before weir could read it: %s in the kernel, %s in the ring": "weir가 읽기 전 유실: 커널 %s건, 링 %s건", "counts to %s": "%s 기준",
	"%s stopped uncleanly at %s: at most %s records are missing in the counts": "%s: %s에 비정상 종료, 최대 %s건이 집계에서 빠졌을 수 있음", "source": "수집원", "state": "상태", "last seen": "마지막 수신", "24 hours": "24시간", "clock": "시계 오차",
	"received": "수신", "split": "분할", "stored": "저장", "duplicate": "중복", "dead": "처리 불가", "refused": "거부", "filtered": "제외", "in flight": "처리 중", "difference": "차이", "with many others": "다수 동시", "%s events in 24 hours, at most %s in one": "24시간 %s건, 시간당 최대 %s건",
	"%s ahead": "%s 빠름", "%s behind": "%s 늦음", "missing": "누락", "nothing received": "수신 없음", "%s more: %s": "%s개 더 있음: %s", "The last 24 hours are not counted yet: there is much to read.": "최근 24시간 집계가 아직 없습니다. 읽을 양이 많습니다.",
	"Count them": "집계하기", "Every source is heard": "모든 수집원이 수신 중입니다", "Point a device at weir, or play a minute of sample logs: weir up --demo": "장비의 로그를 weir로 보내거나 예제 로그를 재생하세요: weir up --demo",

	// Compliance.
	"Not answered here: %s. The process that has the archive answers it, or a newer weir.": "이 프로세스에서는 조회할 수 없습니다: %s. 보관소가 있는 프로세스나 최신 weir에서 조회하세요.", "Parts": "구성", "Classes": "보존 등급", "Holds": "보존 명령", "Access reviews": "접속기록 점검", "Reports": "보고서",
	"Classes of retention": "보존 등급", "classes of retention": "보존 등급", "%s segment": "세그먼트 %s개", "%s segments": "세그먼트 %s개", "policy": "정책", "since %s": "%s부터", "planned only: nothing is deleted": "계획만 표시: 파기하지 않음",
	"class": "등급", "law": "법령", "kept for": "보존기간", "records from": "기록 시작", "gaps": "누락 구간", "events": "이벤트", "size": "크기", "next expiry": "다음 파기", "held": "보존 중", "no law named": "근거 법령 없음", "text checked: never": "법령 원문 확인: 안 함", "text checked %s": "법령 원문 확인: %s",
	"deleted by %s": "%s 이내 파기", "and %s more": "외 %s개", "none": "없음", "%s due now": "파기 대상 %s개", "%s kept too long": "기한 초과 %s개", "%s unreadable": "읽을 수 없음 %s개", "not in the policy": "정책에 없음", "perhaps %s is meant": "%s의 오기일 수 있음", "kept": "보존",
	"Copies": "사본", "whole": "완전", "not whole": "불완전", "last copied %s": "마지막 복제 %s", "lacks %s segments": "세그먼트 %s개 부족", "Legal holds": "보존 명령(리걸 홀드)", "legal holds": "보존 명령", "what a hold finds is kept, whatever the policy says": "보존 명령에 해당하는 기록은 정책과 관계없이 보존됩니다",
	"hold": "명령", "what": "대상", "time of the events": "이벤트 기간", "owner": "요청자", "reason": "사유", "until": "종료", "keeps": "보존 수", "placed by %s, %s": "%s 등록, %s", "it is released": "해제할 때까지", "Release": "해제", "Reason": "사유", "Release this hold": "보존 명령 해제",
	"No hold is in force.": "적용 중인 보존 명령이 없습니다.", "Place a hold": "보존 명령 등록", "Query in KQL, empty for everything": "KQL 검색어, 비우면 전체", "Events from": "이벤트 시작", "Owner: who asked for it": "요청자", "Hold until, empty: until it is released": "종료일, 비우면 해제할 때까지", "Place the hold": "등록",
	"access reviews": "접속기록 점검", "%s days after the end of the period": "기간 종료 후 %s일 이내", "period": "기간", "due": "기한", "systems": "시스템", "findings": "점검 사항", "reasons missing": "사유 미확인", "signed by": "서명자", "waits for": "미서명", "signed": "서명 완료", "overdue": "기한 초과", "Draft it": "초안 작성",
	"corrected by %s": "%s(으)로 정정됨", "There is no period to review yet.": "아직 점검할 기간이 없습니다.", "Month": "대상 월", "Open or draft its review": "점검 열기", "Report": "보고서", "Form": "형식", "Mapping (of mapping alone)": "대응표 이름(대응표만)", "Download": "내려받기", "report": "보고서", "runs": "주기", "next": "다음", "not made": "작성 실패",
	"verification": "무결성 검증", "%s of %s": "%[2]s 중 %[1]s", "%s of %s segments": "세그먼트 %[2]s개 중 %[1]s개", "%s left": "%s 남음", "Stop": "중지", "nothing changed": "변경 없음", "TAMPERED: %s findings": "변조 의심: %s건", "verified %s": "검증 %s",
	"It rests on the public key outside the archive.": "보관소 밖에 있는 공개키로 검증했습니다.", "It rests on the key beside the log: the archive fits itself, which does not prove that nobody made all of it anew.": "로그와 함께 있는 키로 검증했습니다. 보관소 내부는 일치하지만, 전체를 새로 만들지 않았다는 증명은 아닙니다.",
	"There is no log: it rests on the hashes of the manifest alone.": "투명성 로그가 없어 목록의 해시만으로 검증했습니다.", "Published until %s.": "%s까지 공표됨.", "%s newer segments are not published yet.": "최신 세그먼트 %s개는 아직 공표되지 않았습니다.", "finding": "내용", "It was never verified.": "아직 검증한 적이 없습니다.", "Verify now": "지금 검증",
	"Transparency log: %s leaves, %s of them published": "투명성 로그: 항목 %s개 중 %s개 공표", "(last %s by %s)": "(최근 %s, %s)", "%s lines behind": "%s개 지연", "publishing did not work": "공표 실패", "This archive has no transparency log.": "이 보관소에는 투명성 로그가 없습니다.",
	"Nobody has checked the text of the law behind the class %s.": "보존 등급 %s의 근거 법령 원문을 아무도 확인하지 않았습니다.", "The text of the law behind the class %s was checked more than a year ago, on %s.": "보존 등급 %s의 근거 법령 원문을 확인한 지 1년이 넘었습니다(%s).", "The hold %s ends on %s.": "보존 명령 %s이(가) %s에 끝납니다.", "The hold %s ended on %s.": "보존 명령 %s이(가) %s에 끝났습니다.",
	"%s segments of the class %s are kept beyond the day by which they must be deleted, by the hold %s.": "보존 등급 %[2]s의 세그먼트 %[1]s개가 보존 명령 %[3]s 때문에 파기 기한을 넘겨 보존되고 있습니다.", "%s segments of the class %s are kept beyond the day by which they must be deleted.": "보존 등급 %[2]s의 세그먼트 %[1]s개가 파기 기한을 넘겼습니다.",
	"%s segments have the class %s, which the policy does not know: they are kept.": "세그먼트 %s개의 보존 등급 %s이(가) 정책에 없어 계속 보존합니다.", "Nothing is deleted: the clock of this machine is far from where it was (%s).": "이 장비의 시계가 크게 달라져(%s) 파기를 멈췄습니다.", "The class %s is kept for a shorter time than the class of that name that weir brings.": "보존 등급 %s의 보존기간이 weir 기본값보다 짧습니다.",
	"The verification has begun.": "검증을 시작했습니다.", "The verification is ended.": "검증을 중지했습니다.", "The hold %s is placed.": "보존 명령 %s을(를) 등록했습니다.", "The hold %s is released; %s segments may go with the next run.": "보존 명령 %s을(를) 해제했습니다. 다음 실행에서 세그먼트 %s개가 파기될 수 있습니다.",

	// Reviews.
	"Review %s": "점검 %s", "Access review %s": "접속기록 점검 %s", "due %s": "기한 %s", "drafted %s by %s": "초안 %s, %s", "All reviews": "전체 점검", "The signatures hold, and nothing was changed since.": "서명이 유효하며 이후 변경이 없습니다.", "This review is not what was signed.": "이 점검은 서명한 내용과 다릅니다.", "This review corrects %s": "%s을(를) 정정한 점검입니다",
	"The law as it stood": "당시 법령", "Systems": "시스템", "No system that holds personal data is named in privacy/systems.yaml.": "privacy/systems.yaml에 개인정보처리시스템이 등록되어 있지 않습니다.", "owner %s": "담당 부서 %s", "%s data subjects": "정보주체 %s명", "Access records: %s, of which %s lack one of the five items": "접속기록 %s건 중 %s건은 필수 항목(5개)이 빠짐", "show them": "보기",
	"compared with %s": "%s과(와) 비교", "this period": "이번", "the one before": "이전", "Findings": "점검 사항", "%s searches found nothing": "해당 없음 %s건", "%s before": "이전 %s건", "Comment": "의견", "what you found out": "확인한 내용", "Downloads of personal data": "개인정보 다운로드", "%s without a reason": "사유 미확인 %s건",
	"account": "계정", "address": "접속지", "data subjects": "정보주체 수", "Decision": "처리", "whom": "대상자", "text": "내용", "%s more are in the report": "%s건은 보고서에 있음", "None in this period.": "이 기간에는 없습니다.", "Who had access": "접근권한 보유자", "person": "성명", "rights": "권한", "marks": "구분", "last logon": "마지막 접속", "logons": "접속", "failed": "실패", "records": "접속기록", "downloads": "다운로드", "off hours": "업무시간 외", "abroad": "해외",
	"privileged": "관리자", "dormant": "장기 미사용", "shared": "공용", "unlisted": "미등록", "new": "신규", "Nobody.": "없습니다.", "Rights given, changed and taken away": "접근권한 부여·변경·말소", "right": "권한", "by": "처리자", "approved by": "승인자", "Logons": "접속 현황", "%s successful": "성공 %s건", "%s failed": "실패 %s건", "country not known": "국가 미상",
	"Comments": "의견", "on the whole": "전체 의견", "Comment on this system": "이 시스템에 의견 남기기", "Comment on the whole": "전체에 의견 남기기", "Signatures": "서명", "with the key %s": "키 %s", "Key": "키", "Passphrase": "암호", "What": "범위", "this system": "이 시스템", "all that the key may sign": "이 키로 서명할 수 있는 전체", "Sign": "서명",
	"No reviewer's key is registered: weir keys add registers one.": "등록된 점검자 키가 없습니다. weir keys add로 등록하세요.", "With a key that is kept elsewhere, sign in a terminal. Nobody signs for a system that they have access to themselves.": "키가 다른 곳에 있으면 터미널에서 서명하세요. 본인이 접근하는 시스템은 본인이 서명할 수 없습니다.", "Report as PDF": "보고서 PDF",
	"The review %s is drafted.": "점검 %s의 초안을 만들었습니다.", "The comment is kept.": "의견을 저장했습니다.", "The decision is kept.": "처리 내용을 저장했습니다.", "It is signed.": "서명했습니다.",

	// Spans.
	"%s ago": "%s 전", "in %s": "%s 후", "%s s": "%s초", "%s min": "%s분", "%s h": "%s시간", "%s d": "%s일",
}
