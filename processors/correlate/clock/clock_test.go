package clock

import (
	"testing"
	"time"

	"weir/processors/correlate/kind"
)

var base = time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)

// at is so long after base.
func at(d time.Duration) int64 { return base.Add(d).UnixNano() }

// step is one mark.
type step struct {
	worker, set string
	at          time.Duration
	idle        bool
}

func play(c *Clock, steps []step) {
	for _, s := range steps {
		if s.idle {
			c.Idle(s.worker, s.set, at(s.at))
		} else {
			c.Mark(s.worker, s.set, at(s.at))
		}
	}
}

// A dataset that speaks rarely does not hold back the state of the others for ever; one that is only behind does.
func TestScope_Cut(t *testing.T) {
	m := time.Minute
	for _, c := range []struct {
		name string
		in   []step
		want time.Duration
	}{
		{"one", []step{{"0", "a", 5 * m, false}}, 5 * m},
		{"never back", []step{{"0", "a", 5 * m, false}, {"0", "a", 3 * m, false}}, 5 * m},
		{"the slower dataset", []step{{"0", "b", 2 * m, false}, {"0", "a", 5 * m, false}}, 2 * m},
		{"the slower worker", []step{{"0", "a", 2 * m, false}, {"1", "a", 5 * m, false}}, 2 * m},
		{"idle lifts all of its worker", []step{{"0", "a", 2 * m, false}, {"0", "b", m, false}, {"1", "a", 9 * m, false}, {"0", "", 8 * m, true}}, 8 * m},
		{"a worker begins idle", []step{{"0", "a", 9 * m, false}, {"1", "a", 4 * m, true}}, 9 * m}, // it was nobody before
		{"silent for a day", []step{{"0", "a", 2 * m, false}, {"0", "b", 24 * time.Hour, false}}, 24 * time.Hour},
		{"silent for six hours, on the bound", []step{{"0", "a", 0, false}, {"0", "b", 6 * time.Hour, false}}, 0},
		{"and beyond it", []step{{"0", "a", 0, false}, {"0", "b", 6*time.Hour + 1, false}}, 6*time.Hour + 1},
		{"years back", []step{{"0", "old", -20000 * time.Hour, false}, {"0", "a", 5 * m, false}}, 5 * m},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := New(Options{})
			s := k.Scope(nil)
			play(k, c.in)
			if s.Cut() != at(c.want) {
				t.Errorf("%s, want %s", time.Duration(s.Cut()-at(0)), c.want)
			}
		})
	}
}

// A cut rises with the slowest that still counts, and a mark says so, because a sweep follows.
func TestMark_Rises(t *testing.T) {
	k := New(Options{})
	s := k.Scope(nil)
	for _, c := range []struct {
		name  string
		step  step
		rises bool
	}{
		{"the first mark", step{"0", "a", 0, false}, true},
		{"a second worker that is behind", step{"1", "a", -time.Minute, false}, false},
		{"it comes up, but not to the first", step{"1", "a", -time.Second, false}, false},
		{"it passes the first", step{"1", "a", time.Minute, false}, false},
		{"the first goes on", step{"0", "a", time.Second, false}, true},
		{"the same again", step{"0", "a", time.Second, false}, false},
		{"idle without a time of its own", step{"0", "", 30 * time.Second, true}, true},
		{"a third worker begins idle", step{"2", "", 20 * time.Second, true}, false},
	} {
		before, rose := s.Cut(), false
		if c.step.idle {
			rose = k.Idle(c.step.worker, c.step.set, at(c.step.at))
		} else {
			rose = k.Mark(c.step.worker, c.step.set, at(c.step.at))
		}
		if rose != c.rises || (s.Cut() > before) != c.rises {
			t.Errorf("%s: %v, cut %d, before %d", c.name, rose, s.Cut(), before)
		}
	}
}

// Each dataset has its own lateness, and each scope waits for its own datasets alone.
func TestScope_Datasets(t *testing.T) {
	k := New(Options{Lateness: 5 * time.Minute, Datasets: []Lateness{{"aws.cloudtrail", 2 * time.Hour}, {"aws.*", time.Hour}, {"broken[", time.Minute}}})
	early := k.Scope([]string{"sshd"})
	hour := 4 * time.Hour
	play(k, []step{{"0", "sshd", hour, false}, {"0", "aws.elb", hour, false}, {"1", "aws.cloudtrail", hour, false}})
	for _, c := range []struct {
		name string
		s    *Scope
		want time.Duration
	}{
		{"all", k.Scope(nil), hour - 2*time.Hour},
		{"made before the marks", early, hour - 5*time.Minute},
		{"by a pattern", k.Scope([]string{"aws.e*"}), hour - time.Hour},
		{"several", k.Scope([]string{"sshd", "aws.elb"}), hour - time.Hour},
	} {
		if c.s.Cut() != at(c.want) {
			t.Errorf("%s: %s, want %s", c.name, time.Duration(c.s.Cut()-at(0)), c.want)
		}
	}
	if k.Scope([]string{"b", "a", "b"}) != k.Scope([]string{"a", "b"}) {
		t.Error("equal lists have two scopes")
	}
	unmarked := k.Scope([]string{"gcp.*"})
	if unmarked.Cut() != kind.LongAgo {
		t.Error("nobody vouches for a dataset that was never marked")
	}
	play(k, []step{{"0", "gcp.audit", time.Hour, false}})
	if want := at(time.Hour - 5*time.Minute); unmarked.Cut() != want {
		t.Errorf("after its first mark: %d, want %d", unmarked.Cut(), want)
	}
}

// A scope whose datasets are all silent goes on behind the others; and who reads everything alone marks without a dataset.
func TestScope_SilentAndNameless(t *testing.T) {
	k := New(Options{Lateness: time.Minute})
	s := k.Scope([]string{"rare"})
	play(k, []step{{"0", "rare", 0, false}, {"0", "busy", 10 * time.Hour, false}})
	if want := at(4*time.Hour - time.Minute); s.Cut() != want {
		t.Errorf("silent: %s", time.Duration(s.Cut()-at(0)))
	}
	k = New(Options{})
	s = k.Scope([]string{"rare"})
	play(k, []step{{"reader", "", time.Hour, false}})
	if s.Cut() != at(time.Hour) {
		t.Error("a reader without datasets does not speak for all")
	}
	play(k, []step{{"0", "busy", 2 * time.Hour, false}, {"reader", "", 3 * time.Hour, false}})
	if s.Cut() != at(time.Hour) {
		t.Error("beside others that have names it does")
	}
}

// A worker whose clock is broken, or was lied to, cannot bring time forward.
func TestWritten(t *testing.T) {
	k := New(Options{})
	s := k.Scope(nil)
	k.Written(base)
	play(k, []step{{"0", "a", 0, false}, {"0", "broken", 1000 * time.Hour, false}, {"1", "a", 900 * time.Hour, true}})
	if s.Cut() > at(time.Hour) || k.Now() > at(time.Hour) {
		t.Errorf("cut %s, now %s", time.Duration(s.Cut()-at(0)), time.Duration(k.Now()-at(0)))
	}
	k.Written(base.Add(time.Minute))
	play(k, []step{{"0", "a", time.Minute, false}})
	if s.Cut() != at(time.Minute) {
		t.Errorf("a dataset is held up by one that is ahead: %s", time.Duration(s.Cut()-at(0)))
	}
	k.Written(time.Time{})
	play(k, []step{{"2", "a", 500 * time.Hour, false}, {"0", "a", 500 * time.Hour, true}, {"1", "a", 500 * time.Hour, true}})
	if s.Cut() != at(500*time.Hour) {
		t.Error("who does not know when records were written believes none of them")
	}
}

// Matches move Now, unless they lie far beyond what the marks say; once there is a mark, such a one is forgotten.
func TestNow(t *testing.T) {
	k := New(Options{})
	k.Match(at(time.Second))
	k.Match(at(0))
	if k.Now() != at(time.Second) {
		t.Error("it goes back")
	}
	k.Match(at(9000 * time.Hour))
	then := k.Now()
	k.Mark("0", "a", at(2*time.Second))
	if k.Now() != at(2*time.Second) {
		t.Errorf("a broken clock stays: %s", time.Duration(k.Now()-at(0)))
	}
	if !k.Passed(then, 1e9) || k.Passed(at(time.Second)+1, 1e9) || !k.Passed(at(time.Second), 1e9) {
		t.Error("what has passed")
	}
	k.Match(at(9000 * time.Hour))
	k.Match(at(2*time.Second + 10*time.Minute))
	if k.Now() != at(2*time.Second+10*time.Minute) {
		t.Errorf("now is %s", time.Duration(k.Now()-at(0)))
	}
}

func TestTurn(t *testing.T) {
	k := New(Options{})
	all, some := k.Scope(nil), k.Scope([]string{"a"})
	for _, c := range []struct {
		name      string
		mark      step
		any       bool
		all, some bool
	}{
		{"the first marks", step{"0", "a", 0, false}, true, true, true},
		{"not enough", step{"0", "a", time.Second - 1, false}, false, false, false},
		{"enough", step{"0", "a", time.Second, false}, true, true, true},
		{"another dataset, behind", step{"0", "b", 0, false}, false, false, false},
		{"one scope of two", step{"0", "a", time.Hour, false}, true, false, true},
	} {
		play(k, []step{c.mark})
		if got := k.Turn(1e9); got != c.any || all.Turned() != c.all || some.Turned() != c.some {
			t.Errorf("%s: %v %v %v", c.name, got, all.Turned(), some.Turned())
		}
	}
	k.Finish(at(2 * time.Hour))
	if all.Cut() != at(2*time.Hour) || some.Cut() != at(2*time.Hour) || k.Now() != at(2*time.Hour) {
		t.Error("finish")
	}
	workers := 0
	k.Workers(func(w string) { workers += len(w) })
	if workers != 1 {
		t.Errorf("%d workers", workers)
	}
}

// BenchmarkMark is a mark where there are as many as a large plant has.
func BenchmarkMark(b *testing.B) {
	k := New(Options{Lateness: time.Minute})
	k.Scope(nil)
	k.Scope([]string{"set7.*"})
	workers := []string{"raw/0", "raw/1", "raw/2", "raw/3", "raw/4", "raw/5", "raw/6", "raw/7"}
	var sets []string
	for i := range 100 {
		sets = append(sets, "set"+string(rune('0'+i%10))+"."+string(rune('a'+i/10)))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		k.Mark(workers[i%8], sets[i/8%100], at(time.Duration(i)*time.Millisecond))
	}
}
