package detect

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"weir/event"
	"weir/internal/match"
	"weir/internal/match/naive"
	"weir/internal/record"
	"weir/rules"
	"weir/rules/pipelines"
)

// routedRules are for processes of Windows and of Linux, for all of Windows, and for every event.
func routedRules(t testing.TB) *Engine {
	t.Helper()
	set := &rules.Set{Hash: "h"}
	for _, r := range []struct {
		id string
		ls pipelines.LogSource
	}{
		{"win-process", pipelines.LogSource{Product: "windows", Category: "process_creation"}},
		{"every", pipelines.LogSource{}},
		{"linux-process", pipelines.LogSource{Product: "linux", Category: "process_creation"}},
		{"win", pipelines.LogSource{Product: "windows"}},
	} {
		set.Rules = append(set.Rules, &rules.Rule{ID: r.id, Enabled: true, LogSource: r.ls, When: []rules.Condition{{Name: "event", Expr: `icontains(process.command_line, "evil")`}}})
	}
	en, faults := New(set, nil, nil)
	if len(faults) != 0 {
		t.Fatal(faults)
	}
	return en
}

func found(en *Engine, e *event.Event) string {
	var out []string
	en.Hits(e, func(r *rules.Rule, _ string) { out = append(out, r.ID) })
	for i, s := range en.Signals(e, record.Pos{}) {
		if i >= len(out) || out[i] != s.Rule {
			return fmt.Sprintf("hits %v, signals another: %s", out, s.Rule)
		}
	}
	return strings.Join(out, " ")
}

const sysmon = `{"event":{"code":"1"},"winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","provider_name":"Microsoft-Windows-Sysmon"},"process":{"command_line":"EVIL"}}`

func TestClass(t *testing.T) {
	t.Parallel()
	en := routedRules(t)
	linux := pipelines.Shipped().Class("linux", "process_creation", "")
	for _, tt := range []struct {
		name, doc string
		en        *Engine
		want      string
	}{
		{"a process of Windows", sysmon, en, "win-process every win"},
		{"another event of Windows", strings.Replace(sysmon, `"1"`, `"3"`, 1), en, "every win"},
		{"nothing is known: every rule", `{"process":{"command_line":"EVIL"}}`, en, "win-process every linux-process win"},
		{"nothing is known, but said", `{"process":{"command_line":"EVIL"}}`, en.Assuming(linux), "every linux-process"},
		{"what is said does not count where something is known", sysmon, en.Assuming(linux), "win-process every win"},
		{"no match", `{"process":{"command_line":"good"}}`, en, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := found(tt.en, decode(t, tt.doc)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestClass_SharesSets: classes with the same rules have one set, and it stays.
func TestClass_SharesSets(t *testing.T) {
	t.Parallel()
	en := routedRules(t)
	a := en.class(decode(t, sysmon))
	if en.class(decode(t, sysmon)) != a {
		t.Error("it was made again")
	}
	pipes := pipelines.Shipped()
	b, c := en.build(pipes.Class("windows", "process_creation", "")), en.build(pipes.Class("windows", "process_creation", "sysmon"))
	if b != c || b != a {
		t.Error("three sets of the same rules")
	}
}

// TestClass_ManyWorkers builds sets from many goroutines at once.
func TestClass_ManyWorkers(t *testing.T) {
	t.Parallel()
	en := routedRules(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var e event.Event
			for _, doc := range []string{sysmon, `{"process":{"command_line":"EVIL"}}`, strings.Replace(sysmon, `"1"`, `"3"`, 1)} {
				if err := e.Decode([]byte(doc)); err != nil {
					t.Error(err)
				}
				if n := len(en.Signals(&e, record.Pos{})); n < 2 {
					t.Errorf("%d signals", n)
				}
			}
		})
	}
	wg.Wait()
	if got := en.Counts()[1].Matched; got != 24 {
		t.Errorf("counted %d", got)
	}
}

// TestEngine_AsNaive compares the engine with the naive meaning of its rules, on random rules, log sources and events.
func TestEngine_AsNaive(t *testing.T) {
	t.Parallel()
	r := naive.Random{R: rand.New(rand.NewPCG(7, 8))}
	sources := []pipelines.LogSource{{}, {Product: "windows"}, {Product: "windows", Category: "process_creation"}, {Product: "linux"}, {Category: "process_creation"}, {Product: "windows", Service: "sysmon"}}
	pipes := pipelines.Shipped()
	held := 0
	for range 40 {
		set := &rules.Set{}
		for i := range 60 {
			set.Rules = append(set.Rules, &rules.Rule{ID: fmt.Sprint(i), Enabled: true, LogSource: sources[r.R.IntN(len(sources))], Sigma: true,
				When: []rules.Condition{{Name: "event", Tree: r.Tree(2)}}})
		}
		lists := match.Lists{"list": match.NewList("root", "cmd")}
		en, faults := New(set, lists, pipes)
		if len(faults) != 0 {
			t.Fatal(faults)
		}
		for range 20 {
			e := r.Event()
			if r.R.IntN(2) == 0 {
				e.SetStr(event.EventCode, fmt.Sprint(1+r.R.IntN(3)))
				e.SetPath("winlog.channel", event.Str("Microsoft-Windows-Sysmon/Operational"))
			}
			c := pipes.Classify(e)
			var want, got []string
			for _, rule := range set.Rules {
				if (c == 0 || pipes.Covers(c, rule.LogSource)) && naive.Holds(rule.When[0].Tree, e, func(name, value string) bool { return lists[name].Has(value) }) {
					want = append(want, rule.ID)
				}
			}
			en.Hits(e, func(rule *rules.Rule, _ string) { got = append(got, rule.ID) })
			if !slices.Equal(got, want) {
				t.Fatalf("got %v, want %v on %s", got, want, e.AppendJSON(nil))
			}
			held += len(got)
		}
	}
	if held < 1000 {
		t.Errorf("only %d held: the test says little", held)
	}
}

// loadText reads a rule file.
func loadText(t testing.TB, text string) *rules.Set {
	t.Helper()
	set := rules.LoadFS(fstest.MapFS{"f.yaml": {Data: []byte(text)}}, "r", rules.Options{})
	if len(set.Faults) != 0 {
		t.Fatal(set.Faults)
	}
	return set
}
