package watchdog

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/internal/control/watching"
	"weir/internal/term"
	"weir/internal/watchdog/rhythm"
)

// Rules of silence.
var (
	sourceSilent = &Rule{
		ID: "weir-source-silent", Title: "A source has fallen silent", TitleKo: "로그 소스 침묵", Level: "medium",
		About: "a source, or a device that the inventory expects, has not been heard for longer than its rhythm explains; over when it speaks",
		Do:    "Look: weir sources missing; a source that comes and goes is ephemeral in the inventory", DoKo: "확인: weir sources missing. 수시로 켜고 끄는 장비는 인벤토리에 ephemeral로 적으십시오",
	}
	allSilent = &Rule{
		ID: "weir-all-silent", Title: "Many sources have fallen silent at once", TitleKo: "다수 로그 소스 동시 침묵", Level: "high",
		About: "most of the sources that should be heard are silent, or ten fell silent at once: a network, a relay, or a holiday; one alert, not one for each",
		Do:    "Look for what they share: weir sources missing", DoKo: "공통 원인을 확인하십시오: weir sources missing",
	}
	silenceRules = []*Rule{sourceSilent, allSilent}
)

// cohortNames are the entities of weir-all-silent.
var cohortNames = map[rhythm.Cohort]string{rhythm.Always: "all days", rhythm.Working: "working days"}

// expectWithin is how long an expected device may not be heard of before that is said.
const expectWithin = 24 * time.Hour

// listen takes what the ledger counts, and keeps the alerts of who is silent.
func (w *Watchdog) listen(ctx context.Context, now time.Time) {
	src := w.opts.Sources
	if src == nil {
		return
	}
	at, list := src.Heard()
	if at.IsZero() {
		return
	}
	// Counts have a time of their own: those of a ledger that lags are of then.
	changes := w.rhythms.Observe(at, w.fold(list))
	if src.Expected != nil && (w.looked.IsZero() || now.Sub(w.looked).Abs() >= expectEvery) {
		list := src.Expected(ctx, w.ownSource())
		w.looked = now
		w.mu.Lock()
		w.missing = list
		w.expect(now)
		w.mu.Unlock()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range changes {
		w.change(now, &changes[i])
	}
	w.reconcile(now)
}

// fold turns the ledger's sources into those whose rhythm is kept, in place: without weir's own records, and with the dated
// names of files that are one.
func (w *Watchdog) fold(list []rhythm.Heard) []rhythm.Heard {
	var own map[string]int64
	if w.opts.Sources.Own != nil {
		own = w.opts.Sources.Own()
	}
	var files map[string]rhythm.Heard
	out := list[:0]
	for _, h := range list {
		h.Count -= own[h.Source]
		name := rhythmName(h.Source)
		switch {
		case name == "" || h.Count <= 0:
		case name == h.Source:
			out = append(out, h)
		default:
			if files == nil {
				files = map[string]rhythm.Heard{}
			}
			f := files[name]
			f.Source, f.Count = name, f.Count+h.Count
			if h.Last.After(f.Last) {
				f.Last = h.Last
			}
			files[name] = f
		}
	}
	for _, f := range files {
		out = append(out, f)
	}
	return out
}

// rhythmName is the name under which the rhythm of a source is kept, "" for what is no sender: weir's own records, and
// sources that the ledger has folded into one. Digits in names of files are one, since a file with a date in its name is
// never written again.
func rhythmName(source string) string {
	input, origin, ok := strings.Cut(source, "/")
	switch {
	case !ok, input == "audit", input == "redrive", input == "reparse", input == "import":
		return ""
	case input != "file" || !strings.ContainsAny(origin, "0123456789"):
		return source
	}
	var b strings.Builder
	digits := false
	for _, r := range source {
		if r >= '0' && r <= '9' {
			if !digits {
				b.WriteByte('*')
			}
			digits = true
			continue
		}
		digits = false
		b.WriteRune(r)
	}
	return b.String()
}

// zone and presence are asked by package rhythm.
func (w *Watchdog) zone(source string) *time.Location { return w.device(source).Zone }

func (w *Watchdog) presence(source string) rhythm.Presence { return w.device(source).Presence }

// device is what the inventory knows of a source.
func (w *Watchdog) device(source string) Device {
	if w.opts.Sources.Device == nil {
		return Device{}
	}
	return w.opts.Sources.Device(source)
}

// shown is a source as people call it.
func (w *Watchdog) shown(source string) string {
	d := w.device(source)
	if d.Name == "" {
		return source
	}
	return d.Name + " (" + source + ")"
}

// change keeps the alerts that follow from a change of rhythms.
func (w *Watchdog) change(now time.Time, c *rhythm.Change) {
	switch c.Kind {
	case rhythm.Silent:
		w.open(now, sourceSilent, w.silent(c))
	case rhythm.Spoke:
		w.keep.over(now, sourceSilent, c.Source)
	case rhythm.MassFell, rhythm.MassGrew:
		w.open(now, allSilent, w.many(c))
	case rhythm.MassOver:
		w.keep.over(now, allSilent, cohortNames[c.Cohort])
	}
}

// open keeps an alert, unless its rule is switched off.
func (w *Watchdog) open(now time.Time, rule *Rule, f finding) {
	if !slices.Contains(w.opts.Disable, rule.ID) {
		w.keep.bad(now, rule, &f)
	}
}

// silent is the finding of a source that is silent.
func (w *Watchdog) silent(c *rhythm.Change) finding {
	// The group has the address as events have it, so that one search finds the last of them.
	name, group := w.shown(c.Source), map[string]string{}
	if input, origin, ok := strings.Cut(c.Source, "/"); ok {
		group["weir.input"], group["log.source.address"] = input, origin
	}
	if d := w.device(c.Source); d.Name != "" {
		group["observer.name"] = d.Name
	}
	quiet, missed, since := c.Quiet, c.Missed, c.Since.UTC().Format("2006-01-02 15:04 UTC")
	return finding{entity: c.Source, begin: c.Since, sure: true, group: group, say: func(int64) (string, string) {
		return fmt.Sprintf("%s has been silent since %s, for %s; at this hour and weekday about %s signs of life were to be expected", name, since, term.Duration(quiet), term.Short(missed)),
			fmt.Sprintf("%s에서 %s부터 %s 동안 로그가 없습니다. 이 요일과 시간대에는 약 %s회 수신이 예상됩니다", name, since, term.Duration(quiet), term.Short(missed))
	}}
}

// manyShown is how many of the sources an alert about many names.
const manyShown = 10

// many is the finding of a silence of many.
func (w *Watchdog) many(c *rhythm.Change) finding {
	names := make([]string, 0, manyShown)
	for _, s := range c.Members[:min(len(c.Members), manyShown)] {
		names = append(names, w.shown(s))
	}
	list, n, of, since := strings.Join(names, ", "), len(c.Members), max(c.Of, len(c.Members)), c.Since.UTC().Format("2006-01-02 15:04 UTC")
	more, moreKo := "", ""
	if rest := n - len(names); rest > 0 {
		more, moreKo = fmt.Sprintf(" and %s more", term.Count(int64(rest))), fmt.Sprintf(" 외 %s개", term.Count(int64(rest)))
	}
	which, whichKo := "", ""
	if c.Cohort == rhythm.Working {
		which, whichKo = " that keep working days", " (평일에만 동작하는 소스)"
	}
	return finding{entity: cohortNames[c.Cohort], begin: c.Since, sure: true, total: int64(n), fresh: true, say: func(int64) (string, string) {
		return fmt.Sprintf("%s of %s sources%s have been silent since about %s: %s%s", term.Count(int64(n)), term.Count(int64(of)), which, since, list, more),
			fmt.Sprintf("소스 %s개 중 %s개%s가 %s경부터 로그를 보내지 않습니다: %s%s", term.Count(int64(of)), term.Count(int64(n)), whichKo, since, list, moreKo)
	}}
}

// expect keeps the alerts of devices that the inventory expects and nobody hears, neither as a source of their own nor
// through a relay.
func (w *Watchdog) expect(now time.Time) {
	bad := map[string]bool{}
	for _, d := range w.missing {
		entity := devicePrefix + d.Name
		if now.Sub(d.Heard) < expectWithin {
			continue
		}
		x := w.keep.list[key(sourceSilent.ID, entity)]
		if d.Heard.IsZero() && (x == nil || now.Sub(x.Begin) < expectWithin) {
			// Never, as far as is known: it has a day from when it is expected.
			w.waitFor(now, entity)
			bad[entity] = true
			continue
		}
		bad[entity] = true
		w.open(now, sourceSilent, expected(d))
	}
	for _, x := range w.keep.list {
		if x.Rule == sourceSilent.ID && isDevice(x.Entity) && !bad[x.Entity] {
			x.rule = sourceSilent
			w.keep.good(now, x)
		}
	}
}

// ownSource tells which devices are sources of their own.
func (w *Watchdog) ownSource() func(name string) bool {
	own := map[string]bool{}
	for _, row := range w.rhythms.Rows() {
		own[w.device(row.Source).Name] = true
	}
	return func(name string) bool { return own[name] }
}

// waitFor begins to wait for a device.
func (w *Watchdog) waitFor(now time.Time, entity string) {
	if w.keep.list[key(sourceSilent.ID, entity)] == nil {
		w.keep.list[key(sourceSilent.ID, entity)] = &kept{Rule: sourceSilent.ID, Entity: entity, Begin: now.UTC().Truncate(time.Millisecond), rule: sourceSilent}
		w.keep.changed = true
	}
}

// expected is the finding of a device that is not heard.
func expected(d Expected) finding {
	return finding{entity: devicePrefix + d.Name, begin: d.Heard, sure: true, group: map[string]string{"observer.name": d.Name}, say: func(int64) (string, string) {
		if d.Heard.IsZero() {
			return fmt.Sprintf("the device %s is in the inventory as expected and has never sent anything", d.Name), fmt.Sprintf("인벤토리에 expected로 등록된 장비 %s에서 로그가 온 적이 없습니다", d.Name)
		}
		since := d.Heard.UTC().Format("2006-01-02 15:04 UTC")
		return fmt.Sprintf("the device %s is in the inventory as expected and was last heard at %s", d.Name, since), fmt.Sprintf("인벤토리에 expected로 등록된 장비 %s의 마지막 로그는 %s입니다", d.Name, since)
	}}
}

// reconcile ends alerts of silence that nothing keeps any more: of sources that are heard, after what was known of their
// rhythm was lost.
func (w *Watchdog) reconcile(now time.Time) {
	var open []string
	for _, x := range w.keep.list {
		if x.Rule == sourceSilent.ID && x.Open && !isDevice(x.Entity) {
			open = append(open, x.Entity)
		}
	}
	for _, entity := range open {
		if silent, known := w.rhythms.IsSilent(entity); known && !silent {
			w.keep.over(now, sourceSilent, entity)
		}
	}
}

// Known returns what is known of sources at this moment, and the devices that are expected and not heard; with missing only
// who is silent. They are in the order of who was heard last, who never was first.
func (w *Watchdog) Known(missing bool) watching.Sources {
	out := watching.Sources{At: w.opts.Now().UTC(), Rows: []watching.Source{}}
	if w.rhythms == nil {
		return out
	}
	for _, r := range w.rhythms.Rows() {
		row := watching.Source{Source: r.Source, Device: w.device(r.Source).Name, State: watching.Heard, Known: r.Since, Last: r.Last, Quiet: r.Quiet.Milliseconds(), Missed: r.Missed, Many: r.Many}
		switch {
		case r.Silent || r.Many:
			row.State = watching.Silent
		case r.Learning:
			row.State = watching.Learning
		}
		row.Presence = presences[r.Presence]
		if !missing || row.State == watching.Silent {
			out.Rows = append(out.Rows, row)
		}
	}
	w.mu.Lock()
	for _, d := range w.missing {
		row := watching.Source{Device: d.Name, State: watching.Heard, Last: d.Heard, Presence: presences[rhythm.Expected]}
		switch {
		case d.Heard.IsZero():
			row.State = watching.Never
		case w.opts.Now().Sub(d.Heard) >= expectWithin:
			row.State = watching.Silent
		}
		if !missing || row.State != watching.Heard {
			out.Rows = append(out.Rows, row)
		}
	}
	w.mu.Unlock()
	slices.SortFunc(out.Rows, func(a, b watching.Source) int {
		return cmp.Or(a.Last.Compare(b.Last), cmp.Compare(a.Source+a.Device, b.Source+b.Device))
	})
	return out
}

// presences are as the inventory writes them.
var presences = map[rhythm.Presence]string{rhythm.Expected: "expected", rhythm.Ephemeral: "ephemeral"}
