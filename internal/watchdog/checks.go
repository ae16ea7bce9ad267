package watchdog

import (
	"time"
)

// check is one row of the table: a rule, and what finds it broken.
type check struct {
	Rule
	// probe says all that is wrong in a sample; known is false where the sample does not tell, so that nothing changes.
	// open tells of which entities an alert is open.
	probe func(m *memory, s *sample, open func(rule, entity string) bool) (found []finding, known bool)
}

// memory is what checks remember between samples. One goroutine uses it.
type memory struct {
	ends          map[place][]end      // of topics, by place, over behindFor
	lost          map[string]counter   // of what was lost or refused
	dead          map[string]*deadRate // by reason
	slow          map[string]*slowness // by rule
	disks         map[string][]room    // free space over hours
	certificates  []Certificate        // as they were read last
	read          time.Time            // when
	last          *sample              // the one before, for its clocks
	jumps         map[string]time.Duration
	began, before time.Time // of this start, and of the one before
}

func newMemory() memory {
	return memory{ends: map[place][]end{}, lost: map[string]counter{}, dead: map[string]*deadRate{}, slow: map[string]*slowness{}, disks: map[string][]room{}, jumps: map[string]time.Duration{}}
}

// checks is the one table of what weir watches in itself. Silence of sources is beside it (silence.go).
var checks = []check{
	{Rule{
		ID: "weir-stage-behind", Title: "A stage of weir is behind", TitleKo: "weir 처리 단계 지연", Level: "medium", Clear: time.Minute,
		About: "a stage has not taken records that were in its topic five minutes ago",
		Do:    "Look: weir topics list, weir doctor", DoKo: "확인: weir topics list, weir doctor",
	}, behind},
	{Rule{
		ID: "weir-records-lost", Title: "Records are lost before weir can read them", TitleKo: "수신 전 로그 유실", Level: "high", Clear: 10 * time.Minute,
		About: "the kernel dropped datagrams, or the ring of the eBPF input was full",
		Do:    "Raise the receive buffer (weir doctor says how), or send by TCP or RELP", DoKo: "수신 버퍼를 늘리거나(weir doctor) TCP 또는 RELP로 보내십시오",
	}, lost},
	{Rule{
		ID: "weir-records-refused", Title: "weir turns records away", TitleKo: "weir가 로그를 거부함", Level: "low", Clear: 10 * time.Minute,
		About: "a limit, a record that is too long, or no room turned records away; by reason",
		Do:    "Look who it is: weir ledger", DoKo: "확인: weir ledger",
	}, refused},
	{Rule{
		ID: "weir-ledger-difference", Title: "The ledger does not balance", TitleKo: "로그 수지 불일치", Level: "high", Clear: time.Minute,
		About: "records are missing between two hops, or too many, and nothing explains it; by store",
		Do:    "weir ledger names them; report it with weir doctor --bundle", DoKo: "weir ledger로 확인하고 weir doctor --bundle과 함께 알려 주십시오",
	}, difference},
	{Rule{
		ID: "weir-dead-letters", Title: "More and more records cannot be used", TitleKo: "처리 불가 로그 증가", Level: "medium", Hold: 2 * time.Minute, Clear: 10 * time.Minute,
		About: "dead letters of one reason come five times as fast as over the last day, and at least one a minute",
		Do:    "weir deadletters list; then weir deadletters redrive", DoKo: "weir deadletters list 후 weir deadletters redrive",
	}, deadLetters},
	{Rule{
		ID: "weir-disk-low", Title: "The disk is nearly full", TitleKo: "디스크 여유 부족", Level: "high", Hold: 30 * time.Second, Clear: time.Minute,
		About: "less is free than twice the guard (bus.embedded.min_free), below which weir takes nothing more; over at two and a half times",
		Do:    "Make room: docs/how-to/disk-full.md", DoKo: "공간 확보: docs/how-to/disk-full.md",
	}, diskLow},
	{Rule{
		ID: "weir-disk-filling", Title: "The disk will be full within a day", TitleKo: "하루 안에 디스크가 가득 참", Level: "medium", Hold: 10 * time.Minute, Clear: 30 * time.Minute,
		About: "at the rate of the last six hours the guard is reached within 24 hours; over at 36",
		Do:    "Make room: docs/how-to/disk-full.md", DoKo: "공간 확보: docs/how-to/disk-full.md",
	}, diskFilling},
	{Rule{
		ID: "weir-certificate", Title: "A certificate ends soon", TitleKo: "인증서 만료 임박", Level: "low",
		About: "a certificate of weir ends within 30 days (low), 7 (medium) or 1 (high), has ended, or cannot be read; each is said anew",
		Do:    "Renew the file; weir reads it again by itself or after a restart", DoKo: "인증서 파일을 갱신하십시오",
	}, certificates},
	{Rule{
		ID: "weir-rules-refused", Title: "Rules are not used", TitleKo: "사용되지 않는 탐지 규칙", Level: "medium", Hold: time.Minute,
		About: "a rule file has a mistake, so its rules do not run",
		Do:    "weir rules check names every mistake", DoKo: "weir rules check로 확인하십시오",
	}, refusals},
	{Rule{
		ID: "weir-rule-slow", Title: "A rule takes much of a processor", TitleKo: "탐지 규칙의 과도한 처리 시간", Level: "medium", Hold: 2 * time.Minute, Clear: 10 * time.Minute,
		About: "over five minutes the conditions of one rule took a fifth of a processor; it goes on; over below a tenth",
		Do:    "Narrow it, or disable it: weir rules list --cost", DoKo: "규칙을 좁히거나 끄십시오: weir rules list --cost",
	}, slowRules},
	{Rule{
		ID: "weir-unclean-stop", Title: "weir did not stop in order", TitleKo: "weir 비정상 종료", Level: "low",
		About: "a start before this one ended without its last count; over an hour after the restart",
		Do:    "weir ledger says what that means for the counts", DoKo: "weir ledger로 집계에 미치는 영향을 확인하십시오",
	}, uncleanStops},
	{Rule{
		ID: "weir-clock-jump", Title: "The clock of this machine jumped", TitleKo: "시스템 시각 급변", Level: "medium", Clear: time.Hour,
		About: "wall and steady clock differ by more than 30 seconds between two looks: it was set, or the machine slept",
		Do:    "Look after its time service: timedatectl", DoKo: "시간 동기화를 확인하십시오: timedatectl",
	}, clockJumps},
	{Rule{
		ID: "weir-canary-lost", Title: "A canary did not come out", TitleKo: "점검용 로그 유실", Level: "high",
		About: "a marked line went in by the front door and its alert did not come out",
		Do:    "weir canary shows where it stops", DoKo: "weir canary로 중단 지점을 확인하십시오",
	}, canaryLost},
	{Rule{
		ID: RuleArchiveDamaged, Title: "What is kept was damaged or changed", TitleKo: "보관 기록 훼손", Level: "high",
		About: "a segment is missing or is not what the manifest says, or a line of the manifest was changed; the rest stays searchable",
		Do:    "Keep a copy of the folder as it is, then: weir archive verify", DoKo: "폴더를 그대로 보존한 뒤 확인: weir archive verify",
	}, concerns(RuleArchiveDamaged)},
	{Rule{
		ID: RuleEvidenceBehind, Title: "The proof of what is kept is behind", TitleKo: "무결성 증적 지연", Level: "high", Hold: 2 * time.Minute, Clear: time.Minute,
		About: "the transparency log cannot be written or does not agree with the manifest, or its checkpoint was not published for two days",
		Do:    "weir archive verify; docs/explanation/evidence.md", DoKo: "확인: weir archive verify",
	}, concerns(RuleEvidenceBehind)},
	{Rule{
		ID: RuleCopyBehind, Title: "A second copy is behind", TitleKo: "보관 사본 지연", Level: "medium", Hold: 10 * time.Minute, Clear: time.Minute,
		About: "a copy of archive.copies lacks segments that are older than an hour",
		Do:    "weir archive list shows how far it is; docs/archive.md", DoKo: "확인: weir archive list",
	}, concerns(RuleCopyBehind)},
	{Rule{
		ID: RuleRetention, Title: "Records are kept longer than they may be", TitleKo: "보존기간 초과 기록", Level: "medium", Hold: 10 * time.Minute,
		About: "a class must be gone by a day that is over, and something keeps it: a hold, a lock of the bucket, a class that no policy names",
		Do:    "weir report retention names it", DoKo: "확인: weir report retention",
	}, concerns(RuleRetention)},
	{Rule{
		ID: RuleHoldEnding, Title: "A legal hold ends within a week", TitleKo: "보존 명령 종료 임박", Level: "low",
		About: "a hold has an end, and from then on its records go as their class says",
		Do:    "weir archive holds; place it again if it is still needed", DoKo: "확인: weir archive holds",
	}, concerns(RuleHoldEnding)},
	{Rule{
		ID: RuleReviewOverdue, Title: "An access review is overdue", TitleKo: "접속기록 점검 기한 초과", Level: "medium",
		About: "the cycle of the policy is over and nobody has signed the review",
		Do:    "weir review status", DoKo: "확인: weir review status",
	}, concerns(RuleReviewOverdue)},
	{Rule{
		ID: RuleReportFailed, Title: "A report was not delivered", TitleKo: "정기 보고서 전달 실패", Level: "low",
		About: "a report of reports.yaml could not be made or delivered and is tried again",
		Do:    "The log says why; docs/reports.md", DoKo: "로그에서 원인을 확인하십시오",
	}, concerns(RuleReportFailed)},
}

// Rules are the rules of weir's own alerts, for documentation and for who asks what one means.
func Rules() []Rule {
	out := make([]Rule, 0, len(checks)+len(silenceRules))
	for i := range checks {
		out = append(out, checks[i].Rule)
	}
	for _, r := range silenceRules {
		out = append(out, *r)
	}
	return out
}
