package correlate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/internal/signal"
	"weir/rules"
)

func TestFoldGroup(t *testing.T) {
	r := bruteForce()
	cases := []struct {
		name string
		fold []string
		want string
	}{
		{"coarser", []string{"source.ip"}, "ip"},
		{"the same, other order", []string{"user.name", "source.ip"}, "root ip"},
		{"with a field that is not grouped by", []string{"user.name", "host.name"}, "root"},
		{"nothing in common", []string{"host.name"}, "ip root"},
		{"none", nil, "ip root"},
	}
	for _, c := range cases {
		r.Fold.By = c.fold
		if got := strings.Join(FoldGroup(r, []string{"ip", "root"}), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestDescribe(t *testing.T) {
	twice := bruteForce()
	twice.Correlate.Steps = []rules.Step{{When: "failed", AtLeast: 2}, {When: "login"}, {When: "failed", AtLeast: 3}}
	short := counting(2, time.Minute, time.Second)
	endless := counting(2, time.Duration(1<<63-1), -time.Hour)
	single := &rules.Rule{ID: "s", When: when("a", "b"), Fold: rules.Fold{By: []string{"ip"}, For: time.Second}}
	for _, c := range []struct {
		name         string
		rule         *rules.Rule
		needs, steps string
		within, fold time.Duration
		by, foldBy   string
	}{
		{"sequence", bruteForce(), "[3 1]", "[{0 3} {1 1}]", 10 * time.Minute, time.Hour, "[source.ip user.name]", "[source.ip]"},
		{"one condition in two steps needs the sum, and one match where no number stands", twice, "[5 1]", "[{0 2} {1 1} {0 3}]", 10 * time.Minute, time.Hour, "[source.ip user.name]", "[source.ip]"},
		{"a fold is at least the window", short, "[2]", "[{0 2}]", time.Minute, time.Minute, "[source.ip]", "[source.ip]"},
		{"spans are bounded, so that sums are", endless, "[2]", "[{0 2}]", time.Duration(farthest / 4), time.Duration(farthest / 4), "[source.ip]", "[source.ip]"},
		{"without correlate each condition is enough", single, "[1 1]", "[]", 0, time.Second, "[ip]", "[ip]"},
	} {
		rs := newRuleState(c.rule)
		if got := fmt.Sprint(rs.needs); got != c.needs {
			t.Errorf("%s: needs %s, want %s", c.name, got, c.needs)
		}
		if got := fmt.Sprint(rs.steps); got != c.steps {
			t.Errorf("%s: steps %s, want %s", c.name, got, c.steps)
		}
		if rs.within != int64(c.within) || rs.fold != int64(c.fold) {
			t.Errorf("%s: within %s, fold %s", c.name, time.Duration(rs.within), time.Duration(rs.fold))
		}
		if fmt.Sprint(rs.by) != c.by || fmt.Sprint(rs.foldBy) != c.foldBy {
			t.Errorf("%s: by %v, folded by %v", c.name, rs.by, rs.foldBy)
		}
	}
}

// Texts of a rule may change while it runs: state is kept, and the next revision has the new ones.
func TestDescribe_again(t *testing.T) {
	r := counting(1, time.Second, time.Hour)
	en := engine(r)
	first := play(t, en, []*signal.Signal{at(r, 0, "event", "a", "g")})
	next := counting(1, time.Second, time.Hour)
	next.Title, next.Version = "another title", 2
	en.SetRules([]*rules.Rule{next})
	second := play(t, en, []*signal.Signal{at(next, 2000, "event", "b", "g")})
	if len(first) != 1 || len(second) != 1 || second[0].ID != first[0].ID || second[0].Revision != 2 || second[0].Count != 2 || second[0].Title != "another title" {
		t.Errorf("%+v, then %+v", first, second)
	}
}

// The list of folds is in the order in which they were touched; the first goes first.
func TestFoldList(t *testing.T) {
	rs := newRuleState(counting(1, time.Second, time.Second))
	all := map[string]*folded{}
	for _, key := range []string{"a", "b", "c", "d"} {
		all[key] = &folded{key: key}
		rs.folds[key] = all[key]
		rs.pushFold(all[key])
	}
	order := func() (forward, backward string) {
		for f := rs.foldFirst; f != nil; f = f.next {
			forward += f.key
		}
		for f := rs.foldLast; f != nil; f = f.prev {
			backward = f.key + backward
		}
		return forward, backward
	}
	for _, c := range []struct {
		name, want string
		do         func()
	}{
		{"as they came", "abcd", func() {}},
		{"one in the middle is touched", "acdb", func() { rs.unlinkFold(all["b"]); rs.pushFold(all["b"]) }},
		{"the first is touched", "cdba", func() { rs.unlinkFold(all["a"]); rs.pushFold(all["a"]) }},
		{"the last goes", "cdb", func() { rs.dropFold(all["a"]) }},
		{"the first goes", "db", func() { rs.dropFold(all["c"]) }},
		{"all go", "", func() { rs.dropFold(all["b"]); rs.dropFold(all["d"]) }},
	} {
		c.do()
		if forward, backward := order(); forward != c.want || backward != c.want || len(rs.folds) != len(c.want) {
			t.Errorf("%s: %s, from the end %s, %d in the map", c.name, forward, backward, len(rs.folds))
		}
	}
}
