package sources

import (
	"time"

	"weir/internal/control/watching"
	"weir/internal/report/doc"
	"weir/internal/report/prose"
	"weir/internal/term"
)

// longSilence is from when on a silence within the time is marked: a device that speaks by the hour at least is missed.
const longSilence = 24 * time.Hour

// farClock is from when on a median is marked.
const farClock = 5 * time.Second

// Document writes the facts for a reader.
func Document(f *Facts, v prose.Voice) *doc.Document {
	p := prose.NewPaper(v, "sources", v.Say("Log sources", "로그 소스 현황 보고서"), f.Made, f.From, f.To)
	p.Doc.Facts = f
	w := &writer{Paper: p, f: f}
	w.summary()
	w.clocks()
	w.ledger()
	w.silence()
	return &p.Doc
}

// writer writes one report.
type writer struct {
	*prose.Paper
	f *Facts
}

// name is a source with the name of its device.
func (w *writer) name(s *Source) string {
	switch {
	case s.Source == "":
		return s.Name
	case s.Name == "" || s.Name == s.Source:
		return s.Source
	}
	return s.Source + " (" + s.Name + ")"
}

// summary is the list of sources, after what has to be looked at.
func (w *writer) summary() {
	f := w.f
	w.Head(w.Say("Summary", "요약"))
	heard, silent, ahead := 0, 0, 0
	for i := range f.Sources {
		s := &f.Sources[i]
		if s.Stored > 0 {
			heard++
		}
		if s.State == watching.Silent || s.State == watching.Never {
			silent++
		}
		if s.Skew.Ahead > 0 {
			ahead++
		}
	}
	w.Text(w.Sayf("%s events of %s sources were stored in the period.", "대상 기간에 소스 %[2]s개에서 이벤트 %[1]s건이 저장되었습니다.", w.Num(f.Events), w.Num(int64(heard))))
	w.Text(w.Sayf("The columns “Now”, and how long a source is silent, are as of %s, whatever the period.", "“현재 상태”와 “현재 공백”은 대상 기간과 관계없이 %s 기준입니다.", w.Minute(f.Made)))
	if f.Left > 0 {
		w.Note(w.Sayf("%s events are of sources beyond the first %s and are in no row.", "소스가 %[2]s개를 넘어 이벤트 %[1]s건은 표에 포함하지 않았습니다.", w.Num(f.Left), w.Num(MaxSources)))
	}
	if silent > 0 {
		w.Note(w.Sayf("Not heard at %[2]s: %[1]s.", "%[2]s 현재 수신되지 않는 소스: %[1]s개", w.Num(int64(silent)), w.Minute(f.Made)))
	}
	if ahead > 0 {
		w.Note(w.Sayf("Sources whose clock is ahead by more than a minute: %s.", "시각이 1분 넘게 앞선 소스: %s개", w.Num(int64(ahead))))
	}
	t := w.Table("sources", w.None(), prose.Col(w.Say("Source", "소스")), prose.Col(w.Say("First in the period", "기간 내 최초")), prose.Col(w.Say("Last in the period", "기간 내 최종")), prose.Right(w.Say("Stored", "저장 건수")),
		prose.Col(w.Say("Now", "현재 상태")), prose.Right(w.Say("Hours heard", "수신 시간 수")), prose.Col(w.Say("Rhythm, 0 to 23 h", "시간대별 수신(0~23시)")))
	for i := range f.Sources {
		s := &f.Sources[i]
		row := prose.Cells(w.name(s), w.Minute(s.First), w.Minute(s.Last), w.Num(s.Stored), w.state(s.State), w.Num(int64(s.HeardHours)), prose.Spark(s.Hours[:]))
		row[0].Link = w.link(s)
		if s.State == watching.Silent || s.State == watching.Never {
			row[4].Mark = "bad"
		}
		t.Rows = append(t.Rows, row)
	}
}

// link leads to the events of a source: those of its address.
func (w *writer) link(s *Source) string {
	input, address, ok := cut(s.Source)
	if !ok || s.Stored == 0 {
		return ""
	}
	return w.Search("weir.input: "+prose.Quote(input)+" and log.source.address: "+prose.Quote(address), w.f.From, w.f.To)
}

// cut parts input/address. What has no address is known by its input alone, and not linked.
func cut(source string) (input, address string, ok bool) {
	for i, r := range source {
		if r == '/' {
			return source[:i], source[i+1:], source[i+1:] != ""
		}
	}
	return source, "", false
}

// state is how a source is heard now.
func (w *writer) state(slug string) string {
	words := map[string][2]string{
		watching.Heard: {"heard", "정상 수신"}, watching.Silent: {"silent", "수신 중단"}, watching.Never: {"never heard", "수신 이력 없음"}, watching.Learning: {"new", "신규(학습 중)"}, "": {"not watched", "감시 안 함"},
	}
	if x, ok := words[slug]; ok {
		return w.Say(x[0], x[1])
	}
	return slug
}

// clocks are how far the times of each source are off.
func (w *writer) clocks() {
	w.Head(w.Say("Clocks", "시각 동기화"))
	w.Text(w.Say("Difference between when weir received an event and the time that the event itself says. Positive: its clock is behind, or its events come late; negative: its clock is ahead. Medians are within 3.2 %.",
		"수신 시각과 이벤트에 적힌 시각의 차이입니다. 양수는 장비 시각이 늦거나 전송이 지연된 것이고, 음수는 장비 시각이 앞선 것입니다. 중앙값의 오차는 3.2% 이내입니다."))
	t := w.Table("clock", w.Say("No source says a time of its own.", "시각을 기록하는 소스가 없습니다."), prose.Col(w.Say("Source", "소스")), prose.Right(w.Say("Events with a time", "시각이 있는 이벤트")), prose.Right(w.Say("Median", "중앙값")), prose.Right(w.Say("Furthest", "최대")), prose.Right(w.Say("Ahead by over 1 min", "1분 넘게 앞섬")))
	for i := range w.f.Sources {
		s := &w.f.Sources[i]
		if s.Skew.Events == 0 {
			continue
		}
		row := prose.Cells(w.name(s), w.Num(s.Skew.Events), w.ms(s.Skew.MedianMS), w.ms(s.Skew.MaxMS), w.Num(s.Skew.Ahead))
		if d := time.Duration(s.Skew.MedianMS) * time.Millisecond; d > farClock || d < -farClock {
			row[2].Mark = "warn"
		}
		if s.Skew.Ahead > 0 {
			row[4].Mark = "warn"
		}
		t.Rows = append(t.Rows, row)
	}
}

// ms is a span in milliseconds.
func (w *writer) ms(n int64) string { return w.Span(time.Duration(n) * time.Millisecond) }

// ledger is whether what was received is what was stored.
func (w *writer) ledger() {
	f := w.f
	w.Head(w.Say("Ledger: received and stored", "수신·저장 대사(원장)"))
	switch {
	case !f.Ledger:
		w.Note(w.Say("The ledger is with another process, and is not in this report.", "원장을 다른 프로세스가 보유하고 있어 이 보고서에 포함하지 못했습니다."))
	case f.Balanced:
		w.Text(w.Sayf("Balanced at %s: received + split = stored + duplicate + dead + refused + filtered + in flight. Counts are since each source is known.", "%s 기준 일치: 수신 + 분할 = 저장 + 중복 + 사용 불가 + 거부 + 필터 + 처리 중. 건수는 소스를 처음 인식한 때부터의 누계입니다.", w.Minute(f.LedgerAt)))
	default:
		w.Note(w.Sayf("Not balanced at %s: see the column of differences, and weir ledger.", "%s 기준 불일치: 차이 열과 weir ledger를 확인하십시오.", w.Minute(f.LedgerAt)))
	}
	if n := f.KernelDrops + f.RingLosses; n > 0 {
		w.Note(w.Sayf("Lost before weir could read it: %s (kernel), %s (ring).", "weir가 읽기 전에 유실: 커널 %s건, 링 버퍼 %s건", w.Num(f.KernelDrops), w.Num(f.RingLosses)))
	}
	t := w.Table("ledger", w.None(), prose.Col(w.Say("Source", "소스")), prose.Col(w.Say("First seen", "최초 수신")), prose.Col(w.Say("Last seen", "최종 수신")), prose.Right(w.Say("Received", "수신")), prose.Right(w.Say("Split", "분할")), prose.Right(w.Say("Stored", "저장")), prose.Right(w.Say("Duplicate", "중복")),
		prose.Right(w.Say("Dead", "사용 불가")), prose.Right(w.Say("Refused", "거부")), prose.Right(w.Say("Filtered", "필터")), prose.Right(w.Say("In flight", "처리 중")), prose.Right(w.Say("Difference", "차이")))
	for i := range f.Sources {
		s := &f.Sources[i]
		c := s.Known
		if c == nil {
			continue
		}
		row := prose.Cells(w.name(s), w.Minute(c.First), w.Minute(c.Last), w.Num(c.Received), w.Num(c.Split), w.Num(c.Stored), w.Num(c.Duplicate), w.Num(c.Dead), w.Num(c.Refused), w.Num(c.Filtered), w.Num(c.InFlight), w.Num(c.Difference))
		if c.Difference != 0 {
			row[11].Mark = "bad"
		}
		if c.Dead > 0 {
			row[7].Mark = "warn"
		}
		t.Rows = append(t.Rows, row)
	}
}

// silence is who was not heard, and when.
func (w *writer) silence() {
	w.Head(w.Say("Silence", "수신 공백"))
	w.Text(w.Sayf("The longest time without an event between the first and the last of the period, in whole hours, and whether the source was heard at %s.", "기간 내 첫 이벤트와 마지막 이벤트 사이에서 이벤트가 없었던 가장 긴 시간(시간 단위)과 %s 기준 수신 여부입니다.", w.Minute(w.f.Made)))
	t := w.Table("silence", w.None(), prose.Col(w.Say("Source", "소스")), prose.Col(w.Say("Longest silence", "최장 공백")), prose.Col(w.Say("Began", "시작")), prose.Col(w.Say("Now", "현재 상태")), prose.Col(w.Say("Silent for", "현재 공백")), prose.Right(w.Say("Signs of life missed", "놓친 수신 주기")))
	for i := range w.f.Sources {
		s := &w.f.Sources[i]
		if s.SilentMS == 0 && (s.State == "" || s.State == watching.Heard || s.State == watching.Learning) {
			continue
		}
		gap, missed := "-", "-"
		if s.SilentMS > 0 {
			gap = w.ms(s.SilentMS)
		}
		if s.Missed > 0 {
			missed = term.Short(s.Missed)
		}
		quiet := "-"
		if s.QuietMS > 0 && s.State != watching.Heard {
			quiet = w.ms(s.QuietMS)
		}
		row := prose.Cells(w.name(s), gap, w.Minute(s.SilentFrom), w.state(s.State), quiet, missed)
		if s.SilentMS >= longSilence.Milliseconds() {
			row[1].Mark = "warn"
		}
		if s.State == watching.Silent || s.State == watching.Never {
			row[3].Mark = "bad"
		}
		t.Rows = append(t.Rows, row)
	}
}
