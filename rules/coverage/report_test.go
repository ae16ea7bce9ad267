package coverage

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/rules"
)

func rule(id, hash string, source rules.LogSource, needs [][]string, tags ...string) Rule {
	return Rule{ID: id, Hash: hash, Title: "T " + id, Level: "low", Tags: tags, Source: source, Needs: needs}
}

var process = rules.LogSource{Product: "windows", Category: "process_creation"}

// office is what an archive of two partitions says after a change of the rules and a crash.
func office() *Input {
	a := RuleSet{Hash: "A", At: at(0), Rules: []Rule{
		rule("ssh", "1", rules.LogSource{}, [][]string{{"process.name"}}, "attack.t1110.001", "attack.credential_access"),
		rule("old", "1", rules.LogSource{}, nil),
	}}
	b := RuleSet{Hash: "B", At: at(30), Lost: []string{"lost"}, Refused: []string{"x.yaml:1", "y.yaml:2"}, Rules: []Rule{
		rule("ssh", "1", rules.LogSource{}, [][]string{{"process.name"}}, "attack.t1110.001", "attack.credential-access", "attack.g0001"),
		rule("proc", "1", process, [][]string{{"process.command_line", "process.args"}, {"winlog.event_data.X"}}, "attack.t1059", "attack.t1110.001"),
		rule("dns", "1", rules.LogSource{Category: "dns"}, [][]string{{"dns.question.name"}, {"never.seen"}}, "attack.t1071.004"),
	}}
	auth := Span{"system.auth", "linux//sshd", 10, at(0), at(9)}
	return &Input{From: at(-60), To: at(60), Sets: map[string]RuleSet{"A": a, "B": b},
		Stretches: []Stretch{
			stretch("A", 0, 0, 100, 0, 10, auth), stretch("A", 1, 0, 50, 0, 12, auth),
			// Partition 0 goes on with B; partition 1 read a part again after a crash, and then lacks ten offsets.
			stretch("B", 0, 100, 200, 30, 40, Span{"zeek.dns", "zeek/dns/dns", 7, at(30), at(40)}),
			stretch("B", 1, 40, 60, 31, 32, auth), stretch("B", 1, 70, 80, 35, 36, auth),
		},
		Matches: map[string]int64{"ssh": 5}, Alerts: map[string]int64{"ssh": 1},
		Fields: map[string]bool{"process.name": true, "process.args": true, "dns.question.name": true, "winlog.event_data.X": true},
		Stored: []Stored{
			{"system.auth", at(0), at(5), 9}, {"system.auth", at(20), at(25), 3}, {"system.auth", at(25), at(30), 4}, {"system.auth", at(35), at(40), 1},
			{"zeek.dns", at(25), at(30), 2}, {"zeek.dns", at(30), at(35), 7}, {"empty", at(0), at(5), 0},
		}}
}

func TestCompute_Rules(t *testing.T) {
	t.Parallel()
	rep := Compute(office())
	if rep.Set != "B" || fmt.Sprint(rep.Seen) != "[linux//sshd zeek/dns/dns]" {
		t.Fatalf("set %q, seen %v", rep.Set, rep.Seen)
	}
	var got []string
	for _, r := range rep.Rules {
		got = append(got, fmt.Sprintf("%s %s source %v fields %v run %v missing %v %d/%d since %s", r.ID, r.Source, r.SourceSeen, r.FieldsSeen, r.CanRun, r.Missing, r.Matches, r.Alerts, r.Since.Format("15:04")))
	}
	want := []string{
		"ssh */*/* source true fields true run true missing [] 5/1 since 12:00", // the same version was in A
		"proc windows/process_creation/* source false fields true run false missing [] 0/0 since 12:30",
		"dns */dns/* source true fields false run false missing [[never.seen]] 0/0 since 12:30",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestRecount: what has a span by its weir.time is taken off a gap, and nothing else is; only gaps of datasets that were tried on
// at all are read.
func TestRecount(t *testing.T) {
	t.Parallel()
	in := office()
	in.Later = Times{}
	in.Later.Add(Span{Dataset: "zeek.dns", Events: 1, First: at(90), Last: at(91)}, 0)
	in.From, in.To = at(21), at(60) // in the middle of a part of system.auth
	in.Stored = append(in.Stored, Stored{"never", at(0), at(5), 2})
	times := map[string][]time.Time{
		"system.auth": {at(5), at(15), at(9).Add(time.Microsecond), at(9).Add(time.Second)},
		"zeek.dns":    {at(91), at(35)},
	}
	var read []string
	gaps, err := in.Recount(Compute(in).Gaps, func(g *Gap, from, to time.Time, each func(at time.Time)) error {
		read = append(read, fmt.Sprint(g.Dataset, from.Minute(), "-", to.Minute()))
		for _, x := range times[g.Dataset] {
			each(x)
		}
		return nil
	})
	var got []string
	for _, g := range gaps {
		if g.Dataset != "" {
			got = append(got, fmt.Sprint(g.Dataset, " ", g.Events))
		}
	}
	if err != nil || fmt.Sprint(got) != "[never 2 system.auth 5]" || fmt.Sprint(read) != "[system.auth21-30 zeek.dns25-30 system.auth35-40]" {
		t.Errorf("%v, %v, read %v", got, err, read)
	}
	fails := errors.New("no disk")
	if _, err := in.Recount(Compute(in).Gaps, func(*Gap, time.Time, time.Time, func(time.Time)) error { return fails }); !errors.Is(err, fails) {
		t.Error(err)
	}
}

// TestTimes: stretches of two partitions of a live source are one period, whatever stands between and whatever order they come in;
// what lies between two periods joins them; a pause keeps them apart.
func TestTimes(t *testing.T) {
	t.Parallel()
	times := Times{}
	for i := range 100 {
		times.Add(Span{"a", "x", 2, at(i), at(i).Add(30 * time.Second)}, time.Minute)
		times.Add(Span{"a", "old", 1, at(-5000 + 3*i), at(-5000 + 3*i + 2)}, time.Minute) // an old log that is read in beside it
		times.Add(Span{"b", "x", 1, at(3 * i), at(3*i + 1)}, time.Minute)
		times.Add(Span{"c", "x", 1, at(-10 * i), at(-10*i + 1)}, time.Minute)
	}
	if want := []period{{at(-5000), at(-4701)}, {at(0), at(99).Add(30 * time.Second)}}; !slices.Equal(times["a"], want) {
		t.Errorf("%v", times["a"])
	}
	if len(times["b"]) != 100 || len(times["c"]) != 100 || !slices.IsSortedFunc(times["c"], func(x, y period) int { return x.first.Compare(y.first) }) {
		t.Errorf("%d and %d periods", len(times["b"]), len(times["c"]))
	}
	times.Add(Span{Dataset: "a", First: at(-4800), Last: at(5)}, 0)
	if want := []period{{at(-5000), at(99).Add(30 * time.Second)}}; !slices.Equal(times["a"], want) {
		t.Errorf("joined: %v", times["a"])
	}
}

func TestCompute_Techniques(t *testing.T) {
	t.Parallel()
	var got []string
	for _, x := range Compute(office()).Techniques {
		got = append(got, fmt.Sprintf("%s %v %d/%d/%d %v %v", x.ID, x.Tactics, x.Rules, x.CanRun, x.Fired, x.MissingSources, x.MissingFields))
	}
	want := []string{"T1059 [] 1/0/0 [windows/process_creation/*] []", "T1071.004 [] 1/0/0 [] [never.seen]", "T1110.001 [credential-access] 2/1/1 [windows/process_creation/*] []"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestCompute_Sets(t *testing.T) {
	t.Parallel()
	in := office()
	in.Stretches = append(in.Stretches, stretch("unknown", 2, 0, 5, -20, -10, Span{"d", "", 5, at(-20), at(-10)}))
	var got []string
	for _, u := range Compute(in).Sets {
		got = append(got, fmt.Sprintf("%s rules %d events %d %s-%s %s-%s newest %v +%d -%d", u.Hash, u.Rules, u.Events, u.First.Format("15:04"), u.Last.Format("15:04"),
			u.OldestEvent.Format("15:04"), u.NewestEvent.Format("15:04"), u.Newest, u.Added, u.Gone))
	}
	want := []string{"B rules 3 events 27 12:30-12:40 12:00-12:40 newest true +0 -0", "A rules 2 events 20 12:00-12:12 12:00-12:09 newest false +2 -1",
		"unknown rules -1 events 5 11:40-11:50 11:40-11:50 newest false +0 -0"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestCompute_Gaps(t *testing.T) {
	t.Parallel()
	var got []string
	for _, g := range Compute(office()).Gaps {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s-%s %s %d-%d %d %s", g.Kind, g.From.Format("15:04"), g.To.Format("15:04"), g.Dataset+g.Set, g.FromOffset, g.ToOffset, g.Events, g.Why)))
	}
	want := []string{
		"older-set 12:00-12:12 A 0-0 20 rules that came later: 2, that are gone: 1",
		"not-evaluated 12:20-12:30 system.auth 0-0 7 these events are stored, and no rule set says that it evaluated them",
		"not-evaluated 12:25-12:30 zeek.dns 0-0 2 these events are stored, and no rule set says that it evaluated them",
		"rules-lost 12:30-12:40 B 0-0 27 rules that could not run: 1, the first is lost",
		"rules-lost 12:30-12:40 B 0-0 27 rules that were refused: 2, the first at x.yaml:1",
		"not-evaluated 12:32-12:35  60-70 0 no rule set says that it evaluated these records",
		"not-evaluated 12:35-12:40 system.auth 0-0 1 these events are stored, and no rule set says that it evaluated them",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestCompute_TwiceIsOnce: what is in the archive and still at hand counts once.
func TestCompute_TwiceIsOnce(t *testing.T) {
	t.Parallel()
	in := office()
	want := Compute(in)
	in.Stretches = append(in.Stretches, in.Stretches...)
	if got := Compute(in); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestCompute_Nothing(t *testing.T) {
	t.Parallel()
	in := &Input{From: at(0), To: at(1), Stored: []Stored{{"d", at(0), at(1), 5}}}
	rep := Compute(in)
	if rep.Set != "" || len(rep.Rules)+len(rep.Sets)+len(rep.Techniques) != 0 || len(rep.Gaps) != 1 || rep.Gaps[0].Events != 5 {
		t.Errorf("%+v", rep)
	}
	in.Unread = []string{"a file is damaged"}
	if rep = Compute(in); len(rep.Gaps) != 2 || rep.Gaps[1] != (Gap{Kind: Unread, From: at(0), To: at(1), Dataset: "*", Why: "a file is damaged"}) {
		t.Errorf("%+v", rep.Gaps)
	}
}

// TestHoles: offsets that are named twice hide no hole, and the order of documents does not count.
func TestHoles(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		list []Stretch
		want string
	}{
		"none":                     {nil, ""},
		"one after the other":      {[]Stretch{stretch("A", 0, 10, 20, 0, 1), stretch("A", 0, 0, 10, 0, 0)}, ""},
		"read again":               {[]Stretch{stretch("A", 0, 0, 30, 0, 1), stretch("B", 0, 10, 20, 2, 3), stretch("B", 0, 30, 40, 4, 5)}, ""},
		"a hole behind a long one": {[]Stretch{stretch("A", 0, 0, 30, 0, 1), stretch("B", 0, 10, 20, 2, 3), stretch("B", 0, 35, 40, 4, 5)}, "30-35"},
		"partitions are apart":     {[]Stretch{stretch("A", 0, 0, 10, 0, 1), stretch("A", 1, 20, 30, 0, 1)}, ""},
		"two holes":                {[]Stretch{stretch("A", 0, 0, 10, 0, 1), stretch("A", 0, 11, 12, 0, 1), stretch("A", 0, 20, 30, 0, 1)}, "10-11 12-20"},
	} {
		var got []string
		for _, g := range holes(tt.list) {
			got = append(got, fmt.Sprintf("%d-%d", g.FromOffset, g.ToOffset))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v, want %q", name, got, tt.want)
		}
	}
}

func TestUncovered_Periods(t *testing.T) {
	t.Parallel()
	list := joined([]period{{at(10), at(20)}, {at(0), at(5)}, {at(19), at(25)}, {at(12), at(13)}, {at(5), at(6)}, {at(40), at(40)}})
	if got := fmt.Sprint(len(list), list[0].last.Equal(at(6)), list[1].last.Equal(at(25)), list[2].first.Equal(at(40))); got != "3 true true true" {
		t.Fatalf("%v", list)
	}
	for _, tt := range []struct {
		from, to int
		want     bool
	}{{-5, 0, false}, {-5, 1, true}, {0, 1, true}, {6, 8, true}, {7, 9, false}, {7, 10, false}, {7, 11, true}, {25, 30, true}, {26, 40, false}, {30, 41, true}, {40, 45, true}, {41, 45, false}} {
		if got := overlaps(list, Stored{From: at(tt.from), To: at(tt.to)}); got != tt.want {
			t.Errorf("from %d to %d: %v", tt.from, tt.to, got)
		}
	}
}

func TestSeen(t *testing.T) {
	t.Parallel()
	s := newSeen([]string{"", "windows/process_creation+sysmon_any/sysmon", "linux//sshd+sudo", "odd"})
	for source, want := range map[rules.LogSource]bool{
		{}: true, process: true, {Product: "Windows"}: true, {Product: "windows", Service: "sysmon"}: true, {Service: "sudo"}: true,
		{Product: "linux", Category: "process_creation"}: false, {Product: "windows", Service: "sshd"}: false, {Product: "macos"}: false, {Product: "odd"}: false,
	} {
		if got := s.covers(source); got != want {
			t.Errorf("%s: %v", source, got)
		}
	}
	if newSeen(nil).covers(rules.LogSource{}) {
		t.Error("without events no rule can run")
	}
}

func TestAttack(t *testing.T) {
	t.Parallel()
	ids, tactics := attack([]string{"attack.t1110.001", "attack.T1110.001", "attack.t1059", "attack.credential_access", "attack.lateral-movement", "attack.g0007", "attack.s0002", "attack.c0001",
		"cve.2024.1", "attack.", "detection.t1000", "attack.t12", "attack.command_and_control"})
	if got := fmt.Sprint(ids, tactics); got != "[T1110.001 T1059] [credential-access lateral-movement t12 command-and-control]" {
		t.Error(got)
	}
}

func TestEarlierLater(t *testing.T) {
	t.Parallel()
	var none time.Time
	if !earlier(none, at(1)).Equal(at(1)) || !earlier(at(1), none).Equal(at(1)) || !earlier(at(2), at(1)).Equal(at(1)) || !later(none, at(1)).Equal(at(1)) || !later(at(2), at(1)).Equal(at(2)) {
		t.Error("zero is no time")
	}
}

// BenchmarkCompute is a month of a busy site with many rules.
func BenchmarkCompute(b *testing.B) {
	in := office()
	set := in.Sets["B"]
	for i := range 4000 {
		set.Rules = append(set.Rules, rule(fmt.Sprint("r", i), "1", process, [][]string{{"a", "b", "c"}}, fmt.Sprintf("attack.t1%03d", i%300)))
	}
	in.Sets["B"] = set
	for i := range 20_000 {
		in.Stretches = append(in.Stretches, stretch("B", int32(2+i%8), int64(i), int64(i+8), i, i+1, Span{"d", "x//", 5, at(i), at(i + 1)}))
	}
	b.ReportAllocs()
	for b.Loop() {
		Compute(in)
	}
}
