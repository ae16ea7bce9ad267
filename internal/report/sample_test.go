package report

import (
	"fmt"
	"time"

	"weir/internal/report/prose"
	"weir/internal/retention"
	"weir/internal/review"
)

// seoul is the zone of the samples.
func seoul() *time.Location {
	z, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		panic("BUG: the list of zones is in the program: " + err.Error())
	}
	return z
}

// at is a moment of October in Seoul.
func at(day, hour, minute int) time.Time {
	return time.Date(2026, 10, day, hour, minute, 0, 0, seoul())
}

// voice is a reader with a console.
func voice(lang string) prose.Voice {
	return prose.Voice{Lang: lang, Zone: seoul(), Console: "https://weir.example.org"}
}

// hostile is what an attacker writes as a user name.
const hostile = "<b>root</b>\x1b[31m\u202egnp"

// sampleReview is a review of two systems with something in every list.
func sampleReview() *review.Facts {
	f := &review.Facts{
		V: 1, ID: "2026-10-r2", Revision: 2, Corrects: "2026-10", Why: "인사 시스템의 다운로드 2건이 빠졌음",
		Period: review.Period{Name: "2026-10", From: at(1, 0, 0), To: at(32, 0, 0), Zone: "Asia/Seoul"}, Before: review.Period{Name: "2026-09", From: at(-29, 0, 0), To: at(1, 0, 0), Zone: "Asia/Seoul"},
		Drafted: review.Stamp{At: at(34, 9, 0), By: "kim.auditor"}, Searches: "5f0c…", Policy: review.Policy{Version: "77ab019e4c2204d1", Cycle: "monthly", Grace: 10, Due: at(41, 0, 0)}, State: review.Commented,
		Law: []review.Law{
			{Class: "kr-pipa-access-2y", Law: "Standard of Measures for Securing the Safety of Personal Information", LawKo: "개인정보의 안전성 확보조치 기준", Article: "8(1)", Notice: "Notice 2023-6", Applies: "50,000 or more data subjects", AppliesKo: "5만 명 이상의 정보주체에 관한 개인정보를 처리하는 경우", Review: "monthly", Keep: "2 years", Status: "read", Checked: "2026-11-21"},
			{Class: "pci-10.5.1", Law: "PCI DSS v4", Article: "10.5.1", Keep: "12 months", Status: "memory", Checked: "never", Note: "The text was not found.", NoteKo: "원문을 확인하지 못함."},
		},
		Record:     review.Record{Events: 88120433, First: at(-600, 0, 0), Gaps: []review.Gap{{From: at(12, 3, 0), To: at(12, 4, 30), Source: "syslog/192.0.2.10", What: "receiver stopped"}}, Unreadable: []string{"class=access/day=2026-10-03/s-000412.parquet"}},
		Comments:   []review.Comment{{Stamp: review.Stamp{At: at(34, 11, 0), By: "kim.auditor"}, Nr: 3, Text: "전반적으로 이상 없으나 심야 접속에 대한 소명이 필요함"}},
		Signatures: []review.Signature{{Key: "kim-2026", Public: "7T3l0f5vK2m1Qv2b3n4M5a6S7d8F9g0H1j2K3l4Z5x6=", By: "kim.auditor", At: at(35, 10, 12), Parts: []review.Part{{SHA256: "aa11bb22cc33dd44ee55"}, {System: "crm", SHA256: "0011223344556677"}}}},
	}
	f.Systems = []review.System{sampleSystem("hr", "Human resources", "인사 관리 시스템", true), sampleSystem("crm", "Customer desk", "고객 상담 시스템", false)}
	return f
}

// sampleSystem is one system; a small one has nothing to compare with.
func sampleSystem(id, title, ko string, full bool) review.System {
	s := review.System{ID: id, Title: title, TitleKo: ko, Owner: "정보보호팀", Reviewers: []string{"kim.auditor", "lee.ciso"}, Class: "kr-pipa-access-2y", Subjects: 61200, Sensitive: full, Scope: fmt.Sprintf("weir.privacy.system: %q", id),
		Events: 81204, First: at(1, 0, 3), Last: at(31, 23, 58)}
	s.Completeness = review.Completeness{Records: 40211, Incomplete: 12, KQL: s.Query("weir.privacy.missing: *"), Missing: []review.Group{{Values: []string{"subject"}, Count: 11}, {Values: []string{"place"}, Count: 1}}}
	s.Accounts = []review.Account{
		{Name: "minsu.kim", Person: "김민수", Department: "인사팀", Rights: []string{"조회", "다운로드"}, LastLogon: at(31, 18, 2), Logons: 211, Failed: 3, Records: 18220, Downloads: 2, OffHours: 14, Addresses: 2, Countries: []string{"KR"}},
		{Name: "admin", Privileged: true, Unlisted: true, Shared: true, AtOnce: 4, LastLogon: at(30, 3, 12), Logons: 61, Failed: 122, Records: 21000, OffHours: 40, Foreign: 2, Countries: []string{"KR", "VN"}},
		{Name: "old.park", Person: "박지난", Dormant: true, Rights: []string{"조회"}}, {Name: hostile, New: true, Removed: at(20, 9, 0)},
	}
	s.Rights = []review.RightsChange{
		{Event: "e1", At: at(2, 10, 0), Action: "grant", By: "it.choi", Account: "minsu.kim", Right: "다운로드", Approved: "lee.ciso", Reason: "연말정산 자료 제출"},
		{Event: "e2", At: at(20, 9, 0), Action: "remove", By: "it.choi", Account: hostile, Old: "조회", New: ""}, {Event: "e3", At: at(21, 9, 0), Action: "useradd", By: "root", Account: "svc-batch", Native: true},
	}
	s.Logons = review.Logons{Success: 4021, Failed: 128, Countries: []review.Place{{Name: "KR", Success: 4019, Failed: 80, Accounts: 41}, {Name: "VN", Success: 2, Failed: 48, Accounts: 1}}, Networks: []review.Place{{Name: "본사", Success: 3900, Accounts: 40}}, Addresses: []review.Place{{Name: "203.0.113.5", Country: "VN", Failed: 48, Accounts: 1}, {Name: ""}}}
	for h := range 24 {
		for d := range 5 {
			s.Logons.Hours[d][h] = int64(max(0, 40-3*(h-11)*(h-11)))
		}
		s.Logons.FailedHours[6][h] = int64(h % 5)
	}
	s.Downloads = []review.Handling{
		{Event: "d1", At: at(5, 14, 5), Account: "minsu.kim", Address: "192.0.2.31", Action: "download", Subjects: 1204, Reason: "연말정산 자료 제출", Decisions: []review.Decision{{Stamp: review.Stamp{At: at(34, 10, 0), By: "kim.auditor"}, Kind: "approve"}}},
		{Event: "d2", At: at(9, 3, 12), Account: "admin", Address: "203.0.113.5", Action: "download", Subjects: 61200, Decisions: []review.Decision{{Stamp: review.Stamp{At: at(34, 10, 5), By: "kim.auditor"}, Kind: "ask", Text: "심야에 전체 명단을 내려받은 사유", Whom: "it.choi"}}},
		{Event: "d3", At: at(19, 16, 0), Account: hostile, Subjects: 3},
		{Event: "d4", At: at(21, 16, 0), Account: "minsu.kim", Subjects: 40, Decisions: []review.Decision{{Stamp: review.Stamp{By: "kim.auditor"}, Kind: "ask", Text: "사유?", Whom: "minsu.kim"}, {Stamp: review.Stamp{By: "minsu.kim"}, Kind: "answer", Text: "감사 자료"}}},
	}
	s.Bulk = []review.Handling{{Event: "b1", At: at(9, 3, 0), Account: "admin", Address: "203.0.113.5", Subjects: 61200}}
	s.Alerts = []review.Alert{{ID: "3f9c12ab77e0", At: at(9, 3, 11), Rule: "ssh-brute-force", Title: "Password guessed", Level: "high", Text: "203.0.113.5 guessed admin's password on hr-1", Count: 17, State: "closed", Verdict: "true_positive"}}
	s.Changes = review.Changes{Known: full, New: []string{hostile}, Gone: []string{"lee.temp"}, Counts: []review.Delta{{What: "records", Now: 40211, Before: 38112}, {What: "downloads", Now: 4, Before: 0}, {What: "failed", Now: 128, Before: 300}}}
	s.Findings = []review.Finding{
		{ID: "off-hours", Title: "Access out of hours", TitleKo: "업무시간 외 접속", Severity: "medium", KQL: s.Query("event.category: authentication"), From: at(1, 0, 0), To: at(32, 0, 0), Hit: true, Count: 2, Events: 54, Before: 12, By: []string{"user.name"}, Groups: []review.Group{{Values: []string{"admin"}, Count: 40}, {Values: []string{"minsu.kim"}, Count: 14}}, Left: 3, Rough: true},
		{ID: "foreign", Title: "Access from abroad", TitleKo: "해외 접속", Severity: "high", KQL: s.Query("not source.geo.country_iso_code: KR"), From: at(1, 0, 0), To: at(32, 0, 0), Hit: true, Count: 2, Events: 2, List: []review.Ref{{Event: "x", At: at(9, 3, 10), Account: "admin", Address: "203.0.113.5"}}},
		{ID: "quiet", Title: "Rights of nobody", Severity: "low", KQL: s.Query("weir.rights.action: *"), From: at(1, 0, 0), To: at(32, 0, 0)},
	}
	s.Comments = []review.Comment{{Stamp: review.Stamp{At: at(34, 10, 30), By: "kim.auditor"}, Nr: 1, Finding: "foreign", Text: "VPN 미사용 접속. 소명 요청함"}}
	s.Left = []review.Group{{Values: []string{"addresses"}, Count: 812}}
	return s
}

// sampleRetention is an archive with a class of each sort.
func sampleRetention() *retention.Facts {
	return &retention.Facts{
		Made: at(34, 9, 0), Zone: "Asia/Seoul", Policy: retention.PolicyFacts{Version: "77ab019e4c2204d1", Since: at(-90, 9, 0), Changes: 3, Files: []string{"classes.yaml", "privacy/systems.yaml"}, Enforce: true, Refused: retention.Unsafe, Detail: "3 d ahead", LastRun: at(34, 3, 0)},
		Classes: []retention.ClassFacts{
			{Name: "kr-pipa-access-2y", Title: retention.Text{En: "Access records of systems with much personal data", Ko: "개인정보처리시스템 접속기록(2년 보관 대상)"}, Law: retention.Text{En: "Standard of Measures", Ko: "개인정보의 안전성 확보조치 기준"}, Article: "8(1)", Notice: "Notice 2023-6", Applies: retention.Text{En: "50,000 or more", Ko: "5만 명 이상"},
				Status: "read", Checked: "2026-11-21", Keep: "2 years", Review: "monthly", Original: "keep", Segments: 412, Events: 61204331, Bytes: 5 << 30, Oldest: at(-700, 0, 0), Newest: at(34, 8, 59), FirstDay: "2024-11-30", LastDay: "2026-11-03",
				Gaps: []retention.Gap{{From: "2026-03-04", To: "2026-03-05", Days: 2}}, NextExpiry: at(60, 0, 0), Held: 3, Beyond: 1, ExpiredSegments: 12, ExpiredEvents: 90112, LastExpiry: at(30, 3, 0)},
			{Name: "pci-10.5.1", Title: retention.Text{En: "Audit log history", Ko: "감사 로그 이력"}, Law: retention.Text{En: "PCI DSS v4"}, Article: "10.5.1", Note: retention.Text{En: "The text was not found.", Ko: "원문을 확인하지 못함."}, Status: "memory", Checked: "never", Keep: "12 months", DeleteBy: "2 years", ValidFrom: "2024-01-01"},
			{Name: "standard", Title: retention.Text{En: "Everything else", Ko: "그 밖의 기록"}, Keep: "90 days", Original: "drop", Segments: 90, Events: 1204, Bytes: 1 << 20, Quarantined: 1}, {Name: "forever", Title: retention.Text{En: "Kept", Ko: "영구 보존"}, Keep: "forever"},
		},
		Unknown: []retention.UnknownFacts{{Name: "acces", Segments: 1, Events: 3, Bytes: 1200, Oldest: at(1, 0, 0), Newest: at(2, 0, 0), Near: "access"}},
		Holds: []retention.HoldFacts{{ID: "h-1", Query: "user.name: admin", From: at(1, 0, 0), Owner: "lee.ciso", Reason: "수사 협조 2026-113", Placed: at(10, 0, 0), By: "root", Active: true, Keeps: 3, Beyond: 1},
			{ID: "h-0", Owner: "lee.ciso", Reason: "시험", Until: at(5, 0, 0), Placed: at(1, 0, 0)}, {ID: "h-2", Query: "*", Owner: "a", Reason: hostile, Released: at(6, 0, 0), ReleasedBy: "root", ReleaseReason: "끝남"}},
		Copies: []retention.CopyFacts{{Where: "s3://copy/weir", OK: true, At: at(34, 8, 0), Verified: at(33, 0, 0)}, {Where: "/mnt/b", Behind: 12, Err: "no space left"}},
		Verify: retention.VerifyFacts{At: at(34, 4, 0), OK: true, Segments: 502, Anchored: at(34, 0, 0)}, Systems: []retention.SystemFacts{{Name: "hr", Title: retention.Text{En: "Human resources", Ko: "인사 관리 시스템"}, Owner: "인사팀", Subjects: 61200, Class: "kr-pipa-access-2y", Because: []string{"subjects", "sensitive"}}},
		Warnings: []retention.Warning{{Kind: retention.WarnNeverChecked, Class: "pci-10.5.1"}, {Kind: retention.WarnBeyond, Class: "kr-pipa-access-2y", Hold: "h-1", Segments: 1}, {Kind: retention.WarnUnknown, Class: "acces", Segments: 1}, {Kind: retention.WarnHoldEnds, Hold: "h-1", Time: at(36, 0, 0)}, {Kind: "of a newer weir", Class: "x"}},
		Segments: 503, Events: 61205538, Bytes: 5<<30 + 1<<20,
	}
}
