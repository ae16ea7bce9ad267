package keeping

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"weir/internal/control/archiving"
	"weir/internal/keep"
	"weir/internal/retention"
	"weir/internal/term"
	"weir/internal/watchdog"
)

// checks is the last check of the archive, in a file: a report after a restart, or beside a weir that does not run, says it
// too. Who writes into the data folder could write it; what proves something is a check, not this note of one.
type checks struct{ file string }

// checksOf are those of a data folder.
func checksOf(data string) checks { return checks{filepath.Join(data, "archive-verified.json")} }

// set takes the result of a check. One of a copy, or of another folder, says nothing about the archive.
func (c checks) set(v *archiving.Verified) error {
	if v == nil || v.Copy > 1 {
		return nil
	}
	b, err := json.Marshal(retention.VerifyFacts{At: v.At, OK: v.OK, Segments: v.Segments, Findings: v.Found, Anchored: v.Until})
	if err != nil {
		return err
	}
	return keep.WriteFile(c.file, b)
}

// facts says it for a report; nothing is known where there is no file that can be read.
func (c checks) facts() (f retention.VerifyFacts) {
	b, err := os.ReadFile(c.file)
	if err != nil || json.Unmarshal(b, &f) != nil {
		return retention.VerifyFacts{}
	}
	return f
}

// Concerns are what is wrong with what is kept, for the watchdog.
func (k *Keeping) Concerns(ctx context.Context) []watchdog.Concern {
	out := []watchdog.Concern{}
	for _, p := range k.archive.Problems() {
		if !p.Warn {
			out = append(out, watchdog.Concern{Rule: watchdog.RuleArchiveDamaged, Entity: p.Where, EN: p.What + ": " + p.Where, KO: "보관 기록이 훼손되었습니다: " + p.Where})
		}
	}
	k.mu.Lock()
	for about, f := range k.faults {
		out = append(out, watchdog.Concern{Rule: watchdog.RuleEvidenceBehind, Entity: about, EN: f.What + ": " + f.Why, KO: "무결성 로그 이상: " + f.What})
	}
	k.mu.Unlock()
	for _, c := range k.copies {
		s := c.State()
		if s.Since.IsZero() || k.opts.Now().Sub(s.Since) < copyLate {
			continue
		}
		n := term.Count(int64(s.Segments))
		en, ko := fmt.Sprintf("the copy %s lacks %s segments", s.Place, n), fmt.Sprintf("사본 %s에 세그먼트 %s개가 없습니다", s.Place, n)
		if s.Err != nil {
			en += ": " + s.Err.Error()
		}
		out = append(out, watchdog.Concern{Rule: watchdog.RuleCopyBehind, Entity: s.Place, EN: en, KO: ko})
	}
	return append(out, k.retentionConcerns(ctx)...)
}

// warnEvery is how often the plan of what expires is made for its warnings: holds have to be looked for in segments.
const warnEvery = 10 * time.Minute

// retentionConcerns are those of what is kept too long, of holds that end, and of a clock that lets nothing go.
func (k *Keeping) retentionConcerns(ctx context.Context) (out []watchdog.Concern) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now := k.opts.Now(); k.warnedAt.IsZero() || now.Sub(k.warnedAt).Abs() >= warnEvery {
		k.warned, k.warnedAt = k.expiry.Warnings(ctx), now
	}
	for i := range k.warned {
		if c, ok := concern(&k.warned[i]); ok {
			out = append(out, c)
		}
	}
	return out
}

// concern is a warning of the policy as somebody is told of it. Those that only a report needs are none.
func concern(w *retention.Warning) (watchdog.Concern, bool) {
	day, n := w.Time.Format(time.DateOnly), term.Count(int64(w.Segments))
	switch w.Kind {
	case retention.WarnHoldEnds:
		return watchdog.Concern{Rule: watchdog.RuleHoldEnding, Entity: w.Hold, EN: fmt.Sprintf("the hold %s ends on %s", w.Hold, day), KO: fmt.Sprintf("보존 명령 %s이(가) %s에 끝납니다", w.Hold, day)}, true
	case retention.WarnBeyond:
		return watchdog.Concern{Rule: watchdog.RuleRetention, Entity: w.Class, EN: fmt.Sprintf("%s segments of the class %s should be gone by now", n, w.Class),
			KO: fmt.Sprintf("등급 %s에 파기되어야 할 세그먼트 %s개가 남아 있습니다", w.Class, n)}, true
	case retention.WarnUnknown:
		return watchdog.Concern{Rule: watchdog.RuleRetention, Entity: w.Class, EN: fmt.Sprintf("%s segments have the class %s, which no policy knows: they are kept for ever", n, w.Class),
			KO: fmt.Sprintf("세그먼트 %s개의 등급 %s을(를) 정책에서 찾을 수 없어 계속 보관합니다", n, w.Class)}, true
	case retention.WarnClock:
		return watchdog.Concern{Rule: watchdog.RuleRetention, Entity: "clock", EN: "nothing is deleted, because the clock is far from where it was: " + w.Detail, KO: "시스템 시각이 크게 달라져 파기를 멈췄습니다: " + w.Detail}, true
	}
	return watchdog.Concern{}, false
}
